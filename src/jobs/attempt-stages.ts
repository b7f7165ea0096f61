/** The stages of one attempt, each in a child of its own: bring what the inputs name, compute, deliver. */
import { mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Log } from '../log.ts';
import type { Destination } from '../delivery/destination.ts';
import type { Inputs, Outputs } from '../processes/process.ts';
import type { ChildProgram } from './child-handle.ts';
import type { ChildSettings, RunOrder, TransferOrder, TransferSettings } from './child-protocol.ts';
import { ChildRun, type RunEnd, type RunLimits } from './child-run.ts';
import { Delivering } from './delivering.ts';
import type { JobObserver, Stage } from './job-observer.ts';
import type { Job } from './job.ts';
import { noteChild } from './leftover-children.ts';
import type { ProgressWriter } from './progress-writer.ts';

export interface StageTools {
  readonly log: Log;
  readonly program: ChildProgram;
  readonly limits: RunLimits;
  readonly settings: ChildSettings;
  readonly transfer: Transfer;
  readonly observer?: JobObserver;
}

/** What brings products from elsewhere and takes results to users' buckets, and when that is needed. */
export interface Transfer {
  readonly program: ChildProgram;
  readonly settings: TransferSettings;
  readonly isNeeded: (processId: string, inputs: Inputs) => Promise<boolean>;
  /** Where the results go; undefined where this server keeps them. Takes write-only inputs in clear. */
  readonly destinationOf: (processId: string, inputs: Inputs) => Destination | undefined;
}

/** The part of a job's progress that a child's own 0–100 % fill. */
interface Share {
  readonly from: number;
  readonly to: number;
}

/** Parts of the progress that belong to the transfer and to the delivery where there are such. */
const transferPercent = 25;
const deliveryPercent = 10;

/** How far a job is that is computed and not yet delivered. */
export const computedPercent = 100 - deliveryPercent;

export class AttemptStages {
  readonly #job: Job;
  readonly #tools: StageTools;
  readonly #directory: string;
  readonly #progress: ProgressWriter;
  #run: ChildRun | undefined;
  #stop: 'cancel' | 'interrupt' | undefined;

  /** `directory` is the empty scratch folder of the attempt. */
  constructor(job: Job, directory: string, progress: ProgressWriter, tools: StageTools) {
    this.#job = job;
    this.#directory = directory;
    this.#progress = progress;
    this.#tools = tools;
  }

  /** Ends the stage that is at work; no other one begins. */
  stop(how: 'cancel' | 'interrupt'): void {
    this.#stop ??= how;
    if (this.#stop === 'cancel') this.#run?.cancel();
    else this.#run?.interrupt();
  }

  /**
   * Where the results go when the user has named a bucket; to be asked before anything else. Its children end with the
   * attempt, but for what they remove.
   */
  deliveringTo(destination: Destination): Delivering {
    const { program, settings } = this.#tools.transfer;
    const { id: jobId, attempt } = this.#job;
    const delivery = { destination, policy: settings.delivery, jobId, attempt };
    const share = { from: computedPercent, to: 100 };
    return new Delivering(delivery, (order) =>
      this.#inChild(program, order, order.kind === 'check-delivery' ? { from: 0, to: 0 } : share),
    );
  }

  /**
   * Brings and computes, up to `to` percent of the progress; `resultsUrl` is the public folder of the results. Resolves
   * when no child is left.
   */
  async complete(resultsUrl: string, to = 100): Promise<RunEnd> {
    const { inputs } = this.#job.request;
    if (!(await this.#tools.transfer.isNeeded(this.#job.processId, inputs)))
      return this.#compute({}, resultsUrl, { from: 0, to });
    const end = await this.#bring({ from: 0, to: transferPercent });
    if (end.kind !== 'finished') return end;
    const brought = await foldersIn(end.outputs, this.#broughtDirectory);
    return this.#compute(brought, resultsUrl, { from: transferPercent, to });
  }

  get #broughtDirectory(): string {
    return join(this.#directory, 'brought');
  }

  /** Brings what the inputs name, in the child that has the network. */
  async #bring(share: Share): Promise<RunEnd> {
    const { program, settings } = this.#tools.transfer;
    const { processId, request } = this.#job;
    const directory = this.#broughtDirectory;
    await mkdir(directory, { mode: 0o700 });
    const { inputs } = request;
    const order = { kind: 'bring', processId, inputs, directory, settings } as const;
    const end = await this.#inChild(program, order, share);
    const { observer } = this.#tools;
    if (end.kind === 'finished' && observer !== undefined)
      observer.brought(await bytesBelow(directory));
    return end;
  }

  #compute(brought: RunOrder['brought'], resultsUrl: string, share: Share): Promise<RunEnd> {
    const { program, settings } = this.#tools;
    const { processId, request } = this.#job;
    const order: RunOrder = {
      kind: 'run',
      processId,
      inputs: request.inputs,
      brought,
      directory: this.#directory,
      resultsUrl,
      outputs: Object.keys(request.outputs),
      settings,
    };
    return this.#inChild(program, order, share);
  }

  /** Runs one child to its end, unless the attempt was stopped before. */
  async #inChild(
    program: ChildProgram,
    order: RunOrder | TransferOrder,
    share: Share,
  ): Promise<RunEnd> {
    const { log, limits, observer } = this.#tools;
    const startMs = performance.now();
    const run = new ChildRun(program, order, limits, {
      progress: (percent, message) =>
        this.#progress.note(share.from + ((share.to - share.from) * percent) / 100, message),
      warn: (warning) => log.warn({ warning }, 'Attempt:Warned'),
      said: (line) => log.info({ order: order.kind, line }, 'Child:Said'),
    });
    this.#run = run;
    // Without the note the child is still ours, and ends when it loses its server.
    const noted = noteChild(this.#directory, run.pid).catch((err: unknown) =>
      log.warn({ err }, 'Child:NotNoted'),
    );
    log.info(
      { pid: run.pid, processId: this.#job.processId, order: order.kind },
      'Attempt:Started',
    );
    // What is removed is removed because the attempt was stopped.
    if (this.#stop !== undefined && order.kind !== 'withdraw') this.stop(this.#stop);
    const end = await run.ended;
    observer?.stageEnded(stageOf(order), end.kind, performance.now() - startMs);
    await noted;
    return end;
  }
}

function stageOf({ kind }: RunOrder | TransferOrder): Stage {
  return kind === 'run' ? 'compute' : kind;
}

async function bytesBelow(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const states = await Promise.all(
    files.map(({ parentPath, name }) => stat(join(parentPath, name))),
  );
  return states.reduce((sum, { size }) => sum + size, 0);
}

/** The folders that the transfer child hands over, as values by input id. */
async function foldersIn(outputs: Outputs, directory: string): Promise<RunOrder['brought']> {
  const root = await realpath(directory);
  const found = Object.entries(outputs).map(async ([id, output]) => {
    const path = output.kind === 'value' && typeof output.value === 'string' ? output.value : '';
    const folder = await realpath(join(root, path));
    if (!folder.startsWith(root + sep)) throw new Error(`${folder} is not below ${root}.`);
    return [id, folder] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}
