/** Measures what a day does too often to be repeated one by one, and what it does not do at all. */
import type { Knex } from 'knex';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import type { Lease } from '../../src/jobs/job.ts';
import { metered, type Book } from './book.ts';
import type { Meter } from './meter.ts';

/** Leases that are held while it is measured. */
export const heldLeases = 200;
const times = 50;

/** For as many days jobs are listed (JOB_DAYS). */
const days = 30;

const now = (): Date => new Date();

/** Adds jobs that run to those of a day. */
export async function calibrate(database: Knex, meter: Meter, book: Book): Promise<void> {
  const store = new KnexJobStore(database, now);
  const plain = new KnexLeaseStore(database, now);
  const leases = metered(plain, meter, book);
  const held: Lease[] = [];
  for (let count = 0; count < heldLeases; count += 1) {
    const id = `calibration ${count}`;
    const request = { inputs: {}, outputs: {} };
    await store.add({ id, processId: 'echo', owner: 'calibration', priority: 0, cost: 1, request });
    const claim = { token: id, worker: 'calibration', leaseMs: 1e9 };
    const job = await plain.claim(claim);
    if (job !== undefined) held.push({ jobId: job.id, attempt: job.attempt, token: id });
  }
  await addEarlierDays(database);
  meter.usage.delete('look');
  meter.usage.delete('poll');
  for (let count = 0; count < times; count += 1) {
    await leases.held();
    await leases.claim({ token: 'nothing', worker: 'calibration', leaseMs: 1 });
    const lease = held[count % held.length];
    if (lease !== undefined) await leases.report(lease, count, `Masking: window ${count} of 841`);
    await meter.measure(
      () => 'count',
      () => store.countByStatus(),
    );
    await meter.measure(
      () => 'answer',
      () => store.answers(),
    );
  }
}

/** As many jobs as in the day, for each day of which jobs are kept. */
async function addEarlierDays(database: Knex): Promise<void> {
  const columns =
    'process_id, status, request, attempt, progress, message, result, created, started, finished, updated, started_ms, duration_ms, owner, cost';
  for (let day = 1; day < days; day += 1)
    await database.raw(
      `insert into jobs (id, ${columns}) select id || ' of day ${day}', ${columns} from jobs
        where status in ('successful', 'failed') and id not like '% of day %'`,
    );
  await database.raw('analyze');
}
