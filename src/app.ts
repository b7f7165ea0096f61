/**
 * Composition root of the server: configuration → adapters → services. The only file that constructs
 * adapters. Loads neither GDAL nor ONNX Runtime.
 */
import { join } from 'node:path';
import { callbackBody } from './callback-body.ts';
import {
  callbackPolicy,
  childProgram,
  childSettings,
  productPlaces,
  programFiles,
  transferProgram,
  transferSettings,
} from './child-program.ts';
import { publicRoot, type Config } from './config/config.ts';
import { projectFolder } from './config/project-folder.ts';
import { assertDurable } from './database/connect.ts';
import { dataFolderTrouble, openDataFolder, type DataFolder } from './database/data-folder.ts';
import { KnexJobStore } from './database/knex-job-store.ts';
import { KnexOutbox } from './database/knex-outbox.ts';
import { Misconfigured } from './errors.ts';
import type { Api } from './http/api.ts';
import { createLinks, type Links } from './http/links.ts';
import { listen, type Listener } from './http/listen.ts';
import { createServer } from './http/server.ts';
import type { ChildProgram } from './jobs/child-handle.ts';
import { CallbackSender, defaultDelaysMs } from './jobs/callback-sender.ts';
import { interrupted } from './jobs/failures.ts';
import { findIsolation } from './jobs/isolation.ts';
import { Jobs } from './jobs/jobs.ts';
import type { Callback } from './jobs/outbox.ts';
import { killLeftovers } from './jobs/leftover-children.ts';
import { Probe } from './jobs/probe.ts';
import { Retention } from './jobs/retention.ts';
import { freshScratch } from './jobs/scratch.ts';
import { Worker } from './jobs/worker.ts';
import type { Log } from './log.ts';
import { OutboundClient } from './outbound/client.ts';
import { bringers } from './processes/bringers.ts';
import { cloudMaskRules } from './processes/cloudmask-rules.ts';
import { implementations } from './processes/implementations.ts';
import type { Inputs } from './processes/process.ts';
import { assertPaired, loadRegistry, type Registry } from './processes/registry.ts';
import { Gate, runInPlace } from './processes/run-in-place.ts';
import { ReadinessCheck } from './readiness.ts';
import { unreadableRoot } from './sources/local-product.ts';
import { isFar } from './sources/product-gate.ts';
import { keptSecret } from './storage/kept-secret.ts';
import { isLinkSignature, linkSignature } from './storage/link-signature.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';
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

/** Synchronous executions at once: they run in the server itself. */
const mostInPlace = 32;

/** Opens everything, recovers what an earlier server left, and serves. */
export async function startApp(config: Config, log: Log, options: AppOptions = {}): Promise<App> {
  const registry = loadRegistry(join(projectFolder(), 'processes'), [
    cloudMaskRules(productPlaces(config)),
  ]);
  assertPaired(registry, Object.keys(implementations));
  await assertRoots(config);
  try {
    return await open({ config, log, registry, now: options.now ?? (() => new Date()) });
  } catch (error) {
    throw dataFolderTrouble(error, config.dataDirectory);
  }
}

/** What is known before anything is opened. */
interface Base {
  readonly config: Config;
  readonly log: Log;
  readonly registry: Registry;
  readonly now: () => Date;
}

async function open(base: Base): Promise<App> {
  const { config, log } = base;
  const folder = await openDataFolder(config.dataDirectory);
  let listener: Listener | undefined;
  try {
    listener = await listen(config.host, config.port);
    const root = publicRoot(config, listener.port);
    const services = await createServices({ ...base, folder, root });
    listener.serve(createServer(services.api, version));
    services.start();
    log.info({ root, dataDirectory: config.dataDirectory, version }, 'Server:Listening');
    return {
      address: publicRoot({ ...config, baseUrl: undefined }, listener.port),
      root,
      sweep: () => services.retention.sweep(),
      stop: stopOf({ log, folder, listener, services }),
    };
  } catch (error) {
    listener?.closeAll();
    await listener?.close();
    await folder.close();
    throw error;
  }
}

interface Parts extends Base {
  readonly folder: DataFolder;
  readonly root: string;
}

interface Services {
  readonly api: Api;
  readonly retention: Retention;
  /** Begins what goes on by itself. */
  start(): void;
  /** Resolves when nothing goes on any more and no child is left. */
  stop(): Promise<void>;
}

async function createServices(parts: Parts): Promise<Services> {
  const { config, log, now } = parts;
  const secret = await keptSecret(config.dataDirectory, 'link-secret', config.linkSecret);
  const links = createLinks(parts.root, (jobId) => linkSignature(secret, jobId));
  const scratchDirectory = join(config.dataDirectory, 'scratch');
  const store = await recoveredStore(parts, scratchDirectory);
  const storage = await openStorage({
    store: config.resultStore,
    directory: join(config.dataDirectory, 'results'),
    endpointUrl: config.resultEndpointUrl,
    region: config.resultRegion,
  });
  const { resultDays, jobDays } = config;
  const kept = { store, storage, log, scratchDirectory };
  const retention = new Retention({ ...kept, resultDays, jobDays, now });
  const program = childProgram(await findIsolation(log));
  const worker = createWorker(config, { ...kept, links, program });
  const { modelsDirectory, modelId } = config;
  const probe = new Probe(program, { kind: 'probe', modelsDirectory, modelId }, log);
  const readiness = new ReadinessCheck(config, { store, storage, probe });
  const jobs = new Jobs({ ...kept, worker, resultDays, maxQueued: config.maxQueuedJobs, now });
  const shared = { registry: parts.registry, jobs, storage, links };
  const callbacks = await createCallbackSender(parts, (callback) => callbackBody(callback, shared));
  const api: Api = {
    ...shared,
    callbackPolicy: callbackPolicy(config),
    log,
    maxBodyBytes: config.maxBodyBytes,
    isResultSignature: (jobId, signature) => isLinkSignature(secret, jobId, signature),
    runInPlace: inPlace(config, scratchDirectory),
    readiness: () => readiness.answer(),
  };
  await readiness.lookAtModel();
  return {
    api,
    retention,
    start() {
      worker.start();
      callbacks.start();
      retention.start(hourMs);
    },
    async stop() {
      await Promise.all([worker.stop(), callbacks.stop(), retention.stop(), probe.stop()]);
    },
  };
}

async function createCallbackSender(
  { config, folder, log, now }: Parts,
  bodyOf: (callback: Callback) => Promise<string | undefined>,
): Promise<CallbackSender> {
  const { dataDirectory, callbackSecret } = config;
  const secret = await keptSecret(dataDirectory, 'callback-secret', callbackSecret);
  const outbox = new KnexOutbox(folder.database, now);
  const client = new OutboundClient(callbackPolicy(config));
  return new CallbackSender(
    { outbox, client, log, secret, now, bodyOf },
    { pollIntervalMs: 1000, delaysMs: defaultDelaysMs },
  );
}

/** The jobs, after an earlier server that may have been killed: nothing runs any more. */
async function recoveredStore(
  { folder, log, now }: Parts,
  scratchDirectory: string,
): Promise<KnexJobStore> {
  const store = new KnexJobStore(folder.database, now, folder.reader);
  const lost = await store.interruptRunning(interrupted);
  if (lost > 0) log.warn({ jobs: lost }, 'Jobs:Interrupted');
  await assertDurable(folder.database);
  const pids = await killLeftovers(scratchDirectory, programFiles());
  if (pids.length > 0) log.warn({ pids }, 'Children:Killed');
  await freshScratch(scratchDirectory);
  return store;
}

interface WorkerParts {
  readonly store: KnexJobStore;
  readonly storage: Storage;
  readonly links: Links;
  readonly log: Log;
  readonly scratchDirectory: string;
  readonly program: ChildProgram;
}

function createWorker(config: Config, { links, ...parts }: WorkerParts): Worker {
  const tools = {
    ...parts,
    limits: { memoryMb: config.jobMemoryMb, minutes: config.jobMinutes, graceMs: 10_000 },
    settings: childSettings(config),
    transfer: {
      program: transferProgram(),
      settings: transferSettings(config),
      isNeeded: async (processId: string, inputs: Inputs) =>
        processId in bringers && isFar(inputs['product'], productPlaces(config)),
    },
    progressIntervalMs: 1000,
    resultsUrl: (jobId: string) => links.resultsFolder(jobId),
  };
  return new Worker(tools, { maxRunning: config.maxRunningJobs, pollIntervalMs: 2000 });
}

function inPlace(config: Config, scratchDirectory: string): Api['runInPlace'] {
  const gate = new Gate(mostInPlace);
  return async (process, request, signal) => {
    const load = implementations[process.description.id];
    if (load === undefined) throw new Error('assertPaired has checked this');
    const implementation = await load(childSettings(config));
    return gate.pass(() => runInPlace(implementation, request, { scratchDirectory, signal }));
  };
}

interface Running {
  readonly log: Log;
  readonly folder: DataFolder;
  readonly listener: Listener;
  readonly services: Services;
}

function stopOf({ log, folder, listener, services }: Running): () => Promise<void> {
  return async () => {
    log.info('Server:Stopping');
    const closed = listener.close();
    await services.stop();
    listener.closeAll();
    await closed;
    await folder.close();
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
