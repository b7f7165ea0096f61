/** One attempt of one job: run its stages, keep their files, say how it ended. */
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../log.ts';
import type { Outputs } from '../processes/process.ts';
import type { Storage } from '../storage/storage.ts';
import { AttemptEnd, type Ending } from './attempt-end.ts';
import { AttemptStages, type StageTools } from './attempt-stages.ts';
import type { RunEnd } from './child-run.ts';
import { internal } from './failures.ts';
import type { Lease, Results } from './job.ts';
import type { JobStore } from './job-store.ts';
import { handedOver, keepOutputs } from './keep-outputs.ts';
import type { ClaimedJob, LeaseStore } from './lease-store.ts';
import { forgetChild } from './leftover-children.ts';
import { ProgressWriter } from './progress-writer.ts';

/** What every attempt needs. */
export interface AttemptTools extends StageTools {
  readonly store: JobStore;
  readonly leases: LeaseStore;
  readonly storage: Storage;
  readonly log: Log;
  readonly scratchDirectory: string;
  readonly progressIntervalMs: number;
  /** Before the second attempt, the third, …; the usual ones where absent. */
  readonly retryDelaysMs?: readonly number[];
}

export class Attempt {
  readonly job: ClaimedJob;
  readonly lease: Lease;
  readonly #tools: AttemptTools;
  readonly #log: Log;
  readonly #directory: string;
  readonly #keys: string;
  readonly #progress: ProgressWriter;
  readonly #stages: AttemptStages;

  constructor(job: ClaimedJob, token: string, tools: AttemptTools) {
    this.job = job;
    this.#tools = tools;
    this.lease = { jobId: job.id, attempt: job.attempt, token };
    this.#log = tools.log.child({ jobId: job.id, attempt: job.attempt });
    this.#directory = join(tools.scratchDirectory, job.id, String(job.attempt));
    this.#keys = `jobs/${job.id}/${job.attempt}`;
    this.#progress = this.#progressWriter();
    this.#stages = new AttemptStages(job, this.#directory, this.#progress, {
      ...tools,
      log: this.#log,
    });
  }

  /** The job was dismissed or taken over: stop, nobody waits for the end. */
  cancel(): void {
    this.#stages.stop('cancel');
  }

  /** The server stops: stop, and give the job back. */
  interrupt(): void {
    this.#stages.stop('interrupt');
  }

  /**
   * Resolves when the child is gone and the scratch folder removed. Answers the end of the attempt,
   * or nothing when nobody waits for it (the job was dismissed). Never rejects.
   */
  async complete(): Promise<AttemptEnd | undefined> {
    const ending = await this.#ending().catch((err: unknown): Ending => {
      this.#log.error({ err }, 'Attempt:Broken');
      return { kind: 'failed', failure: internal };
    });
    await this.#clean().catch((err: unknown) => this.#log.error({ err }, 'Scratch:Kept'));
    if (ending === undefined) return undefined;
    return new AttemptEnd(
      { job: this.job, lease: this.lease, ending },
      { ...this.#tools, log: this.#log },
    );
  }

  async #ending(): Promise<Ending | undefined> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const end = await this.#complete();
    if (end.kind === 'finished')
      return { kind: 'successful', results: await this.#keep(end.outputs) };
    if (end.kind === 'failed') {
      this.#log.warn({ failure: end.failure, ...end.exit }, 'Attempt:Failed');
      return { kind: 'failed', failure: end.failure };
    }
    const isInterrupted = end.kind === 'interrupted';
    this.#log.info(isInterrupted ? 'Attempt:Interrupted' : 'Attempt:Cancelled');
    return isInterrupted ? { kind: 'interrupted' } : undefined;
  }

  async #complete(): Promise<RunEnd> {
    try {
      return await this.#stages.complete();
    } finally {
      await this.#progress.close();
    }
  }

  async #keep(outputs: Outputs): Promise<Results> {
    const wanted = Object.keys(this.job.request.outputs);
    const chosen = await handedOver(outputs, wanted, this.#directory);
    return keepOutputs(chosen, this.#keys, this.#tools.storage);
  }

  #progressWriter(): ProgressWriter {
    const { store, leases, progressIntervalMs } = this.#tools;
    let stage = '';
    return new ProgressWriter(
      async (percent, message) => {
        const isHeld = await leases.report(this.lease, percent, message);
        if (!isHeld) this.cancel(); // Dismissed or taken over: this attempt may not go on.
        // Messages of one stage differ by their figures only: the log needs one of them.
        const reached = message.replaceAll(/\d+/g, '#');
        if (!isHeld || reached === stage) return;
        stage = reached;
        await store.note(this.job.id, message);
      },
      progressIntervalMs,
      (err) => this.#log.error({ err }, 'Progress:Unwritten'),
    );
  }

  /** Another attempt of the same job may be at work beside this one, in a folder of its own. */
  async #clean(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
    await forgetChild(this.#directory);
    await rmdir(dirname(this.#directory)).catch(() => undefined);
  }
}
