/**
 * Jobs in SQL. Every change of state is conditional on the states that may precede it (`jobs/job.ts`), and is written
 * together with its line in the log and its callbacks. Each transaction begins with a write, so that it has the right to
 * write from its first moment.
 */
import type { Knex } from 'knex';
import type { Failure } from '../jobs/child-protocol.ts';
import {
  predecessors,
  type Job,
  type JobStatus,
  type JobSummary,
  type Lease,
  type LogLine,
} from '../jobs/job.ts';
import type { JobFilter, JobStore, NewJob, Outcome, Place } from '../jobs/job-store.ts';
import { addLine, mostLines, recordChange } from './job-changes.ts';
import { jobList } from './job-list-query.ts';
import type { SqliteReader } from './sqlite-reader.ts';
import { jobOf, summaryColumns, summaryOf, type JobRow, type SummaryRow } from './job-row.ts';

export class KnexJobStore implements JobStore {
  readonly #database: Knex;
  readonly #now: () => Date;
  readonly #reader: SqliteReader | undefined;

  /** With a reader, what is asked most often does not go through knex. */
  constructor(database: Knex, now: () => Date, reader?: SqliteReader) {
    this.#database = database;
    this.#now = now;
    this.#reader = reader;
  }

  async add(job: NewJob): Promise<Job> {
    const now = this.#time();
    const [added] = await this.#changing((jobs) =>
      jobs
        .insert({
          id: job.id,
          process_id: job.processId,
          status: 'accepted',
          request: JSON.stringify(job.request),
          message: 'Waiting for a free place to run.',
          created: now,
          updated: now,
        })
        .returning('*'),
    );
    if (added === undefined) throw new Error('An insert answers its row.');
    return added;
  }

  async find(id: string): Promise<Job | undefined> {
    const row = await this.#jobs().where({ id }).first();
    return row && jobOf(row);
  }

  async findSummary(id: string): Promise<JobSummary | undefined> {
    const [row] = this.#reader
      ? this.#reader.rows<SummaryRow>(`select ${summaryColumns} from jobs where id = ?`, [id])
      : await this.#database
          .select<SummaryRow[]>(this.#database.raw(summaryColumns))
          .from('jobs')
          .where({ id });
    return row && summaryOf(row);
  }

  async list(filter: JobFilter, limit: number, after?: Place): Promise<readonly JobSummary[]> {
    const nowMs = this.#now().getTime();
    const query = jobList(this.#database, { filter, limit, after, nowMs });
    if (query === undefined) return [];
    const { sql, bindings } = query.toSQL().toNative();
    const rows = this.#reader?.rows<SummaryRow>(sql, bindings) ?? ((await query) as SummaryRow[]);
    return rows.map(summaryOf);
  }

  async log(id: string): Promise<readonly LogLine[]> {
    return this.#database('job_log')
      .select<LogLine[]>('time', 'message')
      .where({ job_id: id })
      .orderBy('id')
      .limit(mostLines);
  }

  note(id: string, message: string): Promise<void> {
    return addLine(this.#database, id, { time: this.#time(), message });
  }

  async claim(token: string): Promise<Job | undefined> {
    const now = this.#now();
    const oldest = this.#jobs()
      .select('id')
      .where({ status: 'accepted' })
      .orderBy(['created', 'id'])
      .limit(1);
    const raw = this.#database.raw.bind(this.#database);
    const [claimed] = await this.#changing((jobs) =>
      jobs
        .whereIn('id', oldest)
        .whereIn('status', ['accepted'])
        .update({
          status: 'running',
          attempt: raw('attempt + 1'),
          lease_token: token,
          progress: 0,
          message: 'Starting.',
          started: raw('coalesce(started, ?)', [now.toISOString()]),
          started_ms: raw('coalesce(started_ms, ?)', [now.getTime()]),
          updated: now.toISOString(),
        })
        .returning('*'),
    );
    return claimed;
  }

  async report(lease: Lease, progress: number, message: string): Promise<boolean> {
    const highest = this.#database.raw('case when progress > ? then progress else ? end', [
      progress,
      progress,
    ]);
    const changed = await leased(this.#jobs(), lease).update({
      progress: highest,
      message,
      updated: this.#time(),
    });
    return changed === 1;
  }

  async finish(lease: Lease, outcome: Outcome): Promise<boolean> {
    const end = this.#end();
    const ended = await this.#changing((jobs) =>
      leased(jobs, lease)
        .update({ ...outcomeColumns(outcome), ...end, status: outcome.status })
        .returning('*'),
    );
    return ended.length === 1;
  }

  async dismiss(id: string): Promise<Job | undefined> {
    const { finished, duration_ms: duration, ...end } = this.#end();
    const raw = this.#database.raw.bind(this.#database);
    const [dismissed] = await this.#changing((jobs) =>
      jobs
        .where({ id })
        .whereIn('status', predecessors('dismissed'))
        .update({
          ...end,
          status: 'dismissed',
          result: null,
          failure: null,
          message: 'The job was dismissed.',
          finished: raw('coalesce(finished, ?)', [finished]),
          duration_ms: raw('coalesce(duration_ms, ?)', [duration]),
        })
        .returning('*'),
    );
    return dismissed;
  }

  async interruptRunning(failure: Failure): Promise<number> {
    const end = this.#end();
    const lost = await this.#changing((jobs) =>
      jobs
        .where({ status: 'running' })
        .update({ ...outcomeColumns({ status: 'failed', failure }), ...end, status: 'failed' })
        .returning('*'),
    );
    return lost.length;
  }

  async withResultsBefore(time: string): Promise<readonly Job[]> {
    const rows = await this.#jobs().whereNotNull('result').where('finished', '<', time);
    return rows.map(jobOf);
  }

  async expire(id: string): Promise<boolean> {
    const now = this.#time();
    const changed = await this.#jobs()
      .where({ id })
      .whereNotNull('result')
      .update({ result: null, expired: now });
    return changed === 1;
  }

  async removeFinishedBefore(time: string): Promise<readonly string[]> {
    const rows = await this.#jobs().select('id').where('finished', '<', time);
    const ids = rows.map((row) => row.id);
    // One by one: the number of values in a statement is limited. A finished job stays finished.
    for (const id of ids) await this.#jobs().where({ id }).delete();
    return ids;
  }

  async isLive(id: string, attempt: number): Promise<boolean> {
    const row = await this.#jobs()
      .where({ id, attempt })
      .where((either) => void either.whereNotNull('result').orWhere({ status: 'running' }))
      .first();
    return row !== undefined;
  }

  async countWaiting(): Promise<number> {
    const rows = await this.#database('jobs')
      .where({ status: 'accepted' })
      .count<{ jobs: number | string }[]>({ jobs: '*' });
    return Number(rows[0]?.jobs);
  }

  async countByStatus(): Promise<Readonly<Partial<Record<JobStatus, number>>>> {
    const rows = await this.#database('jobs')
      .select('status')
      .count<{ status: JobStatus; jobs: number }[]>({ jobs: '*' })
      .groupBy('status');
    return Object.fromEntries(rows.map((row) => [row.status, row.jobs]));
  }

  #jobs(): Knex.QueryBuilder<JobRow, JobRow[]> {
    return this.#database<JobRow, JobRow[]>('jobs');
  }

  /** Changes the state of jobs and records it: both or nothing. Answers the jobs that changed. */
  #changing(
    change: (jobs: Knex.QueryBuilder<JobRow, JobRow[]>) => PromiseLike<JobRow[]>,
  ): Promise<Job[]> {
    return this.#database.transaction(async (trx) => {
      const changed = (await change(trx<JobRow, JobRow[]>('jobs'))).map(jobOf);
      for (const job of changed) await recordChange(trx, job);
      return changed;
    });
  }

  /** Columns of every end of an attempt. */
  #end() {
    const now = this.#now();
    const time = now.toISOString();
    return {
      lease_token: null,
      finished: time,
      updated: time,
      duration_ms: this.#database.raw('? - started_ms', [now.getTime()]),
    };
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

/** The row of a running attempt, if the lease still holds. */
function leased(
  jobs: Knex.QueryBuilder<JobRow, JobRow[]>,
  lease: Lease,
): Knex.QueryBuilder<JobRow, JobRow[]> {
  return jobs.where({
    id: lease.jobId,
    status: 'running',
    attempt: lease.attempt,
    lease_token: lease.token,
  });
}

function outcomeColumns(outcome: Outcome): Partial<JobRow> {
  if (outcome.status === 'successful') {
    return { result: JSON.stringify(outcome.results), progress: 100, message: 'Finished.' };
  }
  return { failure: JSON.stringify(outcome.failure), message: outcome.failure.message };
}
