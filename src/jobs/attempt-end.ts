import type { Log } from '../log.ts';
import type { Storage } from '../storage/storage.ts';
import type { Lease } from './job.ts';
import type { JobStore, Outcome } from './job-store.ts';

/** How an attempt ended. The row of its job says `running` until this is written. */
export class AttemptEnd {
  readonly #lease: Lease;
  readonly #outcome: Outcome;
  readonly #tools: { readonly store: JobStore; readonly storage: Storage; readonly log: Log };

  constructor(
    lease: Lease,
    outcome: Outcome,
    tools: { readonly store: JobStore; readonly storage: Storage; readonly log: Log },
  ) {
    this.#lease = lease;
    this.#outcome = outcome;
    this.#tools = tools;
  }

  /** False when the store could not write it: a full disk may have room again in a moment. Never rejects. */
  async write(): Promise<boolean> {
    const { store, storage, log } = this.#tools;
    const { jobId, attempt } = this.#lease;
    try {
      const isWritten = await store.finish(this.#lease, this.#outcome);
      // The write may have succeeded although an earlier try of it reported an error.
      const isPublished = isWritten
        ? this.#outcome.status === 'successful'
        : await store.isLive(jobId, attempt);
      // Nobody will ever ask for files of an attempt that lost a race or failed on the way.
      if (!isPublished) await storage.remove(`jobs/${jobId}/${attempt}`);
      log.info({ outcome: this.#outcome.status }, isWritten ? 'Attempt:Ended' : 'Attempt:Lost');
      return true;
    } catch (err) {
      log.error({ err }, 'Attempt:Unwritten');
      return false;
    }
  }
}
