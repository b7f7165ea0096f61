/** Removes what is too old: results first, rows of jobs later; and what nobody refers to. */
import type { Log } from '../log.ts';
import type { Storage } from '../storage/storage.ts';
import { ClockWatch } from './clock-watch.ts';
import type { JobStore } from './job-store.ts';
import { removeSetAside } from './scratch.ts';

const msPerDay = 86_400_000;

/** Everything before this time is older than `days`. */
export function cutoff(now: Date, days: number): string {
  return new Date(now.getTime() - days * msPerDay).toISOString();
}

export interface RetentionTools {
  readonly store: JobStore;
  readonly storage: Storage;
  readonly log: Log;
  readonly scratchDirectory: string;
  readonly resultDays: number;
  readonly jobDays: number;
  readonly now: () => Date;
}

export class Retention {
  readonly #tools: RetentionTools;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(tools: RetentionTools) {
    this.#tools = tools;
  }

  /** Works in the background: at once, with what a killed server left behind, and then now and then. */
  start(intervalMs: number): void {
    if (this.#timer !== undefined) return;
    const clock = new ClockWatch(this.#tools.now);
    this.#timer = setInterval(() => {
      // A clock that was set by mistake would end results that have days to live: what it says has to last.
      if (clock.wasSet()) this.#tools.log.warn('Clock:Set');
      else this.#work(() => this.clean());
    }, intervalMs);
    this.#work(() => this.clean());
  }

  /** Everything that nobody needs any more. */
  async clean(): Promise<void> {
    await this.removeOrphans();
    await this.sweep();
  }

  /** Resolves when nothing is being removed any more; what is left will be found again. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopping = true;
    await this.#sweeping;
  }

  #work(task: () => Promise<void>): void {
    this.#sweeping = this.#sweeping
      .then(() => (this.#isStopping ? undefined : task()))
      .catch((err: unknown) => this.#tools.log.error({ err }, 'Retention:Failed'));
  }

  /** Expiry is a change of state first, then the files go. */
  async sweep(): Promise<void> {
    const { store, storage, log, now, resultDays, jobDays } = this.#tools;
    for (const job of await store.withResultsBefore(cutoff(now(), resultDays))) {
      if (this.#isStopping) return;
      await store.expire(job.id);
      await storage.remove(`jobs/${job.id}`);
      log.info({ jobId: job.id }, 'Results:Expired');
    }
    for (const id of await store.removeFinishedBefore(cutoff(now(), jobDays))) {
      await storage.remove(`jobs/${id}`);
      log.info({ jobId: id }, 'Job:Removed');
    }
  }

  /** What no attempt works in any more, and files that no row refers to. One by one, so that a large store does not hold up requests. */
  async removeOrphans(): Promise<void> {
    const { store, storage, log, scratchDirectory } = this.#tools;
    await removeSetAside(scratchDirectory);
    for await (const { jobId, attempt } of storage.attempts()) {
      if (this.#isStopping) return;
      if (await store.isLive(jobId, attempt)) continue;
      await storage.remove(`jobs/${jobId}/${attempt}`);
      log.info({ jobId, attempt }, 'Orphan:Removed');
    }
  }
}
