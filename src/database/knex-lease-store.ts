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
import { charge, giveBack } from './owner-queues.ts';
import { isPostgres } from './postgres-client.ts';
import {
  isAnyoneWaiting,
  longestDelayMs,
  takeTurn,
  waitForTurn,
  whoWait,
  type Turn,
} from './turns.ts';

type JobQuery = Knex.QueryBuilder<JobRow, JobRow[]>;

/**
 * A claim that finds what it was about to take gone looks again: somebody else got on meanwhile. Not for ever: an
 * administrator may hold a row for long.
 */
const mostTries = 20;

export class KnexLeaseStore implements LeaseStore {
  readonly #database: Knex;
  readonly #now: () => Date;

  constructor(database: Knex, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  async claim(claim: Claim): Promise<ClaimedJob | undefined> {
    const now = this.#now();
    for (let tries = 0; tries < mostTries; tries += 1) {
      if (!(await isAnyoneWaiting(this.#database, now.getTime()))) return undefined;
      // One that found nobody's turn free waits in line the next time.
      const row = await this.#take({ ...claim, now }, tries > 0);
      if (row === undefined) continue;
      const { secrets, lost_attempts: lostAttempts } = row;
      return { ...jobOf(row), lostAttempts, ...(secrets !== null && { secrets }) };
    }
    return undefined;
  }

  /** Takes the oldest job of the owner who is next. */
  async #take(claim: TimedClaim, isInLine: boolean): Promise<JobRow | undefined> {
    let turn: Turn | undefined;
    const [row] = await changing(
      this.#database,
      async (_jobs, trx) => {
        if (isInLine) await waitForTurn(trx);
        turn = await takeTurn(trx, claim.now.getTime());
        if (turn === undefined) return [];
        const taken = await takeOldest(trx, turn, claim);
        // Somebody is dismissing it.
        if (taken.length === 0) await giveBack(trx, turn.owner);
        return taken;
      },
      (trx, taken) => charge(trx, taken, turn?.isAgain === false),
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
    const columns = { progress: highest, message, updated: time };
    if (line === undefined) return (await this.#leased(lease).update(columns)) === 1;
    return this.#database.transaction(async (trx) => {
      const changed = await leased(trx<JobRow, JobRow[]>('jobs'), lease).update(columns);
      if (changed === 1) await addLine(trx, lease.jobId, { time, message: line });
      return changed === 1;
    });
  }

  async finish(lease: Lease, outcome: Outcome): Promise<boolean> {
    const end = endColumns(this.#database, this.#now());
    const ended = await changing(
      this.#database,
      (jobs) =>
        leased(jobs, lease)
          .update({ ...outcomeColumns(outcome), ...end, status: outcome.status })
          .returning('*'),
      (trx, { owner }) => giveBack(trx, owner),
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
    const ended = await changing(
      this.#database,
      (jobs) =>
        held(jobs)
          .update({
            ...lost,
            ...outcomeColumns({ status: 'failed', failure }),
            ...end,
            status: 'failed',
          })
          .returning('*'),
      (trx, { owner }) => giveBack(trx, owner),
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
      await giveBack(trx, released.owner);
      return true;
    });
  }

  #leased(lease: Lease): JobQuery {
    return leased(this.#database<JobRow, JobRow[]>('jobs'), lease);
  }
}

interface TimedClaim extends Claim {
  readonly now: Date;
}

/** Takes the oldest job of a turn, of the highest priority; one that somebody is about to change is left to it. */
function takeOldest(
  trx: Knex,
  { owner, isAgain }: Turn,
  { token, worker, leaseMs, now }: TimedClaim,
): PromiseLike<JobRow[]> {
  const nowMs = now.getTime();
  const oldest = whoWait(trx('jobs'), isAgain, nowMs)
    .select('id')
    .where({ owner })
    .orderBy([{ column: 'priority', order: 'desc' }, 'created', 'id'])
    .limit(1);
  if (isPostgres(trx)) void oldest.forUpdate().skipLocked();
  return trx<JobRow, JobRow[]>('jobs')
    .where('id', '=', oldest as never)
    .update({
      status: 'running',
      attempt: trx.raw('attempt + 1'),
      lease_token: token,
      worker,
      lease_until_ms: nowMs + leaseMs,
      progress: 0,
      message: 'Starting.',
      started: trx.raw('coalesce(started, ?)', [now.toISOString()]),
      started_ms: trx.raw('coalesce(started_ms, ?)', [nowMs]),
      updated: now.toISOString(),
    })
    .returning('*');
}

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
