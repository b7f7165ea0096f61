/** One attempt of one job: run the child, keep its files, publish. */
import { lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { Log } from '../log.ts';
import type { Inputs, Output, Outputs } from '../processes/process.ts';
import type { Storage } from '../storage/storage.ts';
import { AttemptEnd } from './attempt-end.ts';
import type { ChildProgram } from './child-handle.ts';
import type { BringOrder, ChildSettings, RunOrder, TransferSettings } from './child-protocol.ts';
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
  readonly transfer: Transfer;
  readonly scratchDirectory: string;
  readonly progressIntervalMs: number;
  /** Public folder of the results of a job; known before it runs. */
  readonly resultsUrl: (jobId: string) => string;
}

/** What brings products from elsewhere, and when it is needed. */
export interface Transfer {
  readonly program: ChildProgram;
  readonly settings: TransferSettings;
  readonly isNeeded: (processId: string, inputs: Inputs) => Promise<boolean>;
}

/** The part of a job's progress that a child's own 0–100 % fill. */
interface Share {
  readonly from: number;
  readonly to: number;
}

/** Part of the progress that belongs to the transfer where there is one. */
const transferPercent = 25;

function shareOf(
  progress: ProgressWriter,
  { from, to }: Share,
): (percent: number, message: string) => void {
  return (percent, message) => progress.note(from + ((to - from) * percent) / 100, message);
}

export class Attempt {
  readonly job: Job;
  readonly #tools: AttemptTools;
  readonly #lease: Lease;
  readonly #log: Log;
  readonly #directory: string;
  readonly #broughtDirectory: string;
  readonly #keys: string;
  #run: ChildRun | undefined;
  #stop: 'cancel' | 'interrupt' | undefined;

  constructor(job: Job, token: string, tools: AttemptTools) {
    this.job = job;
    this.#tools = tools;
    this.#lease = { jobId: job.id, attempt: job.attempt, token };
    this.#log = tools.log.child({ jobId: job.id, attempt: job.attempt });
    this.#directory = join(tools.scratchDirectory, job.id, String(job.attempt));
    this.#broughtDirectory = join(this.#directory, 'brought');
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
    const { store, progressIntervalMs, transfer } = this.#tools;
    const { inputs } = this.job.request;
    let stage = '';
    const progress = new ProgressWriter(
      async (percent, message) => {
        const isHeld = await store.report(this.#lease, percent, message);
        if (!isHeld) this.#run?.cancel(); // Dismissed or taken over: this attempt may not go on.
        // Messages of one stage differ by their figures only: the log needs one of them.
        const reached = message.replaceAll(/\d+/g, '#');
        if (!isHeld || reached === stage) return;
        stage = reached;
        await store.note(this.job.id, message);
      },
      progressIntervalMs,
      (err) => this.#log.error({ err }, 'Progress:Unwritten'),
    );
    try {
      if (!(await transfer.isNeeded(this.job.processId, inputs)))
        return await this.#runOrder({}, progress, { from: 0, to: 100 });
      const end = await this.#bring(progress);
      if (end.kind !== 'finished') return end;
      const brought = await this.#foldersOf(end.outputs);
      return await this.#runOrder(brought, progress, { from: transferPercent, to: 100 });
    } finally {
      await progress.close();
    }
  }

  /** Brings what the inputs name, in the child that has the network. */
  async #bring(progress: ProgressWriter): Promise<RunEnd> {
    const { program, settings } = this.#tools.transfer;
    const { processId, request } = this.job;
    await mkdir(this.#broughtDirectory, { mode: 0o700 });
    return this.#inChild(
      program,
      {
        kind: 'bring',
        processId,
        inputs: request.inputs,
        directory: this.#broughtDirectory,
        settings,
      },
      shareOf(progress, { from: 0, to: transferPercent }),
    );
  }

  #runOrder(brought: RunOrder['brought'], progress: ProgressWriter, share: Share): Promise<RunEnd> {
    const { program, settings, resultsUrl } = this.#tools;
    const { processId, request } = this.job;
    return this.#inChild(
      program,
      {
        kind: 'run',
        processId,
        inputs: request.inputs,
        brought,
        directory: this.#directory,
        resultsUrl: resultsUrl(this.job.id),
        outputs: Object.keys(request.outputs),
        settings,
      },
      shareOf(progress, share),
    );
  }

  /** The folders that the transfer child hands over, as values by input id. */
  async #foldersOf(outputs: Outputs): Promise<RunOrder['brought']> {
    const root = await realpath(this.#broughtDirectory);
    const found = Object.entries(outputs).map(async ([id, output]) => {
      const path = output.kind === 'value' && typeof output.value === 'string' ? output.value : '';
      const folder = await realpath(join(root, path));
      if (!folder.startsWith(root + sep)) throw new Error(`${folder} is not below ${root}.`);
      return [id, folder] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  }

  /** Runs one child to its end, unless the attempt was stopped before. */
  async #inChild(
    program: ChildProgram,
    order: RunOrder | BringOrder,
    progress: (percent: number, message: string) => void,
  ): Promise<RunEnd> {
    this.#run = new ChildRun(program, order, this.#tools.limits, {
      progress,
      warn: (warning) => this.#log.warn({ warning }, 'Attempt:Warned'),
    });
    // Without the note the child is still ours, and ends when it loses its server.
    noteChild(join(this.#directory, '..'), this.#run.pid).catch((err: unknown) =>
      this.#log.warn({ err }, 'Child:NotNoted'),
    );
    const { pid } = this.#run;
    this.#log.info({ pid, processId: this.job.processId, order: order.kind }, 'Attempt:Started');
    if (this.#stop === 'cancel') this.#run.cancel();
    if (this.#stop === 'interrupt') this.#run.interrupt();
    return this.#run.ended;
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
