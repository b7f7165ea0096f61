/** Composition root of a worker: jobs of a shared database, without HTTP. Loads neither GDAL nor ONNX Runtime. */
import type { App } from './app.ts';
import { childPrograms } from './child-program.ts';
import { createComputing, createReadiness } from './computing.ts';
import { publicRoot, type Config } from './config/config.ts';
import { dataFolderTrouble } from './database/data-folder.ts';
import { openJobDatabase, type JobDatabase } from './database/job-database.ts';
import { Misconfigured } from './errors.ts';
import { createLinks } from './http/links.ts';
import { leaseTimes } from './jobs/lease-keeper.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createMetrics, openOperations } from './operations.ts';
import { linkSignature } from './storage/link-signature.ts';
import { openStores, orClose, type Stores } from './stores.ts';
import { version } from './version.ts';

/**
 * Opens what all processes share, and computes jobs until it is stopped.
 * @throws Misconfigured where the settings are those of a server that is alone
 */
export async function startWorkApp(config: Config, log: Log): Promise<Pick<App, 'stop'>> {
  assertForWorkers(config);
  try {
    const jobDatabase = await openJobDatabase(config, log);
    try {
      return await start(config, log, jobDatabase);
    } catch (error) {
      await jobDatabase.close();
      throw error;
    }
  } catch (error) {
    throw dataFolderTrouble(error, config.dataDirectory);
  }
}

function assertForWorkers({ databaseUrl, maxRunningJobs, baseUrl, port }: Config): void {
  if (databaseUrl === undefined)
    throw new Misconfigured(
      'A worker needs DATABASE_URL, the PostgreSQL that it shares with the servers. Without one, "npm start" runs a server with its worker.',
    );
  if (maxRunningJobs === 0)
    throw new Misconfigured(
      'A worker with MAX_RUNNING_JOBS=0 would do nothing. Set it to 1 or more.',
    );
  if (baseUrl === undefined && port === 0)
    throw new Misconfigured(
      'A worker writes links to results and cannot know the port of a server with PORT=0. Set BASE_URL, the same for servers and workers.',
    );
}

const now = (): Date => new Date();

async function start(
  config: Config,
  log: Log,
  jobDatabase: JobDatabase,
): Promise<Pick<App, 'stop'>> {
  const metrics = createMetrics(now);
  const observed = { observer: metrics.jobs };
  const stores = await openStores({ config, log, jobDatabase, now, ...observed });
  return orClose(stores, () => startWith(stores, { config, log, jobDatabase, metrics }));
}

interface Opened {
  readonly config: Config;
  readonly log: Log;
  readonly jobDatabase: JobDatabase;
  readonly metrics: Metrics;
}

async function startWith(
  stores: Stores,
  { config, log, jobDatabase, metrics }: Opened,
): Promise<Pick<App, 'stop'>> {
  const observed = { observer: metrics.jobs };
  const root = publicRoot(config, config.port);
  const links = createLinks(root, (jobId) => linkSignature(stores.linkSecret, jobId));
  const programs = await childPrograms(config, log);
  const parts = { config, log, jobDatabase, stores, links, programs, ...observed };
  const computing = createComputing(parts, leaseTimes.workerLookMs);
  metrics.watch({ worker: computing.worker, maxRunning: config.maxRunningJobs });
  const { probe, readiness } = createReadiness(parts, async () => {
    // Servers count; of a thousand workers each asks whether the database is there.
    await stores.store.answers();
    return {};
  });
  const isReady = async (): Promise<boolean> => (await readiness.answer()).status === 'ready';
  const operations = await openOperations(config, metrics, isReady);
  await readiness.lookAtModel();
  computing.start();
  log.info({ root, metricsPort: operations?.port, version }, 'Worker:Started');
  return {
    async stop() {
      log.info('Worker:Stopping');
      readiness.stop();
      await Promise.all([computing.stop(), probe.stop()]);
      await operations?.close();
      await stores.close();
      await jobDatabase.close();
      log.info('Worker:Stopped');
    },
  };
}
