/**
 * Composition root of the server: configuration → adapters → services. The only file that constructs
 * adapters. Loads neither GDAL nor ONNX Runtime.
 */
import { createServer as createHttpServer, type Server } from 'node:http';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { childEnvironment } from './config/child-environment.ts';
import { publicRoot, type Config } from './config/config.ts';
import { projectFolder } from './config/project-folder.ts';
import { assertDurable } from './database/connect.ts';
import { lockDataFolder, type DataFolderLock } from './database/data-folder-lock.ts';
import { KnexJobStore } from './database/knex-job-store.ts';
import { openDatabase, type Database } from './database/open.ts';
import { Misconfigured } from './errors.ts';
import type { Api } from './http/api.ts';
import { createLinks, type Links } from './http/links.ts';
import { createServer } from './http/server.ts';
import type { ChildProgram } from './jobs/child-handle.ts';
import type { ChildSettings } from './jobs/child-protocol.ts';
import { interrupted } from './jobs/failures.ts';
import { Jobs } from './jobs/jobs.ts';
import { killLeftovers } from './jobs/leftover-children.ts';
import { probeRaster, type ProbeResult } from './jobs/raster-probe.ts';
import { Retention } from './jobs/retention.ts';
import { Worker } from './jobs/worker.ts';
import type { Log } from './log.ts';
import { cloudMaskRules } from './processes/cloudmask-rules.ts';
import { implementations } from './processes/implementations.ts';
import { unreadableRoot } from './processes/product-path.ts';
import { assertPaired, loadRegistry, type Registry } from './processes/registry.ts';
import { runInPlace } from './processes/run-in-place.ts';
import { readiness, warnOfModel } from './readiness.ts';
import { FileStorage } from './storage/file-storage.ts';
import { keptLinkSecret } from './storage/link-secret.ts';
import { isLinkSignature, linkSignature } from './storage/link-signature.ts';
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

const hourMs = 3_600_000;

/** Opens everything, recovers what an earlier server left, and listens. */
export async function startApp(config: Config, log: Log, options: AppOptions = {}): Promise<App> {
  const registry = loadRegistry(join(projectFolder(), 'processes'), [
    cloudMaskRules(config.productRoots),
  ]);
  assertPaired(registry, Object.keys(implementations));
  await assertRoots(config);
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 });
  const lock = await lockDataFolder(config.dataDirectory);
  const opened = await openDatabase(join(config.dataDirectory, 'jobs.sqlite')).catch(
    async (error: unknown) => {
      await lock.release();
      throw error;
    },
  );
  const http = createHttpServer();
  try {
    const port = await listen(http, config);
    const app = {
      config,
      log,
      registry,
      http,
      lock,
      database: opened,
      now: options.now ?? (() => new Date()),
    };
    return {
      address: publicRoot({ ...config, baseUrl: undefined }, port),
      ...(await assemble(app, publicRoot(config, port))),
    };
  } catch (error) {
    http.close();
    await opened.destroy();
    await lock.release();
    throw error;
  }
}

interface Parts {
  readonly config: Config;
  readonly log: Log;
  readonly registry: Registry;
  readonly http: Server;
  readonly lock: DataFolderLock;
  readonly database: Database;
  readonly now: () => Date;
}

async function assemble(parts: Parts, root: string): Promise<Omit<App, 'address'>> {
  const { config, log, now, database } = parts;
  const secret = await keptLinkSecret(config.dataDirectory, config.linkSecret);
  const links = createLinks(root, (jobId) => linkSignature(secret, jobId));
  const store = new KnexJobStore(database, now);
  const storage = new FileStorage(join(config.dataDirectory, 'results'));
  const { resultDays, jobDays } = config;
  const retention = new Retention({ store, storage, log, resultDays, jobDays, now });
  const lost = await store.interruptRunning(interrupted);
  if (lost > 0) log.warn({ jobs: lost }, 'Jobs:Interrupted');
  await assertDurable(database);
  const scratchDirectory = join(config.dataDirectory, 'scratch');
  const pids = await killLeftovers(scratchDirectory, childProgram().file);
  if (pids.length > 0) log.warn({ pids }, 'Children:Killed');
  await retention.removeOrphans(scratchDirectory);
  await retention.sweep();
  const worker = createWorker(parts, { store, storage, links, scratchDirectory });
  const jobs = new Jobs({ store, storage, worker, log, resultDays, now });
  const probe = startProbe(log);
  const api: Api = {
    registry: parts.registry,
    jobs,
    storage,
    links,
    log,
    maxBodyBytes: config.maxBodyBytes,
    isResultSignature: (jobId, signature) => isLinkSignature(secret, jobId, signature),
    async runInPlace(process, request, signal) {
      const load = implementations[process.description.id];
      if (load === undefined) throw new Error('assertPaired has checked this');
      return runInPlace(await load(childSettings(config)), request, { scratchDirectory, signal });
    },
    readiness: () => readiness(config, store, probe.result()),
  };
  parts.http.on('request', createServer(api, version));
  await warnOfModel(config, log);
  worker.start();
  retention.start(hourMs);
  log.info({ root, dataDirectory: config.dataDirectory, version }, 'Server:Listening');
  return {
    root,
    sweep: () => retention.sweep(),
    stop: () => stop(parts, { worker, retention, probe }),
  };
}

interface Running {
  readonly worker: Worker;
  readonly retention: Retention;
  readonly probe: ReturnType<typeof startProbe>;
}

async function stop(
  { http, database, lock, log }: Parts,
  { worker, retention, probe }: Running,
): Promise<void> {
  log.info('Server:Stopping');
  const closed = new Promise((resolve) => http.close(resolve));
  http.closeIdleConnections();
  await Promise.all([worker.stop(), retention.stop(), probe.stop()]);
  http.closeAllConnections();
  await closed;
  await database.destroy();
  await lock.release();
  log.info('Server:Stopped');
}

interface WorkerParts {
  readonly store: KnexJobStore;
  readonly storage: FileStorage;
  readonly links: Links;
  readonly scratchDirectory: string;
}

function createWorker(
  { config, log }: Parts,
  { store, storage, links, scratchDirectory }: WorkerParts,
): Worker {
  const tools = {
    store,
    storage,
    log,
    scratchDirectory,
    program: childProgram(),
    limits: { memoryMb: config.jobMemoryMb, minutes: config.jobMinutes, graceMs: 10_000 },
    settings: childSettings(config),
    progressIntervalMs: 1000,
    resultsUrl: (jobId: string) => links.resultsFolder(jobId),
  };
  return new Worker(tools, { maxRunning: config.maxRunningJobs, pollIntervalMs: 2000 });
}

/** The child's program has the extension of this one: sources or built. */
function childProgram(): ChildProgram {
  const file = join(import.meta.dirname, `job-child${extname(import.meta.filename)}`);
  return { file, environment: childEnvironment() };
}

function childSettings(config: Config): ChildSettings {
  return {
    modelsDirectory: config.modelsDirectory,
    modelId: config.modelId,
    modelDevice: config.modelDevice,
    threads: Math.max(1, Math.floor(availableParallelism() / config.maxRunningJobs)),
    productRoots: config.productRoots,
  };
}

/** Looks once which GDAL the children have, while the server already answers. */
function startProbe(log: Log) {
  const stopping = new AbortController();
  let found: ProbeResult | undefined;
  const look = async (): Promise<void> => {
    const result = await probeRaster(childProgram(), stopping.signal);
    found = result;
    if (stopping.signal.aborted) return;
    if (result.kind === 'unusable') log.error({ ...result }, 'Raster:Unusable');
    else log.info({ gdal: result.gdal, missingDrivers: result.missingDrivers }, 'Raster:Found');
  };
  const done = look();
  return {
    result: () => found,
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

async function assertRoots(config: Config): Promise<void> {
  const missing = await unreadableRoot(config.productRoots);
  if (missing === undefined) return;
  throw new Misconfigured(
    `PRODUCT_ROOTS: the folder ${missing} does not exist or cannot be read. Create it, or take it out of PRODUCT_ROOTS.`,
  );
}

function listen(http: Server, config: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const remedy =
        error.code === 'EADDRINUSE'
          ? 'Stop what listens there, or set PORT to another one.'
          : 'Check HOST and PORT.';
      reject(
        new Misconfigured(
          `Cannot listen on ${config.host}:${config.port} (${error.code}). ${remedy}`,
        ),
      );
    });
    http.listen(config.port, config.host, () => resolve((http.address() as AddressInfo).port));
  });
}
