/**
 * Composition root of the server: configuration → database → services → HTTP. Only this file, work-app.ts and
 * what both are made of construct adapters. Loads neither GDAL nor ONNX Runtime.
 */
import { join } from 'node:path';
import { deliveryPolicy, productPlaces } from './child-program.ts';
import { publicRoot, type Config } from './config/config.ts';
import { projectFolder } from './config/project-folder.ts';
import { dataFolderTrouble } from './database/data-folder.ts';
import { openJobDatabase, type JobDatabase } from './database/job-database.ts';
import { Misconfigured } from './errors.ts';
import { listen, type Listener } from './http/listen.ts';
import { createServer } from './http/server.ts';
import type { Log } from './log.ts';
import { cloudMaskRules } from './processes/cloudmask-rules.ts';
import { implementations } from './processes/implementations.ts';
import { assertPaired, loadRegistry } from './processes/registry.ts';
import { unreadableRoot } from './sources/local-product.ts';
import { createServices, type Base, type Services } from './services.ts';
import { version } from './version.ts';

export interface App {
  /** Where it really listens, for those on this machine. */
  readonly address: string;
  /** Public root of the API. */
  readonly root: string;
  /** Removes what is too old, now. */
  sweep(): Promise<void>;
  /** Takes no more requests, stops the children, closes the database. */
  stop(): Promise<void>;
}

export interface AppOptions {
  /** For tests of expiry. */
  readonly now?: () => Date;
}

/** Opens everything, recovers what an earlier server left, and serves. */
export async function startApp(config: Config, log: Log, options: AppOptions = {}): Promise<App> {
  const registry = loadRegistry(join(projectFolder(), 'processes'), [
    cloudMaskRules(productPlaces(config), deliveryPolicy(config)),
  ]);
  assertPaired(registry, Object.keys(implementations));
  await assertRoots(config);
  try {
    return await open({ config, log, registry, now: options.now ?? (() => new Date()) });
  } catch (error) {
    throw dataFolderTrouble(error, config.dataDirectory);
  }
}

async function open(base: Base): Promise<App> {
  const { config, log } = base;
  const jobDatabase = await openJobDatabase(config, log);
  let listener: Listener | undefined;
  try {
    listener = await listen(config.host, config.port);
    const root = publicRoot(config, listener.port);
    const services = await createServices({ ...base, jobDatabase, root });
    listener.serve(createServer(services.api, version));
    services.start();
    log.info({ root, dataDirectory: config.dataDirectory, version }, 'Server:Listening');
    return {
      address: publicRoot({ ...config, baseUrl: undefined }, listener.port),
      root,
      sweep: () => services.retention.sweep(),
      stop: stopOf({ log, jobDatabase, listener, services }),
    };
  } catch (error) {
    listener?.closeAll();
    await listener?.close();
    await jobDatabase.close();
    throw error;
  }
}

interface Running {
  readonly log: Log;
  readonly jobDatabase: JobDatabase;
  readonly listener: Listener;
  readonly services: Services;
}

function stopOf({ log, jobDatabase, listener, services }: Running): () => Promise<void> {
  return async () => {
    log.info('Server:Stopping');
    const closed = listener.close();
    await services.stop();
    listener.closeAll();
    await closed;
    await jobDatabase.close();
    log.info('Server:Stopped');
  };
}

async function assertRoots(config: Config): Promise<void> {
  const missing = await unreadableRoot(config.productRoots);
  if (missing === undefined) return;
  throw new Misconfigured(
    `PRODUCT_ROOTS: the folder ${missing} does not exist or cannot be read. Create it, or take it out of PRODUCT_ROOTS.`,
  );
}
