import type { Failure } from './child-protocol.ts';
import type { Job, Lease } from './job.ts';
import type { Outcome } from './job-store.ts';

/** Who takes a job: the token fences all writes of the attempt, the name tells operators where it runs. */
export interface Claim {
  readonly token: string;
  readonly worker: string;
  /** For how long the holder answers without renewing. */
  readonly leaseMs: number;
}

/** A lease as somebody else sees it. */
export interface HeldLease {
  readonly lease: Lease;
  readonly worker: string;
  /** Changes with every renewal (ms since 1970 by the clock of the holder's database). */
  readonly untilMs: number;
  /** Attempts that were lost before this one. */
  readonly lostAttempts: number;
}

/** A job in the hands of a worker. */
export interface ClaimedJob extends Job {
  /** Attempts that were lost before this one. */
  readonly lostAttempts: number;
  /** Sealed values of its write-only inputs. */
  readonly secrets?: string;
}

/** What follows a lost attempt: another one after a while, or the end of the job. */
export type AfterLoss =
  /** `message` tells the user so. */
  | { readonly kind: 'retry'; readonly delayMs: number; readonly message: string }
  | { readonly kind: 'fail'; readonly failure: Failure };

/**
 * The rights of workers to write about jobs. Every write names its lease, and changes nothing when the lease is not
 * the one in the row any more: `false` tells a worker that it has been taken for dead, or that the job was dismissed.
 */
export interface LeaseStore {
  /**
   * Takes a job; the attempt begins at 0 percent. Jobs that wait for another attempt go first, then those of the highest
   * priority. Among their owners each gets the same share, counted in windows; of one owner the oldest goes first. Owners
   * who run as many as they may are passed over.
   */
  claim(claim: Claim): Promise<ClaimedJob | undefined>;
  /** Says that the holder is alive. */
  renew(lease: Lease, leaseMs: number): Promise<boolean>;
  /** Progress does not fall. `line` is added to what happened to the job. */
  report(lease: Lease, progress: number, message: string, line?: string): Promise<boolean>;
  /** Publishes: state and results in one write. */
  finish(lease: Lease, outcome: Outcome): Promise<boolean>;
  /**
   * Ends an attempt that was lost to a fault of the infrastructure. With `untilMs` only if it was not renewed since:
   * the holder may have come back.
   */
  lose(lease: Lease, after: AfterLoss, untilMs?: number): Promise<boolean>;
  /** Gives an attempt back that could not be finished here and now: it does not count as lost. */
  handBack(lease: Lease): Promise<boolean>;
  /** All attempts that somebody answers for. */
  held(): Promise<readonly HeldLease[]>;
}
