/**
 * Who may go next: start-time fair queueing among the owners of one priority.
 *
 * P. Goyal, H. Vin, H. Cheng, "Start-time Fair Queueing: A Scheduling Algorithm for Integrated Services Packet Switching
 * Networks", SIGCOMM 1996; for many workers at once ("SFQ(D)"): W. Jin, J. Chase, J. Kaur, "Interposed Proportional Sharing
 * for a Storage Service Utility", SIGMETRICS 2004. It is fair however many workers there are and however fast they are.
 *
 * - A queue holds the waiting jobs of one owner and one priority, oldest first. Its virtual time is the start tag of its
 *   first job: the windows that this owner was given there so far.
 * - A claim takes the queue of least virtual time among those of the highest priority, and adds the cost of the job, at the
 *   time it begins. Attempts are counted, not jobs: what is computed again takes from others again.
 * - A queue is open while a job waits in it and its owner may run one more. One that opens begins no earlier than the
 *   others are (SFQ's `max(v, F)`, with v the least virtual time that is open, or the greatest of all when none is): who was
 *   away, or at the limit of running jobs, has neither saved anything up nor anything to make good.
 *
 * So the windows given to two owners, while jobs of both wait and both may run, never differ by more than two of their
 * largest jobs (attempts that are repeated go first, and come on top). Priorities are strict: lower ones get what higher
 * ones leave, which may be nothing.
 *
 * All rows of an owner are written under the lock of the one in `owners`. Who holds a job's row may wait for it; who holds it
 * waits for nothing (`turns.ts`). So no two transactions can wait for each other.
 */
import type { Knex } from 'knex';
import { QuotaReached } from '../errors.ts';
import type { OwnerLimits } from '../jobs/job-store.ts';
import { isPostgres } from './postgres-client.ts';

/** What of a job decides where it waits. */
export interface Waiting {
  readonly owner: string;
  readonly priority: number;
  /** Windows. */
  readonly cost: number;
}

/** Room for one more running job. */
export const hasRoom = '(owners.max_running is null or owners.running < owners.max_running)';

/** A job begins to wait. @throws QuotaReached */
export async function enqueue(trx: Knex, job: Waiting, limits: OwnerLimits): Promise<void> {
  const { owner, priority, cost } = job;
  // Whoever comes at the same time waits here, so that the limits hold exactly.
  await trx('owners')
    .insert({ owner, max_running: limits.maxRunning ?? null })
    .onConflict('owner')
    .merge(['max_running']);
  await assertWithin(trx, job, limits);
  const sum = (column: string) => trx.raw('queues.?? + excluded.??', [column, column]);
  await trx('queues')
    .insert({ owner, priority, waiting: 1, waiting_cost: cost })
    .onConflict(['owner', 'priority'])
    .merge({ waiting: sum('waiting'), waiting_cost: sum('waiting_cost') });
  await openOrClose(trx, owner);
}

async function assertWithin(trx: Knex, { owner, cost }: Waiting, limits: OwnerLimits) {
  const { maxQueued, maxQueuedCost } = limits;
  if (maxQueued === undefined && maxQueuedCost === undefined) return;
  const [found] = await trx('queues')
    .where({ owner })
    .sum<Record<'jobs' | 'windows', number | string | null>[]>({
      jobs: 'waiting',
      windows: 'waiting_cost',
    });
  const jobs = Number(found?.jobs);
  const windows = Number(found?.windows);
  if (maxQueued !== undefined && jobs >= maxQueued)
    throw new QuotaReached({ kind: 'jobs', most: maxQueued, waiting: jobs });
  // A job that is too large by itself can be had when nothing else waits: no request is refused for ever.
  if (maxQueuedCost !== undefined && jobs > 0 && windows + cost > maxQueuedCost)
    throw new QuotaReached({ kind: 'windows', most: maxQueuedCost, waiting: windows, asked: cost });
}

/** A waiting job is waited for no more. */
export async function unqueue(trx: Knex, job: Waiting): Promise<void> {
  await lockOwner(trx, job.owner);
  await addTo(trx, job, { waiting: -1, waiting_cost: -job.cost });
  await openOrClose(trx, job.owner);
}

/** An attempt of an owner that had been reserved begins; a first one waits no more. */
export async function charge(trx: Knex, job: Waiting, isFirst: boolean): Promise<void> {
  const { cost } = job;
  const unwaited = isFirst ? { waiting: -1, waiting_cost: -cost } : {};
  await addTo(trx, job, { virtual_time: cost, ...unwaited });
  await openOrClose(trx, job.owner);
}

/** An attempt of an owner has ended, or did not begin. */
export async function giveBack(trx: Knex, owner: string): Promise<void> {
  await trx('owners').where({ owner }).decrement('running');
  await openOrClose(trx, owner);
}

async function lockOwner(trx: Knex, owner: string): Promise<void> {
  if (isPostgres(trx)) await trx('owners').select('owner').where({ owner }).forUpdate();
}

async function addTo(
  trx: Knex,
  { owner, priority }: Waiting,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  await trx('queues').where({ owner, priority }).increment(counts);
}

/** Of one priority. */
const leastOpen =
  'select min(others.virtual_time) from queues others where others.is_open = 1 and others.priority = queues.priority';
const greatest =
  'select max(others.virtual_time) from queues others where others.is_open = 0 and others.priority = queues.priority';

/** Opens and closes the queues of an owner, as it has to be now. The owner's row is locked. */
async function openOrClose(trx: Knex, owner: string): Promise<void> {
  const room = `exists (select 1 from owners where owners.owner = queues.owner and ${hasRoom})`;
  const later = isPostgres(trx) ? 'greatest' : 'max';
  await trx('queues')
    .where({ owner })
    .whereRaw(`is_open <> case when waiting > 0 and ${room} then 1 else 0 end`)
    .update({
      is_open: trx.raw('1 - is_open'),
      virtual_time: trx.raw(
        `case when is_open = 1 then virtual_time
              else ${later}(virtual_time, coalesce((${leastOpen}), (${greatest}))) end`,
      ),
    });
}
