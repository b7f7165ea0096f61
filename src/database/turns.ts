/** Takes the turn of the owner who is next; `owner-queues.ts` says who that is. */
import type { Knex } from 'knex';
import { hasRoom } from './owner-queues.ts';
import { isPostgres } from './postgres-client.ts';

/** No attempt waits longer: a clock that was set back may not hold up a job. */
export const longestDelayMs = 600_000;

/**
 * Keeps of some jobs those that wait for their first or another attempt, and may begin it now. The states stand in the
 * text so that partial indexes are found by it.
 */
export function whoWait(jobs: Knex.QueryBuilder, isAgain: boolean, nowMs: number) {
  if (!isAgain) return jobs.whereRaw(`jobs.status = 'accepted'`);
  return jobs.whereRaw(
    `jobs.status = 'running' and jobs.lease_token is null
      and (jobs.lease_until_ms <= ? or jobs.lease_until_ms > ?)`,
    [nowMs, nowMs + longestDelayMs],
  );
}

export interface Turn {
  readonly owner: string;
  /** Whether it is that of a job that waits for another attempt. Those go first. */
  readonly isAgain: boolean;
}

/** Cheap: whoever has nothing to do asks all the time. */
export async function isAnyoneWaiting(database: Knex, nowMs: number): Promise<boolean> {
  const [open] = (await highestOpen(database)) as { priority: number | null }[];
  if (open?.priority != null) return true;
  return ((await nextAgain(database, nowMs)) as unknown[]).length > 0;
}

/**
 * Reserves a place of the owner who is next; undefined where nobody is, or all who are have their turn taken right now.
 * Who asks at the same time gets the next owner without waiting: what holds an owner's row waits for nobody's.
 */
export async function takeTurn(trx: Knex, nowMs: number): Promise<Turn | undefined> {
  const again = await reserve(trx, skipping(trx, nextAgain(trx, nowMs)));
  if (again !== undefined) return { owner: again, isAgain: true };
  const first = await reserve(trx, skipping(trx, nextFirst(trx)));
  return first === undefined ? undefined : { owner: first, isAgain: false };
}

/**
 * Resolves when nobody else writes about the owner who is next. To be called at the beginning of a transaction: who holds
 * another row already may not wait for one.
 */
export async function waitForTurn(trx: Knex): Promise<void> {
  if (!isPostgres(trx)) return;
  const [next] = (await nextFirst(trx)) as { owner: string }[];
  if (next !== undefined) await trx('owners').select('owner').where(next).forUpdate();
}

/** Begins with a write, so that it has the right to write in SQLite from its first moment. */
async function reserve(trx: Knex, next: Knex.QueryBuilder): Promise<string | undefined> {
  const [reserved] = await trx('owners')
    .where('owner', '=', next as never)
    .whereRaw(hasRoom)
    .increment('running')
    .returning<{ owner: string }[]>('owner');
  return reserved?.owner;
}

/** Rows of owners only are locked: those of their queues are written under that lock. */
function skipping(trx: Knex, next: Knex.QueryBuilder): Knex.QueryBuilder {
  return isPostgres(trx) ? next.forUpdate('owners').skipLocked() : next;
}

function highestOpen(database: Knex): Knex.QueryBuilder {
  return database('queues').where('is_open', 1).max({ priority: 'priority' });
}

/** By strict priority, then the least virtual time. */
function nextFirst(trx: Knex): Knex.QueryBuilder {
  return trx('queues')
    .join('owners', 'owners.owner', 'queues.owner')
    .select('owners.owner')
    .where('queues.is_open', 1)
    .where('queues.priority', '=', highestOpen(trx) as never)
    .whereRaw(hasRoom)
    .orderBy(['queues.virtual_time', 'queues.owner'])
    .limit(1);
}

/** They are never more than the attempts that ran at once. */
function nextAgain(trx: Knex, nowMs: number): Knex.QueryBuilder {
  return whoWait(trx('jobs'), true, nowMs)
    .join('owners', 'owners.owner', 'jobs.owner')
    .select('owners.owner')
    .whereRaw(hasRoom)
    .orderBy([{ column: 'jobs.priority', order: 'desc' }, 'jobs.created', 'jobs.id'])
    .limit(1);
}
