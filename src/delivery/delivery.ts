/**
 * Delivery of results to a bucket of the user's, for the child that has the network. Every connection passes the outbound
 * guard; no message holds a key.
 */
import type { OutboundPolicy } from '../outbound/policy.ts';
import type { Destination } from './destination.ts';

export type { Destination } from './destination.ts';

/** What is delivered where: the objects of a job lie below `<prefix>/<jobId>/`. */
export interface Delivery {
  readonly destination: Destination;
  readonly jobId: string;
  readonly policy: OutboundPolicy;
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

/**
 * Finds out whether the job may write there, and leaves nothing behind.
 * @throws DeliveryRefused where the user has to change something, AddressNotAllowed, DeliveryFailed where it may pass, Cancelled
 */
export async function checkDelivery(_delivery: Delivery, _signal: AbortSignal): Promise<void> {
  throw new Error('Not yet.');
}

/**
 * Uploads all files, in order; what an earlier attempt of this job left half-done is removed before.
 * When it fails nothing half-written is left; whole files of this call are withdrawn.
 * @throws DeliveryRefused, AddressNotAllowed, DeliveryFailed, Cancelled
 */
export async function deliver(
  _delivery: Delivery,
  _files: readonly DeliveryFile[],
  _context: DeliveryContext,
): Promise<readonly DeliveredFile[]> {
  throw new Error('Not yet.');
}

/**
 * Removes what this job delivered, as far as the keys allow it.
 * @returns the keys of objects that are still there, or may be
 */
export async function withdraw(
  _delivery: Delivery,
  _keys: readonly string[],
  _signal: AbortSignal,
): Promise<readonly string[]> {
  throw new Error('Not yet.');
}
