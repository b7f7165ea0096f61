/**
 * Composition root of the server: configuration → database → services → HTTP. Only this file, work-app.ts and
 * what both are made of construct adapters. Loads neither GDAL nor ONNX Runtime.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deliveryPolicy, productPlaces } from './child-program.ts';
import { publicRoot, type Config } from './config/config.ts';
import { projectFolder } from './config/project-folder.ts';
import { dataFolderTrouble } from './database/data-folder.ts';
import { openJobDatabase, type JobDatabase } from './database/job-database.ts';
import { Misconfigured } from './errors.ts';
import { listen, type Listener } from './http/listen.ts';
import type { Operations } from './http/operations.ts';
import { createServer } from './http/server.ts';
import type { Log } from './log.ts';
import { createMetrics, openOperations } from './operations.ts';
import { cloudMaskRules } from './processes/cloudmask-rules.ts';
import { implementations } from './processes/implementations.ts';
import { assertPaired, loadRegistry } from './processes/registry.ts';
import { unreadableRoot } from './sources/local-product.ts';
import { createServices, type Base, type Services } from './services.ts';
import { version } from './version.ts';

/** What is being answered at the end has as long. */
const drainMs = 2000;

export interface App {
  /** Where it really listens, for those on this machine. */
  readonly address: string;
  /** Public root of the API. */
  readonly root: string;
  /** Port of the figures for operators, where there is one. */
  readonly metricsPort?: number;
  /** Removes what is too old, now. */
  sweep(): Promise<void>;
  /** Not ready any more, but answering until no child is left; then takes no more requests, and closes the database. */
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
    const now = options.now ?? (() => new Date());
    return await open({ config, log, registry, now, metrics: createMetrics(now) });
  } catch (error) {
    throw dataFolderTrouble(error, config.dataDirectory);
  }
}

async function open(base: Base): Promise<App> {
  const { config, log } = base;
  const jobDatabase = await openJobDatabase(config, log);
  let listener: Listener | undefined;
  let services: Services | undefined;
  let operations: Operations | undefined;
  try {
    listener = await listen(config.host, config.port);
    const root = publicRoot(config, listener.port);
    const opened = await createServices({ ...base, jobDatabase, root });
    services = opened;
    const isReady = async () => (await opened.api.readiness()).status === 'ready';
    operations = await openOperations(config, base.metrics, isReady);
    listener.serve(createServer(opened.api, version));
    opened.start();
    const { port: metricsPort } = operations ?? {};
    log.info(
      { root, metricsPort, dataDirectory: config.dataDirectory, version },
      'Server:Listening',
    );
    return {
      address: publicRoot({ ...config, baseUrl: undefined }, listener.port),
      root,
      ...(metricsPort !== undefined && { metricsPort }),
      sweep: () => opened.retention.sweep(),
      stop: stopOf({ log, jobDatabase, listener, operations, services: opened }),
    };
  } catch (error) {
    await operations?.close();
    listener?.closeAll();
    await listener?.close();
    await services?.stop();
    await jobDatabase.close();
    throw error;
  }
}

interface Running {
  readonly log: Log;
  readonly jobDatabase: JobDatabase;
  readonly listener: Listener;
  readonly operations: Operations | undefined;
  readonly services: Services;
}

function stopOf(running: Running): () => Promise<void> {
  const { log, jobDatabase, listener, operations, services } = running;
  return async () => {
    log.info('Server:Stopping');
    services.takeLeave();
    // Those who watch jobs that come to their end now are answered until then.
    await services.stop();
    const closed = listener.close();
    await Promise.race([closed, sleep(drainMs, undefined, { ref: false })]);
    listener.closeAll();
    await closed;
    await operations?.close();
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
