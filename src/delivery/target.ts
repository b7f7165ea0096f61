/** The bucket of a delivery, reached through the guard only. */
import { Cancelled, DeliveryRefused } from '../errors.ts';
import { guardedAgents } from '../outbound/guarded-agents.ts';
import type { Lookup } from '../outbound/guard.ts';
import type { OutboundPolicy } from '../outbound/policy.ts';
import type { S3Place } from '../s3/client.ts';
import { S3Fault } from '../s3/fault.ts';
import { ResultBucket } from '../s3/result-bucket.ts';
import { destinationFaults, type Destination } from './destination.ts';
import { explained } from './explain.ts';

export interface Target {
  readonly destination: Destination;
  readonly policy: OutboundPolicy;
  /** Instead of the resolver of the system. */
  readonly lookup?: Lookup;
  /** How long nothing may come or go. */
  readonly idleMs?: number;
}

/** Where buckets are that nobody says a region of; most services that are not AWS know only this one. */
const defaultRegion = 'us-east-1';

/**
 * Runs `work` with the bucket; again, with the region that the service tells, where the user has given none. `signal` ends
 * all requests but those that remove something.
 * @throws DeliveryRefused, AddressNotAllowed, DeliveryFailed, Cancelled
 */
export async function withTarget<T>(
  target: Target,
  signal: AbortSignal,
  work: (bucket: ResultBucket) => Promise<T>,
): Promise<T> {
  const { destination } = target;
  assertAcceptable(target);
  try {
    return await inRegion(destination.region ?? defaultRegion, target, signal, work).catch(
      (error: unknown) => {
        const told = toldRegion(error, destination);
        if (told === undefined) throw error;
        return inRegion(told, target, signal, work);
      },
    );
  } catch (error) {
    if (signal.aborted) throw new Cancelled('The delivery was stopped.');
    throw error instanceof S3Fault ? explained(error, destination) : error;
  }
}

function assertAcceptable({ destination, policy }: Target): void {
  const faults = destinationFaults(destination, policy);
  if (faults.length === 0) return;
  throw new DeliveryRefused(faults.map(({ input, message }) => `${input}: ${message}`).join('; '));
}

async function inRegion<T>(
  region: string,
  { destination, policy, lookup, idleMs }: Target,
  signal: AbortSignal,
  work: (bucket: ResultBucket) => Promise<T>,
): Promise<T> {
  const { accessKey: accessKeyId, secretKey: secretAccessKey, sessionToken } = destination;
  const credentials = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  };
  const agents = guardedAgents(policy, { lookup, connectMs: 5000 });
  const place = placeOf(destination, region);
  const bucket = new ResultBucket(destination.bucket, place, {
    credentials,
    agents,
    signal,
    ...(idleMs !== undefined && { idleMs }),
  });
  try {
    return await work(bucket);
  } finally {
    bucket.close();
  }
}

/** A service of AWS is asked by host names, every other one by paths, unless its address has the bucket in its name already. */
function placeOf({ bucket, endpointUrl }: Destination, region: string): S3Place {
  // A name with dots does not fit a certificate for *.host.
  if (endpointUrl === undefined) return { region, pathStyle: bucket.includes('.') };
  const url = new URL(endpointUrl);
  const isNamed = url.hostname.startsWith(`${bucket.toLowerCase()}.`);
  if (isNamed) url.hostname = url.hostname.slice(bucket.length + 1);
  return { endpointUrl: url.href, region, pathStyle: !isNamed };
}

function toldRegion(error: unknown, { region }: Destination): string | undefined {
  const isElsewhere = error instanceof S3Fault && error.kind === 'wrong-region';
  if (!isElsewhere || region !== undefined || error.region === defaultRegion) return undefined;
  return error.region;
}
