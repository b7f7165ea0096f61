/**
 * Jobs in SQL. Every change is one statement, which SQLite runs as one immediate transaction, and
 * every change of state is conditional on the states that may precede it (`jobs/job.ts`).
 */
import type { Knex } from 'knex';
import type { Failure } from '../jobs/child-protocol.ts';
import { predecessors, type Job, type JobStatus, type Lease } from '../jobs/job.ts';
import type { JobStore, NewJob, Outcome, Place } from '../jobs/job-store.ts';
import { jobOf, type JobRow } from './job-row.ts';

export class KnexJobStore implements JobStore {
  readonly #database: Knex;
  readonly #now: () => Date;

  constructor(database: Knex, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  async add(job: NewJob): Promise<Job> {
    const now = this.#time();
    const rows = await this.#jobs()
      .insert({
        id: job.id,
        process_id: job.processId,
        status: 'accepted',
        request: JSON.stringify(job.request),
        message: 'Waiting for a free place to run.',
        created: now,
        updated: now,
      })
      .returning('*');
    return jobOf(rows[0] as JobRow);
  }

  async find(id: string): Promise<Job | undefined> {
    const row = await this.#jobs().where({ id }).first();
    return row && jobOf(row);
  }

  async list(limit: number, after?: Place): Promise<readonly Job[]> {
    const query = this.#jobs().orderBy([
      { column: 'created', order: 'desc' },
      { column: 'id', order: 'desc' },
    ]);
    if (after) void query.whereRaw('(created, id) < (?, ?)', [after.created, after.id]);
    return (await query.limit(limit)).map(jobOf);
  }

  async claim(token: string): Promise<Job | undefined> {
    const now = this.#time();
    const oldest = this.#jobs()
      .select('id')
      .where({ status: 'accepted' })
      .orderBy(['created', 'id'])
      .limit(1);
    const rows = await this.#jobs()
      .whereIn('id', oldest)
      .whereIn('status', ['accepted'])
      .update({
        status: 'running',
        attempt: this.#database.raw('attempt + 1'),
        lease_token: token,
        progress: 0,
        message: 'Starting.',
        started: this.#database.raw('coalesce(started, ?)', [now]),
        updated: now,
      })
      .returning('*');
    return rows[0] && jobOf(rows[0]);
  }

  async report(lease: Lease, progress: number, message: string): Promise<boolean> {
    const highest = this.#database.raw('case when progress > ? then progress else ? end', [
      progress,
      progress,
    ]);
    const changed = await this.#leased(lease).update({
      progress: highest,
      message,
      updated: this.#time(),
    });
    return changed === 1;
  }

  async finish(lease: Lease, outcome: Outcome): Promise<boolean> {
    const now = this.#time();
    const changed = await this.#leased(lease).update({
      ...outcomeColumns(outcome),
      status: outcome.status,
      lease_token: null,
      finished: now,
      updated: now,
    });
    return changed === 1;
  }

  async dismiss(id: string): Promise<Job | undefined> {
    const now = this.#time();
    const rows = await this.#jobs()
      .where({ id })
      .whereIn('status', predecessors('dismissed'))
      .update({
        status: 'dismissed',
        lease_token: null,
        result: null,
        failure: null,
        message: 'The job was dismissed.',
        finished: this.#database.raw('coalesce(finished, ?)', [now]),
        updated: now,
      })
      .returning('*');
    return rows[0] && jobOf(rows[0]);
  }

  async interruptRunning(failure: Failure): Promise<number> {
    const now = this.#time();
    return this.#jobs()
      .where({ status: 'running' })
      .update({
        ...outcomeColumns({ status: 'failed', failure }),
        status: 'failed',
        lease_token: null,
        finished: now,
        updated: now,
      });
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

  /** The row of a running attempt, if the lease still holds. */
  #leased(lease: Lease): Knex.QueryBuilder<JobRow, JobRow[]> {
    return this.#jobs().where({
      id: lease.jobId,
      status: 'running',
      attempt: lease.attempt,
      lease_token: lease.token,
    });
  }

  #time(): string {
    return this.#now().toISOString();
  }
}

function outcomeColumns(outcome: Outcome): Partial<JobRow> {
  if (outcome.status === 'successful') {
    return { result: JSON.stringify(outcome.results), progress: 100, message: 'Finished.' };
  }
  return { failure: JSON.stringify(outcome.failure), message: outcome.failure.message };
}
