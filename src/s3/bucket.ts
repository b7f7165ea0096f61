/** Reading of one configured bucket. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3ServiceException,
  type S3Client,
} from '@aws-sdk/client-s3';
import { TransferFailed } from '../errors.ts';
import { connectionTrouble, PassingFault } from '../outbound/fault.ts';
import type { BucketAccess } from './buckets.ts';
import { createS3Client } from './client.ts';
import { continued } from './continued.ts';
import { bodyOf, changed, isWhole, quoted, type ObjectVersion, type Span } from './part.ts';

export interface S3Object extends ObjectVersion {
  readonly key: string;
}

export interface BucketOptions {
  /** Pauses after cuts without progress, in ms; see `Retries`. */
  readonly retryDelaysMs?: readonly number[];
}

const answerMs = 30_000;

export class S3Bucket {
  readonly #access: BucketAccess;
  readonly #options: BucketOptions;
  readonly #client: S3Client;
  readonly #payer: { RequestPayer?: 'requester' };

  constructor(access: BucketAccess, options: BucketOptions = {}) {
    this.#access = access;
    this.#options = options;
    this.#payer = access.requesterPays ? { RequestPayer: 'requester' } : {};
    this.#client = createS3Client(access, {
      credentials: access.credentials ?? 'none',
      answerMs,
      sdk: { maxAttempts: 5, responseChecksumValidation: 'WHEN_REQUIRED' },
    });
  }

  /** The object, or undefined where there is none. @throws TransferFailed */
  async find(key: string, signal: AbortSignal): Promise<S3Object | undefined> {
    try {
      const answer = await this.#asked(key, () =>
        this.#client.send(new HeadObjectCommand({ ...this.#at(key) }), { abortSignal: signal }),
      );
      return { key, bytes: answer.ContentLength ?? 0, etag: quoted(answer.ETag) };
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
        if (Key !== undefined) found.push({ key: Key, bytes: Size ?? 0, etag: quoted(ETag) });
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
   * The bytes of a part of an object; a cut connection is continued where it was cut, after a pause.
   * @throws TransferFailed, also when the object changes meanwhile, or other bytes come than were asked for
   */
  bytes(object: S3Object, span: Span, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    return continued(
      span,
      {
        open: (from) => this.#get(object, { from, to: span.to }, signal),
        refused: (reason) => this.#fault(object.key, reason),
        ended: (error) => this.#bodyFault(object, error),
      },
      { ...this.#options, signal },
    );
  }

  async #get(
    object: S3Object,
    span: Span,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const command = new GetObjectCommand({
      ...this.#at(object.key),
      Range: `bytes=${span.from}-${span.to - 1}`,
      ...(object.etag === '' ? {} : { IfMatch: object.etag }),
      // Some servers send the checksum of the object with every part of it.
      ...(isWhole(object, span) ? { ChecksumMode: 'ENABLED' } : {}),
    });
    const answer = await this.#asked(object.key, () =>
      this.#client.send(command, { abortSignal: signal }),
    );
    return bodyOf(answer, object, span, (reason) => this.#fault(object.key, reason));
  }

  /** What it means that a body did not come to its end. */
  #bodyFault({ key, etag }: S3Object, error: unknown): TransferFailed {
    if (error instanceof TransferFailed) return error;
    if (!isCut(error)) return this.#fault(key, 'what came is damaged', error);
    // Without an ETag the rest may be of another version.
    if (etag === '') return this.#fault(key, 'it was cut, and cannot be gone on with', error);
    const what = 'the connection is cut';
    return this.#fault(key, `${what} again and again`, new PassingFault(what, { cause: error }));
  }

  #fault(key: string, reason: string, cause?: unknown): TransferFailed {
    return new TransferFailed(`${this.shown(key)} cannot be read: ${reason}.`, { cause });
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
      throw this.#fault(key, reasonOf(error), error);
    }
  }

  close(): void {
    this.#client.destroy();
  }
}

/** Everything else that ends a body early is no accident of the network: a checksum that does not fit, for one. */
function isCut(error: unknown): boolean {
  return connectionTrouble(error) === 'cut' || (error as Error).name === 'TimeoutError';
}

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
  if (status === 412) return changed;
  return status === undefined ? 'the storage cannot be reached' : `the storage answers ${status}`;
}
