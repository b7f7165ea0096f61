/** What belongs to a change of a job and is written in its transaction: a line of its log, and callbacks. */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { callbackUrl, lineFor, snapshot } from '../jobs/job-events.ts';
import type { Job, LogLine } from '../jobs/job.ts';

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

/** Records that a job has just reached its state. What was not told of an earlier state is not news any more. */
export async function recordChange(trx: Knex, job: Job): Promise<void> {
  await addLine(trx, job.id, { time: job.updated, message: lineFor(job) });
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
