/**
 * Leases in SQL: each change is one update that names attempt and token, and whose row count is looked at. A job that
 * waits for another attempt is `running` without a token.
 */
import type { Knex } from 'knex';
import type { Lease } from '../jobs/job.ts';
import type { Outcome } from '../jobs/job-store.ts';
import type { AfterLoss, Claim, ClaimedJob, HeldLease, LeaseStore } from '../jobs/lease-store.ts';
import { addLine, changing, endColumns } from './job-changes.ts';
import { jobOf, type JobRow } from './job-row.ts';
import { isPostgres } from './postgres-client.ts';

type JobQuery = Knex.QueryBuilder<JobRow, JobRow[]>;

/** No attempt waits longer: a clock that was set back may not hold up a job. */
const longestDelayMs = 600_000;

export class KnexLeaseStore implements LeaseStore {
  readonly #database: Knex;
  readonly #now: () => Date;

  constructor(database: Knex, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  async claim(claim: Claim): Promise<ClaimedJob | undefined> {
    const now = this.#now();
    const row = (await this.#take(claim, now, waitsAgain)) ?? (await this.#take(claim, now, waits));
    if (row === undefined) return undefined;
    const { secrets, lost_attempts: lostAttempts } = row;
    return { ...jobOf(row), lostAttempts, ...(secrets !== null && { secrets }) };
  }

  /** Takes the oldest of some jobs. */
  async #take(
    { token, worker, leaseMs }: Claim,
    now: Date,
    some: Filter,
  ): Promise<JobRow | undefined> {
    const nowMs = now.getTime();
    const raw = this.#database.raw.bind(this.#database);
    const oldest = some(this.#database<JobRow, JobRow[]>('jobs').select('id'), nowMs)
      .orderBy(['created', 'id'])
      .limit(1);
    // Who looks at the same time takes the next one, and need not wait. In SQLite one looks at a time.
    if (isPostgres(this.#database)) void oldest.forUpdate().skipLocked();
    const [row] = await changing(this.#database, (jobs) =>
      some(jobs.where('id', '=', oldest as never), nowMs)
        .update({
          status: 'running',
          attempt: raw('attempt + 1'),
          lease_token: token,
          worker,
          lease_until_ms: nowMs + leaseMs,
          progress: 0,
          message: 'Starting.',
          started: raw('coalesce(started, ?)', [now.toISOString()]),
          started_ms: raw('coalesce(started_ms, ?)', [nowMs]),
          updated: now.toISOString(),
        })
        .returning('*'),
    );
    return row;
  }

  async renew(lease: Lease, leaseMs: number): Promise<boolean> {
    const untilMs = this.#now().getTime() + leaseMs;
    return (await this.#leased(lease).update({ lease_until_ms: untilMs })) === 1;
  }

  async report(lease: Lease, progress: number, message: string, line?: string): Promise<boolean> {
    const time = this.#now().toISOString();
    const highest = this.#database.raw('case when progress > ? then progress else ? end', [
      progress,
      progress,
    ]);
    return this.#database.transaction(async (trx) => {
      const changed = await leased(trx<JobRow, JobRow[]>('jobs'), lease).update({
        progress: highest,
        message,
        updated: time,
      });
      if (changed === 1 && line !== undefined)
        await addLine(trx, lease.jobId, { time, message: line });
      return changed === 1;
    });
  }

  async finish(lease: Lease, outcome: Outcome): Promise<boolean> {
    const end = endColumns(this.#database, this.#now());
    const ended = await changing(this.#database, (jobs) =>
      leased(jobs, lease)
        .update({ ...outcomeColumns(outcome), ...end, status: outcome.status })
        .returning('*'),
    );
    return ended.length === 1;
  }

  async lose(lease: Lease, after: AfterLoss, untilMs?: number): Promise<boolean> {
    const lost = { lost_attempts: this.#database.raw('lost_attempts + 1') };
    const held = (jobs: JobQuery): JobQuery =>
      leased(jobs, lease).where(untilMs === undefined ? {} : { lease_until_ms: untilMs });
    if (after.kind === 'retry')
      return this.#release(held, after.delayMs, { columns: lost, message: after.message });
    const { failure } = after;
    const end = endColumns(this.#database, this.#now());
    const ended = await changing(this.#database, (jobs) =>
      held(jobs)
        .update({
          ...lost,
          ...outcomeColumns({ status: 'failed', failure }),
          ...end,
          status: 'failed',
        })
        .returning('*'),
    );
    return ended.length === 1;
  }

  handBack(lease: Lease): Promise<boolean> {
    return this.#release((jobs) => leased(jobs, lease), 0, {
      columns: {},
      message: 'The server that computed the job was stopped. It goes on when there is one again.',
    });
  }

  async held(): Promise<readonly HeldLease[]> {
    const rows = await this.#database<JobRow, JobRow[]>('jobs')
      .select('id', 'attempt', 'lease_token', 'worker', 'lease_until_ms', 'lost_attempts')
      .where({ status: 'running' })
      .whereNotNull('lease_token');
    return rows.map((row) => ({
      lease: { jobId: row.id, attempt: row.attempt, token: row.lease_token ?? '' },
      worker: row.worker ?? '',
      untilMs: row.lease_until_ms ?? 0,
      lostAttempts: row.lost_attempts,
    }));
  }

  /** Takes the lease away; the next attempt may begin after a while. The state does not change. */
  async #release(
    held: (jobs: JobQuery) => JobQuery,
    delayMs: number,
    { columns, message }: { readonly columns: object; readonly message: string },
  ): Promise<boolean> {
    const now = this.#now();
    const time = now.toISOString();
    return this.#database.transaction(async (trx) => {
      const [released] = await held(trx<JobRow, JobRow[]>('jobs'))
        .update({
          ...columns,
          lease_token: null,
          worker: null,
          lease_until_ms: now.getTime() + Math.min(delayMs, longestDelayMs),
          message,
          updated: time,
        })
        .returning('*');
      if (released === undefined) return false;
      await addLine(trx, released.id, { time, message });
      return true;
    });
  }

  #leased(lease: Lease): JobQuery {
    return leased(this.#database<JobRow, JobRow[]>('jobs'), lease);
  }
}

type Filter = (jobs: JobQuery, nowMs: number) => JobQuery;

/** Jobs that wait for their first attempt. */
const waits: Filter = (jobs) => jobs.where({ status: 'accepted' });

/** Jobs that wait for another attempt, which may begin now. */
const waitsAgain: Filter = (jobs, nowMs) =>
  jobs
    .where({ status: 'running' })
    .whereNull('lease_token')
    .where(
      (due) =>
        void due
          .where('lease_until_ms', '<=', nowMs)
          .orWhere('lease_until_ms', '>', nowMs + longestDelayMs),
    );

/** The row of a running attempt, if the lease still holds. */
function leased(jobs: JobQuery, { jobId: id, attempt, token }: Lease): JobQuery {
  return jobs.where({ id, status: 'running', attempt, lease_token: token });
}

function outcomeColumns(outcome: Outcome): Partial<JobRow> {
  if (outcome.status === 'successful') {
    return { result: JSON.stringify(outcome.results), progress: 100, message: 'Finished.' };
  }
  return { failure: JSON.stringify(outcome.failure), message: outcome.failure.message };
}
