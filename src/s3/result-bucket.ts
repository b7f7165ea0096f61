/** A bucket into which results are written. */
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createS3Client, type S3ClientOptions, type S3Place } from './client.ts';
import { continued } from './continued.ts';
import { answerTo, S3Fault, s3Fault, unless, unlessAbsent } from './fault.ts';
import type { Fingerprint } from './fingerprint.ts';
import { bodyOf, type Span } from './part.ts';
import {
  abortUploads,
  disposition,
  unfinishedUploads,
  upload,
  type UploadOrder,
} from './upload.ts';

/** Most keys that one request removes. */
const mostRemoved = 1000;

/** All methods throw S3Fault. */
export class ResultBucket {
  readonly name: string;
  readonly #client: S3Client;
  readonly #signal: AbortSignal;

  constructor(name: string, place: S3Place, options: S3ClientOptions) {
    this.name = name;
    this.#client = createS3Client(place, options);
    this.#signal = options.signal ?? new AbortController().signal;
  }

  close(): void {
    this.#client.destroy();
  }

  /** Finds out whether there is such a bucket that may be listed. */
  async look(): Promise<void> {
    const command = new HeadBucketCommand({ Bucket: this.name });
    await answerTo('s3:ListBucket', this.#client.send(command));
  }

  /**
   * Finds out whether an object of this key may be written: begins an upload and ends it, so that nothing is left. Some
   * services do not let who began it end it without a right to do so; an upload without parts holds no data.
   */
  async tryWrite(key: string): Promise<void> {
    const place = { Bucket: this.name, Key: key };
    const begin = this.#client.send(new CreateMultipartUploadCommand(place));
    const { UploadId } = await answerTo('s3:PutObject', begin);
    if (UploadId === undefined) throw new S3Fault('not-s3', 's3:PutObject', 'no upload was begun');
    const end = new AbortMultipartUploadCommand({ ...place, UploadId });
    await unless(
      ['no-object', 'no-upload', 'denied'],
      answerTo('s3:AbortMultipartUpload', this.#client.send(end)),
    );
  }

  /** Uploads a file and verifies it. */
  upload(
    order: Omit<UploadOrder, 'bucket'>,
    progress?: (bytes: number) => void,
  ): Promise<Fingerprint> {
    return upload(this.#client, { ...order, bucket: this.name }, progress);
  }

  /** Ends what was begun below a prefix. */
  abortUploads(prefix: string): Promise<void> {
    return abortUploads(this.#client, this.name, prefix);
  }

  /** Keys of what was begun below a prefix. */
  async *unfinished(prefix: string): AsyncGenerator<string> {
    for await (const { key } of unfinishedUploads(this.#client, this.name, prefix)) yield key;
  }

  /** What is kept with an object; undefined where there is none. */
  async metadata(key: string): Promise<Readonly<Record<string, string>> | undefined> {
    const command = new HeadObjectCommand({ Bucket: this.name, Key: key });
    const found = await unlessAbsent(answerTo('s3:GetObject', this.#client.send(command)));
    return found && (found.Metadata ?? {});
  }

  /**
   * The bytes of a part of an object of so many bytes; a cut connection is continued where it was cut, after a pause.
   * @throws also what the SDK says of a checksum that does not fit
   */
  bytes(
    { key, size: bytes }: Sized,
    span: Span,
    retryDelaysMs: readonly number[],
  ): AsyncGenerator<Uint8Array> {
    const operation = 's3:GetObject';
    const refused = (reason: string): Error => new S3Fault('not-s3', operation, reason);
    return continued(
      span,
      {
        open: async (from) => {
          const Range = `bytes=${from}-${span.to - 1}`;
          const command = new GetObjectCommand({ Bucket: this.name, Key: key, Range });
          const answer = await answerTo(operation, this.#client.send(command));
          return bodyOf(answer, { bytes, etag: '' }, { from, to: span.to }, refused);
        },
        refused,
        ended: (error) => s3Fault(operation, error),
      },
      { signal: this.#signal, retryDelaysMs },
    );
  }

  /** Keys below a prefix, in order. */
  async *keys(prefix: string): AsyncGenerator<string> {
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.name,
        Prefix: prefix,
        ...(next !== undefined && { ContinuationToken: next }),
      });
      const page: ListObjectsV2CommandOutput = await answerTo(
        's3:ListBucket',
        this.#client.send(command),
      );
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (next !== undefined);
  }

  async remove(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.name, Key: key });
    await unlessAbsent(answerTo('s3:DeleteObject', this.#client.send(command)));
  }

  /** Removes everything below a prefix. */
  async removeAll(prefix: string): Promise<void> {
    let keys: string[] = [];
    for await (const key of this.keys(prefix)) {
      keys.push(key);
      if (keys.length < mostRemoved) continue;
      await this.#removeMany(keys);
      keys = [];
    }
    if (keys.length > 0) await this.#removeMany(keys);
  }

  async #removeMany(keys: readonly string[]): Promise<void> {
    const Objects = keys.map((Key) => ({ Key }));
    const command = new DeleteObjectsCommand({
      Bucket: this.name,
      Delete: { Objects, Quiet: true },
    });
    const { Errors = [] } = await answerTo('s3:DeleteObject', this.#client.send(command));
    // One by one they say why.
    for (const { Key } of Errors) if (Key !== undefined) await this.remove(Key);
  }

  /** Address of an object, with neither signature nor query. */
  async address(key: string): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.name, Key: key });
    const url = new URL(await getSignedUrl(this.#client, command));
    url.search = '';
    return url.href;
  }

  /** Address under which anybody may read an object for a while. */
  signedAddress({ key, mediaType, fileName }: Named, seconds: number): Promise<string> {
    const command = new GetObjectCommand({
      Bucket: this.name,
      Key: key,
      ResponseContentType: mediaType,
      ResponseContentDisposition: disposition(fileName),
    });
    return getSignedUrl(this.#client, command, { expiresIn: seconds });
  }
}

interface Sized {
  readonly key: string;
  readonly size: number;
}

interface Named {
  readonly key: string;
  readonly mediaType: string;
  readonly fileName: string;
}
