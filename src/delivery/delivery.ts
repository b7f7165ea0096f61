/**
 * Delivery of results to a bucket of the user's, for the child that has the network. Every connection passes the outbound
 * guard; no message holds a key.
 *
 * All attempts of a job write the same keys, so that a retry leaves no second copy. Each object says which attempt wrote it:
 * one that has lost its job removes what it or an earlier one has put there, and never what a later one has delivered.
 */
import { stat } from 'node:fs/promises';
import { retrying } from '../outbound/attempts.ts';
import { S3Fault, type S3FaultKind } from '../s3/fault.ts';
import type { ResultBucket } from '../s3/result-bucket.ts';
import { folderOf } from './destination.ts';
import { withTarget, type Target } from './target.ts';

export type { Destination } from './destination.ts';

/** What is delivered where: the objects of a job lie below `<prefix>/<jobId>/`. */
export interface Delivery extends Target {
  readonly jobId: string;
  /** Number of the attempt that delivers. */
  readonly attempt: number;
  /** Pauses before repetitions, in ms, as `outbound/attempts.ts` has them. */
  readonly retryDelaysMs?: readonly number[];
}

/** A file to be delivered. */
export interface DeliveryFile {
  /** Absolute path. */
  readonly path: string;
  /** Last part of the object's key. */
  readonly fileName: string;
  readonly mediaType: string;
}

/** A file that lies in the bucket, whole and verified. */
export interface DeliveredFile {
  readonly key: string;
  /** `s3://bucket/key` */
  readonly uri: string;
  /** The object's address at its endpoint, without a signature. */
  readonly href: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly fileName: string;
}

export interface DeliveryContext {
  readonly signal: AbortSignal;
  /** `percent` 0–100 of all bytes; never falls. */
  progress(percent: number, message: string): void;
}

/** What is cleaned up after a failure or a stop has to be done in this time: the child that does it is killed soon. */
const cleaningMs = 6000;

/**
 * Finds out whether the job may write there, and leaves nothing behind.
 * @returns the address of the folder in which its objects will be, without a slash at its end
 * @throws DeliveryRefused where the user has to change something, AddressNotAllowed, DeliveryFailed where it may pass, Cancelled
 */
export function checkDelivery(delivery: Delivery, signal: AbortSignal): Promise<string> {
  const { destination, jobId, retryDelaysMs } = delivery;
  const folder = folderOf(destination, jobId);
  return withTarget(delivery, signal, async (bucket) => {
    await retrying({ signal, retryDelaysMs }, () => bucket.tryWrite(`${folder}write-check`));
    await asFarAsPossible(bucket.abortUploads(folder));
    return (await bucket.address(folder)).replace(/\/$/, '');
  });
}

/**
 * Uploads all files, in order; what an earlier attempt of this job left half-done is removed before. When it fails, nothing
 * half-written is left, nor a file that this call has uploaded, as far as the keys allow that.
 * @throws DeliveryRefused, AddressNotAllowed, DeliveryFailed, Cancelled
 */
export async function deliver(
  delivery: Delivery,
  files: readonly DeliveryFile[],
  context: DeliveryContext,
): Promise<readonly DeliveredFile[]> {
  const folder = folderOf(delivery.destination, delivery.jobId);
  const meter = await Meter.of(files, context);
  try {
    return await withTarget(delivery, context.signal, async (bucket) => {
      await asFarAsPossible(bucket.abortUploads(folder));
      const delivered: DeliveredFile[] = [];
      for (const file of files) delivered.push(await deliverOne(delivery, bucket, file, meter));
      // A request that was repeated because its answer was lost has begun an upload that nobody knows.
      await asFarAsPossible(bucket.abortUploads(folder));
      return delivered;
    });
  } catch (error) {
    const keys = files.map(({ fileName }) => `${folder}${fileName}`);
    await withdraw(delivery, keys, AbortSignal.timeout(cleaningMs)).catch(() => undefined);
    throw error;
  }
}

async function deliverOne(
  { destination, jobId, attempt, retryDelaysMs }: Delivery,
  bucket: ResultBucket,
  { path, fileName, mediaType }: DeliveryFile,
  meter: Meter,
): Promise<DeliveredFile> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(fileName)) throw new Error(`No file name: ${fileName}`);
  const key = `${folderOf(destination, jobId)}${fileName}`;
  const metadata = { job: jobId, attempt: String(attempt) };
  const notice = (message: string): void => meter.tell(`Delivering ${fileName}: ${message}`);
  const { size, sha256 } = await retrying({ signal: meter.signal, notice, retryDelaysMs }, () =>
    bucket.upload({ key, path, fileName, mediaType, metadata }, (bytes) =>
      meter.sent(bytes, fileName),
    ),
  );
  meter.finished(size, fileName);
  const uri = `s3://${bucket.name}/${key}`;
  return { key, uri, href: await bucket.address(key), mediaType, size, sha256, fileName };
}

/**
 * Removes what this attempt and earlier ones delivered and what is half-done, as far as the keys allow it. What a later attempt
 * has put there stays.
 * @returns the keys of objects that are still there, or may be
 * @throws DeliveryRefused, AddressNotAllowed where there is no reaching the bucket at all; Cancelled
 */
export function withdraw(
  delivery: Delivery,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const folder = folderOf(delivery.destination, delivery.jobId);
  return withTarget(delivery, signal, async (bucket) => {
    const left: string[] = [];
    for (const key of keys) {
      const isGone = await asFarAsPossible(removeOwnOrOlder(bucket, key, delivery.attempt));
      if (isGone !== true) left.push(key);
    }
    await asFarAsPossible(bucket.abortUploads(folder));
    return left;
  });
}

async function removeOwnOrOlder(bucket: ResultBucket, key: string, attempt: number): Promise<true> {
  const metadata = await bucket.metadata(key);
  if (Number(metadata?.['attempt']) <= attempt) await bucket.remove(key);
  return true;
}

/** Where these are true nothing else works either. */
const neverPossible: readonly S3FaultKind[] = ['stopped', 'address', 'wrong-region'];

/** Undefined where the bucket does not allow it, or does not answer: what matters has been done, or failed, without it. */
async function asFarAsPossible<T>(cleaning: Promise<T>): Promise<T | undefined> {
  try {
    return await cleaning;
  } catch (error) {
    const isOfBucket = error instanceof S3Fault && !neverPossible.includes(error.kind);
    if (isOfBucket) return undefined;
    throw error;
  }
}

/** Counts what was sent, of all files together. */
class Meter {
  readonly #context: DeliveryContext;
  readonly #total: number;
  #finished = 0;
  #percent = 0;

  constructor(total: number, context: DeliveryContext) {
    this.#total = Math.max(1, total);
    this.#context = context;
  }

  static async of(files: readonly DeliveryFile[], context: DeliveryContext): Promise<Meter> {
    const sizes = await Promise.all(files.map(async ({ path }) => (await stat(path)).size));
    return new Meter(
      sizes.reduce((sum, size) => sum + size, 0),
      context,
    );
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  /** `bytes` of the file that is under way. A repetition begins anew, but what was told is not taken back. */
  sent(bytes: number, fileName: string): void {
    const percent = Math.min(100, (100 * (this.#finished + bytes)) / this.#total);
    this.#percent = Math.max(this.#percent, percent);
    this.tell(`Delivering ${fileName}`);
  }

  finished(bytes: number, fileName: string): void {
    this.#finished += bytes;
    this.sent(0, fileName);
  }

  tell(message: string): void {
    this.#context.progress(this.#percent, message);
  }
}
