/** Where a PRIVATE result goes: the user's own bucket. What is wrong with it is found before anything is asked of a network. */
import type { OutboundPolicy } from '../outbound/policy.ts';

/** A bucket of the user's, with keys that live as long as the job. */
export interface Destination {
  /** Root of the S3 service; absent: AWS. */
  readonly endpointUrl?: string;
  /** Absent: found out. */
  readonly region?: string;
  readonly bucket: string;
  /** Text before the names of the objects; `/` at its ends means nothing. */
  readonly prefix?: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

/** What is wrong with one member. Never quotes a key. */
export interface DestinationFault {
  readonly member: keyof Destination;
  /** What was found and what is accepted. */
  readonly message: string;
}

/** All that is wrong with a destination, as far as that is known without asking it; an empty list when nothing is. */
export function destinationFaults(
  _destination: Destination,
  _policy: OutboundPolicy,
): readonly DestinationFault[] {
  return [];
}
