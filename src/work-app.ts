/** Composition root of a worker: jobs of a shared database, without HTTP. Loads neither GDAL nor ONNX Runtime. */
import type { App } from './app.ts';
import { childPrograms } from './child-program.ts';
import { createComputing } from './computing.ts';
import { publicRoot, type Config } from './config/config.ts';
import { dataFolderTrouble } from './database/data-folder.ts';
import { openJobDatabase, type JobDatabase } from './database/job-database.ts';
import { Misconfigured } from './errors.ts';
import { createLinks } from './http/links.ts';
import type { Log } from './log.ts';
import { linkSignature } from './storage/link-signature.ts';
import { openStores } from './stores.ts';
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

async function start(
  config: Config,
  log: Log,
  jobDatabase: JobDatabase,
): Promise<Pick<App, 'stop'>> {
  const stores = await openStores({ config, log, jobDatabase, now: () => new Date() });
  const root = publicRoot(config, config.port);
  const links = createLinks(root, (jobId) => linkSignature(stores.linkSecret, jobId));
  const programs = await childPrograms(config, log);
  const computing = createComputing({ config, log, jobDatabase, stores, links, programs });
  computing.start();
  log.info({ worker: stores.worker, root, version }, 'Worker:Started');
  return {
    async stop() {
      log.info('Worker:Stopping');
      await computing.stop();
      await stores.close();
      await jobDatabase.close();
      log.info('Worker:Stopped');
    },
  };
}
