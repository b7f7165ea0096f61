/** Reading of one configured bucket. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
  type GetObjectCommandOutput,
} from '@aws-sdk/client-s3';
import { TransferFailed } from '../errors.ts';
import type { BucketAccess } from './buckets.ts';
import { continued } from './continued.ts';

export interface S3Object {
  readonly key: string;
  readonly bytes: number;
  /** Changes with the content. */
  readonly etag: string;
}

export class S3Bucket {
  readonly #access: BucketAccess;
  readonly #client: S3Client;
  readonly #payer: { RequestPayer?: 'requester' };

  constructor(access: BucketAccess) {
    this.#access = access;
    this.#payer = access.requesterPays ? { RequestPayer: 'requester' } : {};
    this.#client = new S3Client({
      region: access.region,
      forcePathStyle: access.pathStyle,
      ...(access.endpointUrl === undefined ? {} : { endpoint: access.endpointUrl }),
      ...(access.credentials === undefined
        ? { signer: { sign: async (request) => request }, credentials: nobody }
        : { credentials: access.credentials }),
      followRegionRedirects: false,
      maxAttempts: 5,
      requestHandler: { connectionTimeout: 5000, requestTimeout: 30_000 },
    });
  }

  /** The object, or undefined where there is none. @throws TransferFailed */
  async find(key: string, signal: AbortSignal): Promise<S3Object | undefined> {
    try {
      const answer = await this.#asked(key, () =>
        this.#client.send(new HeadObjectCommand({ ...this.#at(key) }), { abortSignal: signal }),
      );
      return { key, bytes: answer.ContentLength ?? 0, etag: answer.ETag ?? '' };
    } catch (error) {
      if (error instanceof TransferFailed && isAbsent(error.cause)) return undefined;
      throw error;
    }
  }

  /** Objects below a prefix, at most `most`. @throws TransferFailed, also when there are more */
  async list(prefix: string, most: number, signal: AbortSignal): Promise<S3Object[]> {
    const found: S3Object[] = [];
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.#access.bucket,
        Prefix: prefix,
        ...this.#payer,
        ...(next === undefined ? {} : { ContinuationToken: next }),
      });
      const answer = await this.#asked(prefix, () =>
        this.#client.send(command, { abortSignal: signal }),
      );
      for (const { Key, Size, ETag } of answer.Contents ?? [])
        if (Key !== undefined) found.push({ key: Key, bytes: Size ?? 0, etag: ETag ?? '' });
      if (found.length > most) {
        throw new TransferFailed(
          `${this.shown(prefix)} holds more than ${most} objects, which is no product.`,
        );
      }
      next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    } while (next !== undefined);
    return found;
  }

  /**
   * The bytes `from` to `to` (exclusive) of an object; a cut connection is continued where it was cut.
   * @throws TransferFailed, also when the object changes meanwhile
   */
  bytes(
    object: S3Object,
    { from, to }: { readonly from: number; readonly to: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const open = async (at: number): Promise<AsyncIterable<Uint8Array>> =>
      (await this.#get(object, at, to, signal)).Body as AsyncIterable<Uint8Array>;
    const mayPass = (error: unknown): boolean => {
      signal.throwIfAborted();
      return !(error instanceof TransferFailed);
    };
    const stalled = (): TransferFailed =>
      new TransferFailed(`${this.shown(object.key)}: the connection is cut again and again.`);
    return continued({ from, to }, { open, mayPass, stalled });
  }

  async #get(
    object: S3Object,
    from: number,
    to: number,
    signal: AbortSignal,
  ): Promise<GetObjectCommandOutput> {
    const command = new GetObjectCommand({
      ...this.#at(object.key),
      Range: `bytes=${from}-${to - 1}`,
      ...(object.etag === '' ? {} : { IfMatch: object.etag }),
    });
    return this.#asked(object.key, () => this.#client.send(command, { abortSignal: signal }));
  }

  #at(key: string): { Bucket: string; Key: string; RequestPayer?: 'requester' } {
    return { Bucket: this.#access.bucket, Key: key, ...this.#payer };
  }

  /** For messages: the address as a user would write it, without what may be the signature of a link. */
  shown(key: string): string {
    return `s3://${this.#access.bucket}/${key.replace(/\?.*$/s, '')}`;
  }

  async #asked<Answer>(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      throw new TransferFailed(`${this.shown(key)} cannot be read: ${reasonOf(error)}.`, {
        cause: error,
      });
    }
  }

  close(): void {
    this.#client.destroy();
  }
}

const nobody = { accessKeyId: '', secretAccessKey: '' };

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** The class of an answer, never its body. */
function reasonOf(error: unknown): string {
  const status = statusOf(error);
  if (status === 401 || status === 403)
    return "access denied; the operator's keys for this bucket may be missing or not suffice";
  if (status === 404) return 'there is no such object or bucket';
  if (status === 412) return 'it changed while it was read';
  return status === undefined ? 'the storage cannot be reached' : `the storage answers ${status}`;
}
