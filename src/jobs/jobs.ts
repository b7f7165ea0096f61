/** What can be done with jobs: the domain behind the API. Knows nothing of HTTP and SQL. */
import { randomUUID } from 'node:crypto';
import {
  JobDismissed,
  JobFailed,
  KeyReused,
  NoSuchJob,
  NoSuchOutput,
  QueueFull,
  ResultsExpired,
  ResultsNotReady,
} from '../errors.ts';
import type { Log } from '../log.ts';
import type { ExecutionRequest } from '../processes/execution-request.ts';
import { redactInputs, secretInputs } from '../processes/redact.ts';
import type { Process } from '../processes/registry.ts';
import type { Storage } from '../storage/storage.ts';
import type { JobObserver } from './job-observer.ts';
import type { Caller } from './caller.ts';
import type { Job, JobSummary, LogLine, Results, StoredOutput } from './job.ts';
import type { JobStore, Listing, OwnerLimits, Repeatable } from './job-store.ts';
import { cutoff } from './retention.ts';
import type { Sealer } from './sealing.ts';
import type { Worker } from './worker.ts';

export interface JobsTools {
  readonly store: JobStore;
  readonly storage: Storage;
  readonly worker: Worker;
  readonly sealer: Sealer;
  readonly log: Log;
  readonly observer?: JobObserver;
  readonly resultDays: number;
  /** Jobs that may wait at once. */
  readonly maxQueued: number;
  /** For each owner; what a caller brings of its own counts more. */
  readonly perOwner: OwnerLimits;
  readonly now: () => Date;
}

/** Who executes a process, and the key with which they may repeat the request. */
export interface Submission {
  readonly caller: Caller;
  readonly key?: string | undefined;
}

/** A request on its way into the store. */
interface Arrival {
  readonly process: Process;
  readonly request: ExecutionRequest;
  readonly caller: Caller;
  readonly repeatable: Repeatable | undefined;
}

export type FinishedJob = Job & { readonly results: Results };

const dayMs = 86_400_000;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Jobs as their owners see them: what belongs to another one is not there. */
export class Jobs {
  readonly #tools: JobsTools;
  /** Jobs on their way into the store: requests that come together may not pass the limit together. */
  #arriving = 0;

  constructor(tools: JobsTools) {
    this.#tools = tools;
  }

  /**
   * Resolves when the job is durable. Values of write-only inputs reach the store sealed. A request that is repeated with
   * its key gets the job that it made the first time, in whatever state it is.
   * @throws QueueFull, QuotaReached, KeyReused, NoRoom
   */
  async accept(
    process: Process,
    request: ExecutionRequest,
    { caller, key }: Submission,
  ): Promise<Job> {
    const repeatable =
      key === undefined ? undefined : { key, digest: this.#digest(process, request) };
    const earlier = await this.#earlier(caller, repeatable);
    if (earlier !== undefined) return earlier;
    this.#arriving += 1;
    try {
      return await this.#add({ process, request, caller, repeatable });
    } catch (error) {
      // The same request may have come twice at once.
      const other = await this.#earlier(caller, repeatable);
      if (other === undefined) throw error;
      return other;
    } finally {
      this.#arriving -= 1;
    }
  }

  /** The same for equal requests. */
  #digest({ description }: Process, request: ExecutionRequest): string {
    return this.#tools.sealer.digest(canonicalText({ processId: description.id, request }));
  }

  async #earlier({ owner }: Caller, repeatable: Repeatable | undefined): Promise<Job | undefined> {
    const found = repeatable && (await this.#tools.store.findByKey(owner, repeatable.key));
    if (found !== undefined && found.digest !== repeatable?.digest)
      throw new KeyReused(found.job.id);
    return found?.job;
  }

  async #add({ process, request, caller, repeatable }: Arrival): Promise<Job> {
    const { store, worker, sealer, log, observer, maxQueued, perOwner } = this.#tools;
    if ((await store.countWaiting()) + this.#arriving > maxQueued) throw new QueueFull(maxQueued);
    const { description, rules } = process;
    const id = randomUUID();
    const { owner, priority = 0 } = caller;
    const processId = description.id;
    const secrets = secretInputs(description, request.inputs);
    const job = await store.add(
      {
        id,
        processId,
        owner,
        priority,
        cost: rules?.cost(request.inputs) ?? 1,
        request: { ...request, inputs: redactInputs(description, request.inputs) },
        ...(secrets && { secrets: sealer.seal(id, JSON.stringify(secrets)) }),
        ...(repeatable && { repeatable }),
      },
      limitsOf(caller, perOwner),
    );
    log.info({ jobId: job.id, processId, owner }, 'Job:Accepted');
    observer?.accepted(processId);
    worker.wake();
    return job;
  }

  /** @throws NoSuchJob */
  async get(id: string, owner: string): Promise<Job> {
    const job = uuid.test(id) ? await this.#tools.store.find(id, owner) : undefined;
    if (job === undefined) throw new NoSuchJob(id);
    return job;
  }

  /** The same without what may be large. @throws NoSuchJob */
  async summary(id: string, owner: string): Promise<JobSummary> {
    const job = uuid.test(id) ? await this.#tools.store.findSummary(id, owner) : undefined;
    if (job === undefined) throw new NoSuchJob(id);
    return job;
  }

  async list(listing: Listing): Promise<readonly JobSummary[]> {
    return this.#tools.store.list(listing);
  }

  /** What happened to a job, oldest first. @throws NoSuchJob */
  async log(id: string, owner: string): Promise<readonly LogLine[]> {
    await this.summary(id, owner);
    return this.#tools.store.log(id, owner);
  }

  /**
   * Stops the work or removes the artefacts of finished work; the row stays, as dismissed.
   * /req/dismiss/job-dismiss-op, /req/dismiss/job-dismiss-success
   * @throws NoSuchJob, JobDismissed when it was dismissed before
   */
  async dismiss(id: string, owner: string): Promise<Job> {
    const { store, storage, worker, log, observer } = this.#tools;
    await this.get(id, owner);
    const dismissed = await store.dismiss(id, owner);
    if (dismissed === undefined) throw new JobDismissed(id);
    log.info({ jobId: id, owner }, 'Job:Dismissed');
    observer?.dismissed();
    // From here on nothing can be published. The answer does not wait for the child to be gone.
    const cleaned = worker.cancel(id).then(() => storage.remove(`jobs/${id}`));
    cleaned.catch((err: unknown) => log.error({ err, jobId: id }, 'Job:NotCleaned'));
    return dismissed;
  }

  /**
   * The job with its results.
   * @throws ResultsNotReady, JobFailed, JobDismissed, ResultsExpired, NoSuchJob
   */
  async finished(id: string, owner: string): Promise<FinishedJob> {
    return this.#withResults(await this.get(id, owner));
  }

  /** The same by a result link: the caller has checked its signature, which is the right to the files. */
  async linked(id: string): Promise<FinishedJob> {
    const job = uuid.test(id) ? await this.#tools.store.findLinked(id) : undefined;
    if (job === undefined) throw new NoSuchJob(id);
    return this.#withResults(job);
  }

  #withResults(job: Job): FinishedJob {
    const { id } = job;
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
  async output(id: string, outputId: string, owner: string): Promise<StoredOutput> {
    const { results } = await this.finished(id, owner);
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

function limitsOf(caller: Caller, perOwner: OwnerLimits): OwnerLimits {
  const { maxQueued = perOwner.maxQueued, maxRunning = perOwner.maxRunning } = caller;
  return {
    ...perOwner,
    ...(maxQueued !== undefined && { maxQueued }),
    ...(maxRunning !== undefined && { maxRunning }),
  };
}

/** One text for equal values: members in the order of their names. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
