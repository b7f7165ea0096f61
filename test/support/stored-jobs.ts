/** Jobs of every kind, put into a data folder before a server starts on it. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { openDatabase } from '../../src/database/open.ts';
import { anonymous, type JobStatus } from '../../src/jobs/job.ts';
import { claimWith } from './claim.ts';
import { ordinary } from './ordinary-job.ts';

export interface StoredJob {
  readonly processId: string;
  readonly status: JobStatus;
  /** RFC 3339. */
  readonly created: string;
  /** Time of computing; until the end of `addJobs` for a running one. */
  readonly seconds?: number;
}

/** Answers the ids, in the order of the jobs. They are added from the oldest on, each to its end. */
export async function addJobs(
  dataDirectory: string,
  jobs: readonly StoredJob[],
): Promise<readonly string[]> {
  const database = await openDatabase(join(dataDirectory, 'jobs.sqlite'));
  let nowMs = 0;
  try {
    const now = () => new Date(nowMs);
    const stores = {
      store: new KnexJobStore(database, now),
      leases: new KnexLeaseStore(database, now),
    };
    const ids: string[] = [];
    for (const job of jobs) {
      nowMs = Date.parse(job.created);
      ids.push(await addJob(stores, job, (seconds) => void (nowMs += 1000 * seconds)));
    }
    return ids;
  } finally {
    await database.destroy();
  }
}

async function addJob(
  { store, leases }: { readonly store: KnexJobStore; readonly leases: KnexLeaseStore },
  { processId, status, seconds = 0 }: StoredJob,
  pass: (seconds: number) => void,
): Promise<string> {
  const id = randomUUID();
  const request = { inputs: { a: 'x' }, outputs: { a: { transmissionMode: 'value' as const } } };
  await store.add({ ...ordinary, id, processId, request });
  if (status === 'accepted') return id;
  if (status === 'dismissed' && seconds === 0) {
    await store.dismiss(id, anonymous);
    return id;
  }
  const lease = { jobId: id, attempt: 1, token: 'token' };
  await leases.claim(claimWith(lease.token));
  pass(seconds);
  if (status === 'running') await lastAttempt(leases, id);
  if (status === 'dismissed') await store.dismiss(id, anonymous);
  if (status === 'failed')
    await leases.finish(lease, { status, failure: { kind: 'crashed', message: 'It crashed.' } });
  if (status === 'successful')
    await leases.finish(lease, { status, results: { a: { kind: 'value', value: 'x' } } });
  return id;
}

/** Loses the first attempts: the server that finds the third one without a worker ends the job. */
async function lastAttempt(leases: KnexLeaseStore, jobId: string): Promise<void> {
  for (const attempt of [1, 2]) {
    const lease = { jobId, attempt, token: 'token' };
    await leases.lose(lease, { kind: 'retry', delayMs: 0, message: 'Lost.' });
    await leases.claim(claimWith('token'));
  }
}
