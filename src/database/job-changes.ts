/** What belongs to a change of a job and is written in its transaction: a line of its log, and callbacks. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { callbackUrl, isSameState, lineFor, snapshot } from '../jobs/job-events.ts';
import type { Job, LogLine } from '../jobs/job.ts';
import { jobOf, type JobRow } from './job-row.ts';

type JobQuery = Knex.QueryBuilder<JobRow, JobRow[]>;

/** Nobody reads more, and a child that talks all the time may not fill the disk. */
export const mostLines = 1000;

/** Does nothing when the job has as many lines as it may have, or is not there any more. */
export async function addLine(trx: Knex, jobId: string, line: LogLine): Promise<void> {
  await trx.raw(
    `insert into job_log (job_id, time, message)
     select id, ?, ? from jobs
      where id = ? and (select count(*) from job_log where job_id = jobs.id) < ?`,
    [line.time, line.message, jobId, mostLines],
  );
}

/**
 * Changes the state of jobs and records it, with what else belongs to it: all or nothing. It begins with a write, so that
 * it has the right to write from its first moment. `also` does what else belongs to each row. Answers the rows that changed.
 */
export function changing(
  database: Knex,
  change: (jobs: JobQuery, transaction: Knex) => PromiseLike<JobRow[]>,
  also?: (transaction: Knex, row: JobRow) => Promise<void>,
): Promise<JobRow[]> {
  return database.transaction(async (trx) => {
    const changed = await change(trx<JobRow, JobRow[]>('jobs'), trx);
    for (const row of changed) {
      await recordChange(trx, jobOf(row));
      await also?.(trx, row);
    }
    return changed;
  });
}

/**
 * Columns of every end of a job: nobody may write about it any more, and its secrets are gone. A clock that was set
 * back makes no negative duration.
 */
export function endColumns(database: Knex, now: Date) {
  const time = now.toISOString();
  const nowMs = now.getTime();
  return {
    lease_token: null,
    lease_until_ms: null,
    secrets: null,
    finished: time,
    updated: time,
    duration_ms: database.raw(
      'case when started_ms is null then null when started_ms > ? then 0 else ? - started_ms end',
      [nowMs, nowMs],
    ),
  };
}

/** Records that a job has just reached its state. What was not told of an earlier state is not news any more. */
async function recordChange(trx: Knex, job: Job): Promise<void> {
  await addLine(trx, job.id, { time: job.updated, message: lineFor(job) });
  if (isSameState(job)) return;
  await trx('outbox').where({ job_id: job.id }).delete();
  const url = callbackUrl(job);
  if (url === undefined) return;
  await trx('outbox').insert({
    id: randomUUID(),
    job_id: job.id,
    url,
    job: JSON.stringify(snapshot(job)),
    created: job.updated,
    next_try: job.updated,
  });
}
