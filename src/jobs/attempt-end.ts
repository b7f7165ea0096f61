import type { Log } from '../log.ts';
import type { Storage } from '../storage/storage.ts';
import type { Failure } from './child-protocol.ts';
import { afterLoss } from './failures.ts';
import type { AttemptResult, JobObserver } from './job-observer.ts';
import type { Lease, Results } from './job.ts';
import type { JobStore } from './job-store.ts';
import type { ClaimedJob, LeaseStore } from './lease-store.ts';

/** How the work ended. */
export type Ending =
  | { readonly kind: 'successful'; readonly results: Results }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Stopped before its end, by no fault: the job goes on elsewhere or later. */
  | { readonly kind: 'interrupted' };

interface Ended {
  readonly job: ClaimedJob;
  readonly lease: Lease;
  readonly ending: Ending;
}

export interface EndTools {
  readonly store: JobStore;
  readonly leases: LeaseStore;
  readonly storage: Storage;
  readonly log: Log;
  readonly observer?: JobObserver;
  readonly retryDelaysMs?: readonly number[];
}

/** How an attempt ended. The row of its job says `running` until this is written. */
export class AttemptEnd {
  readonly #ended: Ended;
  readonly #tools: EndTools;
  readonly #withdraw: (results: Results) => Promise<void>;

  /** `withdraw` removes what was delivered elsewhere. */
  constructor(ended: Ended, tools: EndTools, withdraw: (results: Results) => Promise<void>) {
    this.#ended = ended;
    this.#tools = tools;
    this.#withdraw = withdraw;
  }

  /** False when the store could not write it: a full disk may have room again in a moment. Never rejects. */
  async write(): Promise<boolean> {
    const { store, storage, log, observer } = this.#tools;
    const { job, lease, ending } = this.#ended;
    const { jobId, attempt } = lease;
    try {
      const result = this.#result();
      const isWritten = await this.#record(result);
      // The write may have succeeded although an earlier try of it reported an error.
      const isPublished = isWritten
        ? ending.kind === 'successful'
        : await store.isLive(jobId, attempt);
      // Nobody will ever ask for files of an attempt that lost a race or failed on the way.
      if (!isPublished) {
        await storage.remove(`jobs/${jobId}/${attempt}`);
        if (ending.kind === 'successful') await this.#withdraw(ending.results);
      }
      if (isWritten || isPublished) observer?.attemptEnded(job, result);
      else observer?.leaseRefused();
      log.info({ outcome: ending.kind }, isWritten ? 'Attempt:Ended' : 'Attempt:Lost');
      return true;
    } catch (err) {
      log.error({ err }, 'Attempt:Unwritten');
      return false;
    }
  }

  #result(): AttemptResult {
    const { job, ending } = this.#ended;
    if (ending.kind === 'interrupted') return { kind: 'handed-back' };
    if (ending.kind === 'successful')
      return { kind: 'finished', outcome: { status: 'successful', results: ending.results } };
    const { failure } = ending;
    const after = afterLoss(failure, job.lostAttempts, this.#tools.retryDelaysMs);
    if (after !== undefined) return { kind: 'lost', cause: failure.kind, after };
    return { kind: 'finished', outcome: { status: 'failed', failure } };
  }

  #record(result: AttemptResult): Promise<boolean> {
    const { leases } = this.#tools;
    const { lease } = this.#ended;
    if (result.kind === 'handed-back') return leases.handBack(lease);
    if (result.kind === 'lost') return leases.lose(lease, result.after);
    return leases.finish(lease, result.outcome);
  }
}
