/** Composition, the part that keeps things: jobs, leases, results, secrets, and the folder in which this process works. */
import { join } from 'node:path';
import { programFiles } from './child-program.ts';
import type { Config } from './config/config.ts';
import { lockFile } from './database/file-lock.ts';
import type { JobDatabase } from './database/job-database.ts';
import { databaseSecret } from './database/kept-secrets.ts';
import { KnexJobStore } from './database/knex-job-store.ts';
import { KnexLeaseStore } from './database/knex-lease-store.ts';
import type { JobObserver } from './jobs/job-observer.ts';
import { loseAll } from './jobs/lease-watch.ts';
import { killLeftovers } from './jobs/leftover-children.ts';
import { freshScratch } from './jobs/scratch.ts';
import { Sealer } from './jobs/sealing.ts';
import { clearDeadWorkers, takeWorkerFolder } from './jobs/worker-folders.ts';
import type { Log } from './log.ts';
import { fileSecret } from './storage/file-secret.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';
import { workerName } from './worker-name.ts';

export interface StoresOptions {
  readonly config: Config;
  readonly log: Log;
  readonly now: () => Date;
  readonly jobDatabase: JobDatabase;
  readonly observer: JobObserver;
}

/** What keeps jobs, and all that belongs to them. */
export interface Stores {
  readonly store: KnexJobStore;
  readonly leases: KnexLeaseStore;
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly linkSecret: string;
  readonly callbackSecret: string;
  readonly scratchDirectory: string;
  /** Ends what dead processes left, as far as that may take its time. */
  clear(): Promise<void>;
  /** Removes what is this process's own. */
  close(): Promise<void>;
}

export async function openStores(options: StoresOptions): Promise<Stores> {
  const { waker, database } = options.jobDatabase;
  const leases = new KnexLeaseStore(database, options.now);
  const place = await (waker === undefined ? placeAlone : placeAmongOthers)(options, leases);
  return orClose(place, async () => ({ ...place, leases, ...(await openIn(options)) }));
}

/** Closes what is open already where the rest of a start fails: its process could not end. */
export async function orClose<Value>(
  opened: Pick<Stores, 'close'>,
  rest: () => Promise<Value>,
): Promise<Value> {
  try {
    return await rest();
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openIn({
  config,
  now,
  jobDatabase,
}: StoresOptions): Promise<Omit<Stores, 'leases' | keyof Place>> {
  const { database, reader, waker } = jobDatabase;
  const secret = async (name: string, configured: string | undefined): Promise<string> => {
    if (configured !== undefined) return configured;
    if (waker !== undefined) return databaseSecret(database, name);
    return fileSecret(config.dataDirectory, name);
  };
  return {
    store: new KnexJobStore(database, now, { reader, waker }),
    storage: await openStorage({
      store: config.resultStore,
      directory: join(config.dataDirectory, 'results'),
      endpointUrl: config.resultEndpointUrl,
      region: config.resultRegion,
    }),
    sealer: new Sealer(await secret('secret-key', config.secretKey)),
    linkSecret: await secret('link-secret', config.linkSecret),
    callbackSecret: await secret('callback-secret', config.callbackSecret),
  };
}

type Place = Pick<Stores, 'scratchDirectory' | 'clear' | 'close'>;

const nothing = async (): Promise<void> => undefined;

/**
 * Clears up after an earlier server that may have been killed: the data folder is ours alone, so no worker of its jobs
 * lives any more.
 */
async function placeAlone(
  { config, jobDatabase, log, observer }: StoresOptions,
  leases: KnexLeaseStore,
): Promise<Place> {
  await loseAll({ leases, log, observer });
  await jobDatabase.assertDurable();
  const scratchDirectory = join(config.dataDirectory, 'scratch');
  for (const child of await killLeftovers(scratchDirectory, programFiles()))
    log.warn(child, 'Child:Killed');
  await freshScratch(scratchDirectory);
  return { scratchDirectory, clear: nothing, close: nothing };
}

async function placeAmongOthers(
  { config, log, observer }: StoresOptions,
  leases: KnexLeaseStore,
): Promise<Place> {
  const root = join(config.dataDirectory, 'workers');
  const folder = await takeWorkerFolder(root, workerName, lockFile);
  const tools = { lockFile, leases, log, observer, programFiles: programFiles() };
  return {
    scratchDirectory: folder.directory,
    clear: () => clearDeadWorkers(root, folder, tools),
    close: () => folder.release(),
  };
}
