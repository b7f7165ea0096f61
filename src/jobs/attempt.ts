/** One attempt of one job: run its stages, keep their files, say how it ended. */
import { mkdir, rm, rmdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../log.ts';
import type { Destination } from '../delivery/destination.ts';
import { SecretsLost } from '../errors.ts';
import type { Inputs, Outputs } from '../processes/process.ts';
import type { Storage } from '../storage/storage.ts';
import { AttemptEnd, type Ending } from './attempt-end.ts';
import { AttemptStages, computedPercent, type StageTools } from './attempt-stages.ts';
import type { Failure } from './child-protocol.ts';
import type { RunEnd } from './child-run.ts';
import type { Delivering } from './delivering.ts';
import { internal, noRoom, secretsLost } from './failures.ts';
import type { Lease, Results } from './job.ts';
import type { JobStore } from './job-store.ts';
import { handedOver, keepOutputs, type Chosen } from './keep-outputs.ts';
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
  /** Public folder of the results of a job; known before it runs. */
  readonly resultsUrl: (jobId: string) => string;
  /** Opens what was sealed for a job. @throws SecretsLost */
  readonly open: (jobId: string, sealed: string) => string;
  /** Before the second attempt, the third, …; the usual ones where absent. */
  readonly retryDelaysMs?: readonly number[];
}

/** A disk with less is full. */
const fullBytes = 1024 * 1024;

type WorkEnd =
  | Exclude<RunEnd, { kind: 'finished' }>
  | { readonly kind: 'failed'; readonly failure: Failure; readonly exit?: undefined }
  | { readonly kind: 'finished'; readonly results: Results };

export class Attempt {
  readonly job: ClaimedJob;
  readonly lease: Lease;
  readonly #tools: AttemptTools;
  readonly #log: Log;
  readonly #directory: string;
  readonly #keys: string;
  readonly #progress: ProgressWriter;
  readonly #stages: AttemptStages;
  #delivering: Delivering | undefined;
  #hasLease = true;

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

  /** The lease is not ours any more: the job was dismissed or taken over, so this attempt may not go on. */
  loseLease(): void {
    if (this.#hasLease) this.#tools.observer?.leaseRefused();
    this.#hasLease = false;
    this.cancel();
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
    const found = await this.#ending().catch((err: unknown): Ending => {
      this.#log.error({ err }, 'Attempt:Broken');
      return { kind: 'failed', failure: internal };
    });
    const ending = await this.#explained(found);
    await this.#clean().catch((err: unknown) => this.#log.error({ err }, 'Scratch:Kept'));
    if (ending === undefined) return undefined;
    const ended = { job: this.job, lease: this.lease, ending };
    return new AttemptEnd(ended, { ...this.#tools, log: this.#log }, (results) =>
      this.#withdraw(results),
    );
  }

  async #ending(): Promise<Ending | undefined> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const end = await this.#end();
    if (end.kind === 'finished') return { kind: 'successful', results: end.results };
    if (end.kind === 'failed') {
      this.#log.warn({ failure: end.failure, ...end.exit }, 'Attempt:Failed');
      return { kind: 'failed', failure: end.failure };
    }
    const isInterrupted = end.kind === 'interrupted';
    this.#log.info(isInterrupted ? 'Attempt:Interrupted' : 'Attempt:Cancelled');
    return isInterrupted ? { kind: 'interrupted' } : undefined;
  }

  /** GDAL and others do not tell that a disk is full; the disk does. */
  async #explained(ending: Ending | undefined): Promise<Ending | undefined> {
    if (ending?.kind !== 'failed' || ending.failure.kind !== 'internal') return ending;
    const disk = await statfs(this.#tools.scratchDirectory).catch(() => undefined);
    const isFull = disk !== undefined && disk.bavail * disk.bsize < fullBytes;
    return isFull ? { kind: 'failed', failure: noRoom } : ending;
  }

  async #end(): Promise<WorkEnd> {
    try {
      const destination = this.#destination();
      return await (destination === undefined ? this.#work() : this.#workFor(destination));
    } catch (error) {
      if (!(error instanceof SecretsLost)) throw error;
      return { kind: 'failed', failure: secretsLost };
    } finally {
      await this.#progress.close();
    }
  }

  /** Computes, and keeps what was computed. */
  async #work(): Promise<WorkEnd> {
    const { resultsUrl, storage } = this.#tools;
    const end = await this.#stages.complete(resultsUrl(this.job.id));
    if (end.kind !== 'finished') return end;
    const outputs = await this.#handedOver(end.outputs);
    return { kind: 'finished', results: await keepOutputs(outputs, this.#keys, storage) };
  }

  /** Computes, and delivers what was computed, after a look whether it can be delivered. */
  async #workFor(destination: Destination): Promise<WorkEnd> {
    const delivering = this.#stages.deliveringTo(destination);
    this.#delivering = delivering;
    const checked = await delivering.check();
    if (checked.kind !== 'finished') return checked;
    const end = await this.#stages.complete(checked.folderUrl, computedPercent);
    if (end.kind !== 'finished') return end;
    return delivering.deliver(await this.#handedOver(end.outputs));
  }

  #destination(): Destination | undefined {
    const { transfer, open } = this.#tools;
    const { id, processId, request, secrets } = this.job;
    const opened = secrets === undefined ? {} : (JSON.parse(open(id, secrets)) as Inputs);
    return transfer.destinationOf(processId, { ...request.inputs, ...opened });
  }

  #handedOver(outputs: Outputs): Promise<Chosen> {
    return handedOver(outputs, Object.keys(this.job.request.outputs), this.#directory);
  }

  async #withdraw(results: Results): Promise<void> {
    await this.#delivering?.withdraw(results);
    await this.#clean();
  }

  #progressWriter(): ProgressWriter {
    const { leases, progressIntervalMs } = this.#tools;
    let stage = '';
    return new ProgressWriter(
      async (percent, message) => {
        // Messages of one stage differ by their figures only: the log needs one of them.
        const reached = message.replaceAll(/\d+/g, '#');
        const line = reached === stage ? undefined : message;
        const isHeld = await leases.report(this.lease, percent, message, line);
        stage = reached;
        if (!isHeld) this.loseLease();
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
