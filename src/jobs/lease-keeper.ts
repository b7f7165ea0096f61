import type { Log } from '../log.ts';
import type { Lease } from './job.ts';
import type { LeaseStore } from './lease-store.ts';

export interface LeaseTimes {
  /** For how long a worker is believed without a sign of life. */
  readonly leaseMs: number;
  /** Between two signs of life. */
  readonly heartbeatMs: number;
}

/** A worker that misses five signs in a row is dead: its job runs again within 90 s, the looks of a server included. */
export const leaseTimes = {
  leaseMs: 75_000,
  heartbeatMs: 15_000,
  /** Between two looks of a server at the leases of all workers. */
  lookMs: 5000,
  /** The same of a worker. There may be a thousand of them, and it is for them to see only where no server lives. */
  workerLookMs: 30_000,
};

interface KeeperTools {
  readonly leases: LeaseStore;
  readonly times: LeaseTimes;
  readonly log: Log;
}

/** Renews the lease of one attempt until it is let go, in the process that supervises, never in the one that computes. */
export class LeaseKeeper {
  readonly #timer: NodeJS.Timeout;

  /** `onLost` is called when somebody else has the job, or nobody any more. */
  constructor(lease: Lease, { leases, times, log }: KeeperTools, onLost: () => void) {
    const renew = async (): Promise<void> => {
      if (await leases.renew(lease, times.leaseMs)) return;
      this.letGo();
      onLost();
    };
    this.#timer = setInterval(() => {
      // The next sign may get through; until then the lease itself decides.
      const { jobId, attempt } = lease;
      renew().catch((err: unknown) => log.error({ err, jobId, attempt }, 'Lease:NotRenewed'));
    }, times.heartbeatMs);
  }

  letGo(): void {
    clearInterval(this.#timer);
  }
}
