/** One mapper between a row of the table and a job. */
import type { Failure } from '../jobs/child-protocol.ts';
import type { Job, JobStatus, JobSummary, Results } from '../jobs/job.ts';
import type { ExecutionRequest } from '../processes/execution-request.ts';

export interface JobRow {
  readonly id: string;
  readonly process_id: string;
  readonly owner: string;
  readonly priority: number;
  readonly cost: number;
  readonly status: JobStatus;
  readonly request: string;
  readonly attempt: number;
  readonly lease_token: string | null;
  /** Who holds the lease, for operators. */
  readonly worker: string | null;
  /** With a token: until when its holder answers. Without one: when the next attempt may begin. ms since 1970. */
  readonly lease_until_ms: number | null;
  /** Attempts that ended by a fault of the infrastructure. */
  readonly lost_attempts: number;
  /** Sealed values of write-only inputs. */
  readonly secrets: string | null;
  readonly idempotency_key: string | null;
  readonly request_digest: string | null;
  readonly progress: number;
  readonly message: string;
  readonly failure: string | null;
  readonly result: string | null;
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
  readonly updated: string;
  readonly expired: string | null;
  /** As `started`, in ms since 1970. */
  readonly started_ms: number | null;
  /** From `started` to `finished`. */
  readonly duration_ms: number | null;
}

/** The columns of a summary; `has_results` is 0 or 1. */
export const summaryColumns =
  'id, process_id, owner, status, attempt, progress, message, created, started, finished, updated, expired, ' +
  'case when result is null then 0 else 1 end as has_results';

export type SummaryRow = Pick<
  JobRow,
  | 'id'
  | 'process_id'
  | 'owner'
  | 'status'
  | 'attempt'
  | 'progress'
  | 'message'
  | 'created'
  | 'started'
  | 'finished'
  | 'updated'
  | 'expired'
> & { readonly has_results: number };

/** Columns that are NULL become absent members. */
export function summaryOf(row: SummaryRow): JobSummary {
  return {
    id: row.id,
    processId: row.process_id,
    owner: row.owner,
    status: row.status,
    attempt: row.attempt,
    progress: row.progress,
    message: row.message,
    created: row.created,
    ...(row.started !== null && { started: row.started }),
    ...(row.finished !== null && { finished: row.finished }),
    updated: row.updated,
    ...(row.expired !== null && { expired: row.expired }),
    ...(row.has_results === 1 && { hasResults: true as const }),
  };
}

export function jobOf(row: JobRow): Job {
  return {
    ...summaryOf({ ...row, has_results: row.result === null ? 0 : 1 }),
    request: JSON.parse(row.request) as ExecutionRequest,
    ...(row.failure !== null && { failure: JSON.parse(row.failure) as Failure }),
    ...(row.result !== null && { results: JSON.parse(row.result) as Results }),
  };
}
