/** How often workers ask and tell. Times of leases are in `lease-keeper.ts`. */

/** A job may be accepted without a wake-up: a worker that has room looks by itself as often. */
export const pollIntervalMs = 2000;

/** Between two reports of a job's progress: alone, and where many workers share a database. */
export const progressIntervalMs = { alone: 1000, shared: 5000 } as const;
