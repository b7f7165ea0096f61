/** What can be done with jobs: the domain behind the API. Knows nothing of HTTP and SQL. */
import { randomUUID } from 'node:crypto';
import {
  JobDismissed,
  JobFailed,
  NoSuchJob,
  NoSuchOutput,
  QueueFull,
  ResultsExpired,
  ResultsNotReady,
} from '../errors.ts';
import type { Log } from '../log.ts';
import type { ExecutionRequest } from '../processes/execution-request.ts';
import { redactInputs } from '../processes/redact.ts';
import type { Process } from '../processes/registry.ts';
import type { Storage } from '../storage/storage.ts';
import type { Job, JobSummary, LogLine, Results, StoredOutput } from './job.ts';
import type { JobFilter, JobStore, Place } from './job-store.ts';
import { cutoff } from './retention.ts';
import type { Worker } from './worker.ts';

export interface JobsTools {
  readonly store: JobStore;
  readonly storage: Storage;
  readonly worker: Worker;
  readonly log: Log;
  readonly resultDays: number;
  /** Jobs that may wait at once. */
  readonly maxQueued: number;
  readonly now: () => Date;
}

export type FinishedJob = Job & { readonly results: Results };

const dayMs = 86_400_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export class Jobs {
  readonly #tools: JobsTools;
  /** Jobs on their way into the store: requests that come together may not pass the limit together. */
  #arriving = 0;

  constructor(tools: JobsTools) {
    this.#tools = tools;
  }

  /** Resolves when the job is durable. Values of write-only inputs do not reach the store. @throws QueueFull */
  async accept(process: Process, request: ExecutionRequest): Promise<Job> {
    this.#arriving += 1;
    try {
      return await this.#accept(process, request);
    } finally {
      this.#arriving -= 1;
    }
  }

  async #accept(process: Process, request: ExecutionRequest): Promise<Job> {
    const { store, worker, log, maxQueued } = this.#tools;
    if ((await store.countWaiting()) + this.#arriving > maxQueued) throw new QueueFull(maxQueued);
    const inputs = redactInputs(process.description, request.inputs);
    const processId = process.description.id;
    const job = await store.add({ id: randomUUID(), processId, request: { ...request, inputs } });
    log.info({ jobId: job.id, processId }, 'Job:Accepted');
    worker.wake();
    return job;
  }

  /** @throws NoSuchJob */
  async get(id: string): Promise<Job> {
    const job = uuid.test(id) ? await this.#tools.store.find(id) : undefined;
    if (job === undefined) throw new NoSuchJob(id);
    return job;
  }

  /** The same without what may be large. @throws NoSuchJob */
  async summary(id: string): Promise<JobSummary> {
    const job = uuid.test(id) ? await this.#tools.store.findSummary(id) : undefined;
    if (job === undefined) throw new NoSuchJob(id);
    return job;
  }

  async list(filter: JobFilter, limit: number, after?: Place): Promise<readonly JobSummary[]> {
    return this.#tools.store.list(filter, limit, after);
  }

  /** What happened to a job, oldest first. @throws NoSuchJob */
  async log(id: string): Promise<readonly LogLine[]> {
    await this.summary(id);
    return this.#tools.store.log(id);
  }

  /**
   * Stops the work or removes the artefacts of finished work; the row stays, as dismissed.
   * /req/dismiss/job-dismiss-op, /req/dismiss/job-dismiss-success
   * @throws NoSuchJob, JobDismissed when it was dismissed before
   */
  async dismiss(id: string): Promise<Job> {
    const { store, storage, worker, log } = this.#tools;
    await this.get(id);
    const dismissed = await store.dismiss(id);
    if (dismissed === undefined) throw new JobDismissed(id);
    log.info({ jobId: id }, 'Job:Dismissed');
    // From here on nothing can be published. The answer does not wait for the child to be gone.
    const cleaned = worker.cancel(id).then(() => storage.remove(`jobs/${id}`));
    cleaned.catch((err: unknown) => log.error({ err, jobId: id }, 'Job:NotCleaned'));
    return dismissed;
  }

  /**
   * The job with its results.
   * @throws ResultsNotReady, JobFailed, JobDismissed, ResultsExpired, NoSuchJob
   */
  async finished(id: string): Promise<FinishedJob> {
    const job = await this.get(id);
    if (job.status === 'dismissed') throw new JobDismissed(id);
    if (job.status === 'failed') {
      throw new JobFailed(job.failure?.kind ?? 'internal', job.failure?.message ?? job.message);
    }
    if (job.status !== 'successful') throw new ResultsNotReady(id, job.status);
    if (job.results === undefined || this.isExpired(job))
      throw new ResultsExpired(this.#tools.resultDays);
    return { ...job, results: job.results };
  }

  /** @throws NoSuchOutput, and all that `finished` throws */
  async output(id: string, outputId: string): Promise<StoredOutput> {
    const { results } = await this.finished(id);
    const found = Object.hasOwn(results, outputId) ? results[outputId] : undefined;
    if (found === undefined) throw new NoSuchOutput(outputId, Object.keys(results));
    return found;
  }

  /** True when the results were removed, or will be by the next sweep. */
  isExpired(job: JobSummary): boolean {
    const { now, resultDays } = this.#tools;
    return job.expired !== undefined || (job.finished ?? '9') < cutoff(now(), resultDays);
  }

  /** Until when the results of a job can be had (ISO 8601, UTC); undefined while it has not finished. */
  livesUntil({ finished }: Job): string | undefined {
    if (finished === undefined) return undefined;
    const endMs = Date.parse(finished) + this.#tools.resultDays * dayMs;
    return new Date(endMs).toISOString();
  }
}
