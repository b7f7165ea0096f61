import type { Claim } from '../../src/jobs/lease-store.ts';

/** A claim as a worker makes it. */
export function claimWith(token: string): Claim {
  return { token, worker: 'a worker', leaseMs: 90_000 };
}
