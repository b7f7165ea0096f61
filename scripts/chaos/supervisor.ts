/**
 * A process with a worker, as many of which as one likes work on one database: `node supervisor.ts <folder>`. Its leases
 * are short, so that a test need not wait for long.
 */
import { join } from 'node:path';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { connectSqlite } from '../../src/database/connect.ts';
import { LeaseWatch } from '../../src/jobs/lease-watch.ts';
import { Worker } from '../../src/jobs/worker.ts';
import { createLog } from '../../src/log.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { scriptedTools } from '../../test/support/scripted-tools.ts';

const [folder = ''] = process.argv.slice(2);
const database = connectSqlite(join(folder, 'jobs.sqlite'));
const now = () => new Date();
const leases = new KnexLeaseStore(database, now);
const log = createLog('debug');
const times = { leaseMs: 1500, heartbeatMs: 300, lookMs: 300 };
const worker = new Worker(
  {
    ...scriptedTools(),
    store: new KnexJobStore(database, now),
    leases,
    storage: new FileStorage(join(folder, 'results')),
    log,
    scratchDirectory: join(folder, 'scratch'),
    progressIntervalMs: 100,
  },
  { name: `supervisor:${process.pid}`, times, maxRunning: 1, pollIntervalMs: 100, stopGraceMs: 0 },
);
const watch = new LeaseWatch({
  leases,
  log,
  leaseMs: times.leaseMs,
  intervalMs: times.lookMs,
  onLost: () => worker.wake(),
});
worker.start();
watch.start();
process.on('SIGTERM', () => {
  void watch
    .stop()
    .then(() => worker.stop())
    .then(() => process.exit(0));
});
