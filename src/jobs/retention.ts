/** Removes what is too old: results first, rows of jobs later; and what nobody refers to. */
import { rm } from 'node:fs/promises';
import type { Log } from '../log.ts';
import type { Storage } from '../storage/storage.ts';
import type { JobStore } from './job-store.ts';

const msPerDay = 86_400_000;

/** Everything before this time is older than `days`. */
export function cutoff(now: Date, days: number): string {
  return new Date(now.getTime() - days * msPerDay).toISOString();
}

export interface RetentionTools {
  readonly store: JobStore;
  readonly storage: Storage;
  readonly log: Log;
  readonly resultDays: number;
  readonly jobDays: number;
  readonly now: () => Date;
}

export class Retention {
  readonly #tools: RetentionTools;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(tools: RetentionTools) {
    this.#tools = tools;
  }

  start(intervalMs: number): void {
    this.#timer ??= setInterval(() => {
      this.#sweeping = this.sweep().catch((err: unknown) =>
        this.#tools.log.error({ err }, 'Retention:Failed'),
      );
    }, intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /** Expiry is a change of state first, then the files go. */
  async sweep(): Promise<void> {
    const { store, storage, log, now, resultDays, jobDays } = this.#tools;
    for (const job of await store.withResultsBefore(cutoff(now(), resultDays))) {
      await store.expire(job.id);
      await storage.remove(`jobs/${job.id}`);
      log.info({ jobId: job.id }, 'Results:Expired');
    }
    for (const id of await store.removeFinishedBefore(cutoff(now(), jobDays))) {
      await storage.remove(`jobs/${id}`);
      log.info({ jobId: id }, 'Job:Removed');
    }
  }

  /** At start, when no worker runs yet: what a killed server left behind. */
  async removeOrphans(scratchDirectory: string): Promise<void> {
    const { store, storage, log } = this.#tools;
    await rm(scratchDirectory, { recursive: true, force: true });
    for (const { jobId, attempt } of await storage.attempts()) {
      if (await store.isLive(jobId, attempt)) continue;
      await storage.remove(`jobs/${jobId}/${attempt}`);
      log.info({ jobId, attempt }, 'Orphan:Removed');
    }
  }
}
