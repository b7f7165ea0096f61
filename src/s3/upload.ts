/** Files into buckets, whole or not at all. */
import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import {
  AbortMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type HeadObjectCommandOutput,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { answerTo, S3Fault, unlessAbsent } from './fault.ts';
import { fingerprint, type Fingerprint } from './fingerprint.ts';

const MiB = 1024 * 1024;
/** Four are under way at once. A larger file than 10,000 of them no result is. */
const partBytes = 8 * MiB;

/** A file and the object that it becomes. */
export interface UploadOrder {
  readonly bucket: string;
  readonly key: string;
  /** Absolute path of the file. */
  readonly path: string;
  readonly fileName: string;
  readonly mediaType: string;
  /** Kept with the object. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What is said about an object to whoever gets it. */
export function disposition(fileName: string): string {
  return `inline; filename="${fileName}"`;
}

/**
 * Uploads a file and verifies what lies there then. An upload that fails is ended; one whose object does not fit stays for
 * the caller to remove. `progress` hears of bytes sent.
 * @throws S3Fault
 */
export async function upload(
  client: S3Client,
  order: UploadOrder,
  progress: (bytes: number) => void = () => undefined,
): Promise<Fingerprint> {
  const { bucket: Bucket, key: Key, path } = order;
  const expected = await fingerprint(path, partBytes);
  const body = createReadStream(path);
  const sending = new Upload({
    client,
    partSize: partBytes,
    params: {
      Bucket,
      Key,
      Body: body,
      ContentLength: expected.size,
      ContentType: order.mediaType,
      ContentDisposition: disposition(order.fileName),
      ChecksumAlgorithm: 'CRC32',
      Metadata: { ...order.metadata, sha256: expected.sha256 },
    },
  });
  sending.on('httpUploadProgress', ({ loaded }) => progress(loaded ?? 0));
  try {
    const { ChecksumCRC32: told } = await answerTo('s3:PutObject', sending.done());
    await verify(client, { Bucket, Key }, { expected, told });
  } finally {
    body.destroy();
  }
  return expected;
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/**
 * Size and checksum, as far as the service tells them and the keys allow to ask. Where it tells no checksum the object is read.
 * Whoever may only write has to be content with the checksums that the service compared with what it received.
 */
async function verify(
  client: S3Client,
  place: Place,
  { expected, told }: { readonly expected: Fingerprint; readonly told: string | undefined },
): Promise<void> {
  const head = await headOf(client, place);
  if (head !== undefined && head.ContentLength !== expected.size)
    throw damaged(`${head.ContentLength} bytes instead of ${expected.size}`);
  const checksum = head?.ChecksumCRC32 ?? told;
  if (checksum !== undefined) {
    if (!expected.crc32.includes(checksum)) throw damaged('another checksum than the file');
  } else if (head !== undefined && (await sha256Of(client, place)) !== expected.sha256)
    throw damaged('another content than the file');
}

const damaged = (what: string): S3Fault =>
  new S3Fault('damaged', 's3:PutObject', `stored: ${what}`);

/** Undefined where it is not allowed to ask. */
async function headOf(
  client: S3Client,
  place: Place,
): Promise<HeadObjectCommandOutput | undefined> {
  const command = new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' });
  try {
    return await answerTo('s3:GetObject', client.send(command));
  } catch (error) {
    if (!(error instanceof S3Fault)) throw error;
    if (error.kind === 'denied') return undefined;
    throw error.kind === 'no-object' ? damaged('nothing') : error;
  }
}

async function sha256Of(client: S3Client, place: Place): Promise<string> {
  const hash = createHash('sha256');
  const { Body } = await answerTo('s3:GetObject', client.send(new GetObjectCommand(place)));
  await answerTo('s3:GetObject', pipeline(Body as AsyncIterable<Uint8Array>, hash));
  return hash.digest('hex');
}

/** Keys of uploads below `prefix` that were begun and not ended. @throws S3Fault */
export async function* unfinishedUploads(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<{ readonly key: string; readonly uploadId: string }> {
  let next: Partial<ListMultipartUploadsCommandInput> | undefined = {};
  while (next !== undefined) {
    const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...next });
    const page: ListMultipartUploadsCommandOutput = await answerTo(
      's3:ListBucketMultipartUploads',
      client.send(command),
    );
    for (const { Key: key = '', UploadId: uploadId } of page.Uploads ?? [])
      if (uploadId !== undefined && key.startsWith(prefix)) yield { key, uploadId };
    const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    const hasMore = page.IsTruncated === true && KeyMarker !== undefined;
    next = hasMore ? { KeyMarker, UploadIdMarker } : undefined;
  }
}

/** Ends uploads below `prefix` that were begun and not ended: nothing of them stays. @throws S3Fault */
export async function abortUploads(
  client: S3Client,
  bucket: string,
  prefix: string,
): Promise<void> {
  for await (const { key, uploadId } of unfinishedUploads(client, bucket, prefix)) {
    const command = new AbortMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
    });
    await unlessAbsent(answerTo('s3:AbortMultipartUpload', client.send(command)));
  }
}
