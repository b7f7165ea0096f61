import type { ExecutionRequest } from '../processes/execution-request.ts';
import type { Failure } from './child-protocol.ts';
import type { Job, JobStatus, JobSummary, LogLine, Results } from './job.ts';

export interface NewJob {
  readonly id: string;
  readonly processId: string;
  readonly owner: string;
  /** Higher ones are taken first. */
  readonly priority: number;
  /** Windows that the network has to compute: what an owner's share of the workers is counted in. */
  readonly cost: number;
  /** Without the values of write-only inputs. */
  readonly request: ExecutionRequest;
  /** Sealed values of write-only inputs; kept until the job has ended. */
  readonly secrets?: string;
  readonly repeatable?: Repeatable;
}

/** What makes a repeated request known: the key that its client gave, and a digest of all that it asked for. */
export interface Repeatable {
  readonly key: string;
  readonly digest: string;
}

/** What one owner may ask of the store. Absent: no limit. */
export interface OwnerLimits {
  /** Jobs that may wait at once. */
  readonly maxQueued?: number;
  /** Windows that the waiting jobs may need together; one job may always wait. */
  readonly maxQueuedCost?: number;
  /** Jobs that may run at once, on all workers together; the others wait. Holds for all jobs of the owner from now on. */
  readonly maxRunning?: number;
}

/** A place in the list of jobs, newest first: those after it are older. */
export interface Place {
  readonly created: string;
  readonly id: string;
}

/** Which jobs are listed: those that fit every member that is there. */
export interface JobFilter {
  /** Any of them. */
  readonly processIds?: readonly string[];
  /** Any of them. */
  readonly statuses?: readonly JobStatus[];
  /** Both ends belong to it. */
  readonly created?: { readonly from?: string; readonly to?: string };
  /** Time of computing, of running jobs until now. Jobs that never ran have none. Both ends belong to it. */
  readonly durationMs?: { readonly least?: number; readonly most?: number };
}

/** A page of somebody's jobs. */
export interface Listing {
  readonly owner: string;
  readonly filter: JobFilter;
  readonly limit: number;
  readonly after?: Place | undefined;
}

export type Outcome =
  | { readonly status: 'successful'; readonly results: Results }
  | { readonly status: 'failed'; readonly failure: Failure };

/** Jobs of one priority that wait for their first attempt. */
export interface WaitingJobs {
  readonly priority: number;
  readonly jobs: number;
  readonly windows: number;
}

/**
 * The jobs: the only truth about them. What resolves is durable. A method that answers `false` or nothing changed no
 * row: somebody else was faster. What users ask for names its owner, and finds nothing of others. What workers write
 * about their attempts is in `lease-store.ts`.
 */
export interface JobStore {
  /**
   * Rejects when another job of its owner has its key.
   * @throws QuotaReached, exactly also when many are added at once
   */
  add(job: NewJob, limits?: OwnerLimits): Promise<Job>;
  /** The job that an owner added with a key. */
  findByKey(
    owner: string,
    key: string,
  ): Promise<{ readonly job: Job; readonly digest: string } | undefined>;
  find(id: string, owner: string): Promise<Job | undefined>;
  /** The same without what may be large. */
  findSummary(id: string, owner: string): Promise<JobSummary | undefined>;
  /** The job that a result link names, whosever it is: who knows the link has the right to its files. */
  findLinked(id: string): Promise<Job | undefined>;
  /** Newest first, at most `limit`, those after `after`. */
  list(listing: Listing): Promise<readonly JobSummary[]>;
  /** What happened to a job, oldest first. */
  log(id: string, owner: string): Promise<readonly LogLine[]>;
  /** Dismisses a job that is in one of the states that allow it. Nothing may be published after it. */
  dismiss(id: string, owner: string): Promise<Job | undefined>;
  /** Finished jobs whose results are older than a time and still there. */
  withResultsBefore(time: string): Promise<readonly Job[]>;
  /** Forgets the results of a job. */
  expire(id: string): Promise<boolean>;
  /** Removes the rows of jobs that finished before a time, and answers their ids. */
  removeFinishedBefore(time: string): Promise<readonly string[]>;
  /** True when `attempt` of a job has results, or somebody works on it. */
  isLive(id: string, attempt: number): Promise<boolean>;
  /** Resolves when the database answers. */
  answers(): Promise<void>;
  /** Jobs that wait for their first attempt. */
  countWaiting(): Promise<number>;
  /** The same by priority, with the windows that they need. */
  waiting(): Promise<readonly WaitingJobs[]>;
  /** When the job that waits for its first attempt longest was accepted. */
  oldestWaiting(): Promise<string | undefined>;
  countByStatus(): Promise<Readonly<Partial<Record<JobStatus, number>>>>;
}
