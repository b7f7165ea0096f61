/** One attempt of one job: run the child, keep its files, publish. */
import { lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { Log } from '../log.ts';
import type { Output, Outputs } from '../processes/process.ts';
import type { Storage } from '../storage/storage.ts';
import { AttemptEnd } from './attempt-end.ts';
import type { ChildProgram } from './child-handle.ts';
import type { ChildSettings } from './child-protocol.ts';
import { ChildRun, type RunEnd, type RunLimits } from './child-run.ts';
import { internal } from './failures.ts';
import type { Job, Lease, Results, StoredOutput } from './job.ts';
import type { JobStore, Outcome } from './job-store.ts';
import { noteChild } from './leftover-children.ts';
import { ProgressWriter } from './progress-writer.ts';

/** What every attempt needs. */
export interface AttemptTools {
  readonly store: JobStore;
  readonly storage: Storage;
  readonly log: Log;
  readonly program: ChildProgram;
  readonly limits: RunLimits;
  readonly settings: ChildSettings;
  readonly scratchDirectory: string;
  readonly progressIntervalMs: number;
  /** Public folder of the results of a job; known before it runs. */
  readonly resultsUrl: (jobId: string) => string;
}

export class Attempt {
  readonly job: Job;
  readonly #tools: AttemptTools;
  readonly #lease: Lease;
  readonly #log: Log;
  readonly #directory: string;
  readonly #keys: string;
  #run: ChildRun | undefined;
  #stop: 'cancel' | 'interrupt' | undefined;

  constructor(job: Job, token: string, tools: AttemptTools) {
    this.job = job;
    this.#tools = tools;
    this.#lease = { jobId: job.id, attempt: job.attempt, token };
    this.#log = tools.log.child({ jobId: job.id, attempt: job.attempt });
    this.#directory = join(tools.scratchDirectory, job.id, String(job.attempt));
    this.#keys = `jobs/${job.id}/${job.attempt}`;
  }

  cancel(): void {
    this.#stop ??= 'cancel';
    this.#run?.cancel();
  }

  interrupt(): void {
    this.#stop ??= 'interrupt';
    this.#run?.interrupt();
  }

  /**
   * Resolves when the child is gone and the scratch folder removed. Answers the end of the attempt,
   * or nothing when nobody waits for it (the job was dismissed). Never rejects.
   */
  async complete(): Promise<AttemptEnd | undefined> {
    const outcome = await this.#outcome().catch((err: unknown): Outcome => {
      this.#log.error({ err }, 'Attempt:Broken');
      return { status: 'failed', failure: internal };
    });
    await rm(join(this.#tools.scratchDirectory, this.job.id), {
      recursive: true,
      force: true,
    }).catch((err: unknown) => this.#log.error({ err }, 'Scratch:Kept'));
    if (outcome === undefined) return undefined;
    return new AttemptEnd(this.#lease, outcome, { ...this.#tools, log: this.#log });
  }

  async #outcome(): Promise<Outcome | undefined> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const end = await this.#compute();
    if (end.kind === 'cancelled') {
      this.#log.info('Attempt:Cancelled');
      return undefined;
    }
    if (end.kind === 'failed') {
      this.#log.warn({ failure: end.failure, ...end.exit }, 'Attempt:Failed');
      return { status: 'failed', failure: end.failure };
    }
    return { status: 'successful', results: await this.#keep(end.outputs) };
  }

  async #compute(): Promise<RunEnd> {
    const { program, limits, settings, store, progressIntervalMs, resultsUrl } = this.#tools;
    const progress = new ProgressWriter(
      async (percent, message) => {
        const isHeld = await store.report(this.#lease, percent, message);
        if (!isHeld) this.#run?.cancel(); // Dismissed or taken over: this attempt may not go on.
      },
      progressIntervalMs,
      (err) => this.#log.error({ err }, 'Progress:Unwritten'),
    );
    this.#run = new ChildRun(
      program,
      {
        kind: 'run',
        processId: this.job.processId,
        inputs: this.job.request.inputs,
        directory: this.#directory,
        resultsUrl: resultsUrl(this.job.id),
        outputs: Object.keys(this.job.request.outputs),
        settings,
      },
      limits,
      {
        progress: (percent, message) => progress.note(percent, message),
        warn: (warning) => this.#log.warn({ warning }, 'Attempt:Warned'),
      },
    );
    // Without the note the child is still ours, and ends when it loses its server.
    noteChild(join(this.#directory, '..'), this.#run.pid).catch((err: unknown) =>
      this.#log.warn({ err }, 'Child:NotNoted'),
    );
    this.#log.info({ pid: this.#run.pid, processId: this.job.processId }, 'Attempt:Started');
    if (this.#stop === 'cancel') this.#run.cancel();
    if (this.#stop === 'interrupt') this.#run.interrupt();
    const end = await this.#run.ended;
    await progress.close();
    return end;
  }

  /** Moves the requested outputs into the store; what was not asked for stays in scratch and goes with it. */
  async #keep(outputs: Outputs): Promise<Results> {
    const kept: [string, StoredOutput][] = [];
    for (const id of Object.keys(this.job.request.outputs)) {
      const output = outputs[id];
      if (output !== undefined) kept.push([id, await this.#keepOne(output)]);
    }
    const names = kept.flatMap(([, output]) => (output.kind === 'file' ? [output.fileName] : []));
    if (new Set(names).size < names.length)
      throw new Error(`Two outputs have one file name: ${names.join(', ')}.`);
    return Object.fromEntries(kept);
  }

  async #keepOne(output: Output): Promise<StoredOutput> {
    if (output.kind === 'value') return output;
    await assertOwnFile(output.file, this.#directory);
    const key = `${this.#keys}/${basename(output.file)}`;
    return { kind: 'file', ...(await this.#tools.storage.put(key, output.file, output.mediaType)) };
  }
}

/** The child may only hand over plain files of its own folder, under plain names. */
async function assertOwnFile(file: string, directory: string): Promise<void> {
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(basename(file));
  const isInside = (await realpath(file)).startsWith((await realpath(directory)) + sep);
  if (isPlain && isInside && (await lstat(file)).isFile()) return;
  throw new Error(`The child handed over ${file}, which is not a plain file below ${directory}.`);
}
