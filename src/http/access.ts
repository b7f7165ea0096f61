import type { Authenticator } from '../authentication/authenticator.ts';
import type { Refusals } from './limits/refusals.ts';

/** Who is answered, and how often. */
export interface Access {
  readonly authenticator: Authenticator;
  readonly refusals: Refusals;
  /** Addresses, networks and names of networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Of one owner, or of one address of the anonymous; 0: as many as they like; undefined: what is usual. */
  readonly requestsPerMinute: number | undefined;
  /** Of these, executions. */
  readonly executionsPerMinute: number | undefined;
}
