/** One mapper between a row of the table and a job. */
import type { Failure } from '../jobs/child-protocol.ts';
import type { Job, JobStatus, Results } from '../jobs/job.ts';
import type { ExecutionRequest } from '../processes/execution-request.ts';

export interface JobRow {
  readonly id: string;
  readonly process_id: string;
  readonly status: JobStatus;
  readonly request: string;
  readonly attempt: number;
  readonly lease_token: string | null;
  readonly progress: number;
  readonly message: string;
  readonly failure: string | null;
  readonly result: string | null;
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
  readonly updated: string;
  readonly expired: string | null;
}

/** Columns that are NULL become absent members. */
export function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    processId: row.process_id,
    status: row.status,
    request: JSON.parse(row.request) as ExecutionRequest,
    attempt: row.attempt,
    progress: row.progress,
    message: row.message,
    ...(row.failure !== null && { failure: JSON.parse(row.failure) as Failure }),
    created: row.created,
    ...(row.started !== null && { started: row.started }),
    ...(row.finished !== null && { finished: row.finished }),
    updated: row.updated,
    ...(row.result !== null && { results: JSON.parse(row.result) as Results }),
    ...(row.expired !== null && { expired: row.expired }),
  };
}
