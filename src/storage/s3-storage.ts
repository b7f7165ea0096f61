import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Misconfigured, StoreUnavailable, Unusable } from '../errors.ts';
import { retrying } from '../outbound/attempts.ts';
import { passingFault } from '../outbound/fault.ts';
import { S3Fault, type S3FaultKind } from '../s3/fault.ts';
import type { ResultBucket } from '../s3/result-bucket.ts';
import {
  assertUndamaged,
  type Access,
  type ByteRange,
  type Storage,
  type Stored,
} from './storage.ts';

/** Life of the addresses that are handed out: a fresh one for each access, so that a program has time to read in parts. */
const linkSeconds = 3600;

/** How long the answer to whether the bucket answers holds: probes ask often, and requests to buckets cost. */
const lookMs = 15_000;

/** Between the parts of what is read over connections that are cut: shorter than for uploads, since somebody waits. */
const readDelaysMs: readonly number[] = [50, 100, 200, 400, 800];

/** Nothing ends an upload but its success or failure. */
const never = new AbortController().signal;

/** Results as objects of one bucket, below a prefix (without `/` at its ends, may be empty). */
export class S3Storage implements Storage {
  readonly #bucket: ResultBucket;
  readonly #root: string;
  readonly #retryDelaysMs: readonly number[] | undefined;
  #looked: { readonly atMs: number; readonly answers: Promise<boolean> } | undefined;

  /** @param retryDelaysMs as `outbound/attempts.ts` has them */
  constructor(bucket: ResultBucket, prefix: string, retryDelaysMs?: readonly number[]) {
    this.#bucket = bucket;
    this.#root = prefix === '' ? '' : `${prefix}/`;
    this.#retryDelaysMs = retryDelaysMs;
  }

  /** Finds out whether the bucket can be listed and written. @throws Misconfigured */
  async assertUsable(): Promise<void> {
    try {
      // First what has an answer with words.
      await this.#bucket.tryWrite(`${this.#root}write-check`);
      await this.#bucket.look();
    } catch (error) {
      throw new Misconfigured(
        `RESULT_STORE=s3://${this.#bucket.name}/${this.#root.slice(0, -1)}: ${remedy(error)}`,
        { cause: error },
      );
    }
  }

  async put(key: string, file: string, mediaType: string): Promise<Stored> {
    const fileName = basename(key);
    const order = { key: this.#key(key), path: file, fileName, mediaType };
    const retries = { signal: never, retryDelaysMs: this.#retryDelaysMs };
    try {
      const upload = (): Promise<{ size: number; sha256: string }> => this.#bucket.upload(order);
      const { size, sha256 } = await retrying(retries, upload);
      await rm(file);
      return { key, mediaType, size, sha256, fileName };
    } catch (error) {
      // What cannot be removed now is found with the orphans.
      await this.#bucket.abortUploads(order.key).catch(() => undefined);
      await this.#bucket.remove(order.key).catch(() => undefined);
      throw this.#named(error);
    }
  }

  async access(stored: Stored): Promise<Access | undefined> {
    const key = this.#key(stored.key);
    const isThere = (await this.#asked(this.#bucket.metadata(key))) !== undefined;
    if (!isThere) return undefined;
    const url = await this.#asked(this.#bucket.signedAddress({ ...stored, key }, linkSeconds));
    return { kind: 'link', url };
  }

  async *bytes(stored: Stored, range: ByteRange): AsyncGenerator<Uint8Array> {
    const object = { ...stored, key: this.#key(stored.key) };
    try {
      yield* this.#bucket.bytes(object, range, this.#retryDelaysMs ?? readDelaysMs);
    } catch (error) {
      if (error instanceof S3Fault) throw this.#named(error);
      // The checksum of the object does not fit what came.
      throw new Unusable(`The stored result ${stored.key} is damaged.`, { cause: error });
    }
  }

  async read(stored: Stored): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.bytes(stored, { from: 0, to: stored.size })) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    assertUndamaged(content, stored);
    return content;
  }

  async remove(prefix: string): Promise<void> {
    const below = `${this.#key(prefix)}/`;
    await this.#asked(this.#bucket.removeAll(below));
    await this.#asked(this.#bucket.abortUploads(below));
  }

  answers(): Promise<boolean> {
    const nowMs = performance.now();
    if (this.#looked === undefined || nowMs - this.#looked.atMs > lookMs) {
      const answers = this.#bucket.look().then(
        () => true,
        () => false,
      );
      this.#looked = { atMs: nowMs, answers };
    }
    return this.#looked.answers;
  }

  async *attempts(): AsyncGenerator<{ jobId: string; attempt: number }> {
    const below = `${this.#root}jobs/`;
    const seen = new Set<string>();
    try {
      for (const keys of [this.#bucket.keys(below), this.#bucket.unfinished(below)]) {
        for await (const key of keys) {
          const [jobId = '', attempt = ''] = key.slice(below.length).split('/');
          if (seen.has(`${jobId}/${attempt}`)) continue;
          seen.add(`${jobId}/${attempt}`);
          yield { jobId, attempt: Number(attempt) };
        }
      }
    } catch (error) {
      throw this.#named(error);
    }
  }

  /** Keys are made by this program; all the same none may leave the root. */
  #key(key: string): string {
    const parts = key.split('/');
    if (parts.some((part) => ['', '.', '..'].includes(part)))
      throw new Error(`The key "${key}" leaves the store.`);
    return `${this.#root}${key}`;
  }

  async #asked<Answer>(asked: Promise<Answer>): Promise<Answer> {
    try {
      return await asked;
    } catch (error) {
      throw this.#named(error);
    }
  }

  #named(error: unknown): unknown {
    if (!(error instanceof S3Fault)) return error;
    const message = `The result store s3://${this.#bucket.name}/${this.#root} fails at ${error.operation} (${error.message}).`;
    const Named = passingFault(error) === undefined ? Unusable : StoreUnavailable;
    return new Named(message, { cause: error });
  }
}

const missing = 'there is no such bucket. Create it, or check RESULT_S3_ENDPOINT_URL.';
const unreachable = 'the service cannot be reached. Check RESULT_S3_ENDPOINT_URL and the network.';

const remedies: Partial<Record<S3FaultKind, (fault: S3Fault) => string>> = {
  'no-bucket': () => missing,
  'no-object': () => missing,
  denied: ({ operation }) =>
    `${operation} is denied. The keys need s3:ListBucket, s3:ListBucketMultipartUploads, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload.`,
  'wrong-region': ({ region = 'another region' }) =>
    `the bucket is in ${region}. Set RESULT_S3_REGION.`,
  unreachable: () => unreachable,
  cut: () => unreachable,
};

/** What the operator can do about a bucket that cannot be used. */
function remedy(error: unknown): string {
  if (!(error instanceof S3Fault)) {
    const { message } = error as Error;
    return `the AWS SDK cannot begin (${message}). Give RESULT_S3_REGION, and keys by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or a role.`;
  }
  return (
    remedies[error.kind]?.(error) ??
    `the service refuses it (${error.message}). Check RESULT_S3_ENDPOINT_URL, RESULT_S3_REGION and the keys.`
  );
}
