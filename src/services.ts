/**
 * Composition root of the server, the part between the database and HTTP: adapters → services. Loads neither GDAL nor
 * ONNX Runtime.
 */
import { join } from 'node:path';
import { callbackBody } from './callback-body.ts';
import {
  callbackPolicy,
  childPrograms,
  childSettings,
  programFiles,
  type ChildPrograms,
  transferSettings,
} from './child-program.ts';
import { type Config } from './config/config.ts';
import { assertDurable } from './database/connect.ts';
import { type DataFolder } from './database/data-folder.ts';
import { KnexJobStore } from './database/knex-job-store.ts';
import { KnexLeaseStore } from './database/knex-lease-store.ts';
import { KnexOutbox } from './database/knex-outbox.ts';
import type { Api } from './http/api.ts';
import { createLinks, type Links } from './http/links.ts';
import { CallbackSender, defaultDelaysMs } from './jobs/callback-sender.ts';
import { Jobs } from './jobs/jobs.ts';
import type { Callback } from './jobs/outbox.ts';
import type { JobObserver } from './jobs/job-observer.ts';
import { leaseTimes } from './jobs/lease-keeper.ts';
import { LeaseWatch, loseAll, type LeaseWatchTools } from './jobs/lease-watch.ts';
import { killLeftovers } from './jobs/leftover-children.ts';
import { Probe } from './jobs/probe.ts';
import { Retention } from './jobs/retention.ts';
import { freshScratch } from './jobs/scratch.ts';
import { Sealer } from './jobs/sealing.ts';
import { Worker } from './jobs/worker.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';
import { OutboundClient } from './outbound/client.ts';
import { bringers } from './processes/bringers.ts';
import { destinationOf } from './processes/destinations.ts';
import { implementations } from './processes/implementations.ts';
import type { Inputs } from './processes/process.ts';
import type { Registry } from './processes/registry.ts';
import { Gate, runInPlace } from './processes/run-in-place.ts';
import { ReadinessCheck } from './readiness.ts';
import { keptSecret } from './storage/kept-secret.ts';
import { isLinkSignature, linkSignature } from './storage/link-signature.ts';
import { openStorage } from './storage/open-storage.ts';
import type { Storage } from './storage/storage.ts';
import { workerName } from './worker-name.ts';

const hourMs = 3_600_000;

/** Synchronous executions at once: they run in the server itself. */
const mostInPlace = 32;

/** What is known before anything is opened. */
export interface Base {
  readonly config: Config;
  readonly log: Log;
  readonly registry: Registry;
  readonly now: () => Date;
  /** Absent where nobody reads figures. */
  readonly metrics?: Metrics;
}

export interface Parts extends Base {
  readonly folder: DataFolder;
  readonly root: string;
}

export interface Services {
  readonly api: Api;
  readonly retention: Retention;
  /** Begins what goes on by itself. */
  start(): void;
  /** From now on `/readyz` says that the server stops. */
  takeLeave(): void;
  /** Resolves when nothing goes on any more and no child is left. */
  stop(): Promise<void>;
}

/** Constructs everything between the database and HTTP; nothing goes on by itself before `start`. */
export async function createServices(parts: Parts): Promise<Services> {
  const { config, log, now, metrics } = parts;
  const observed = metrics && { observer: metrics.jobs };
  const secret = await keptSecret(config.dataDirectory, 'link-secret', config.linkSecret);
  const links = createLinks(parts.root, (jobId) => linkSignature(secret, jobId));
  const stores = await openStores(parts);
  const { store, storage, scratchDirectory } = stores;
  const { resultDays, jobDays } = config;
  const retention = new Retention({ ...stores, log, resultDays, jobDays, now });
  const programs = await childPrograms(config, log);
  const worker = createWorker(config, { ...stores, ...observed, log, links, programs });
  metrics?.watch({ ...stores, worker, maxRunning: config.maxRunningJobs });
  const watch = createWatch({ leases: stores.leases, log, ...observed }, worker);
  const { modelsDirectory, modelId } = config;
  const probe = new Probe(programs.job, { kind: 'probe', modelsDirectory, modelId }, log);
  const readiness = new ReadinessCheck(config, { store, storage, probe, log });
  const maxQueued = config.maxQueuedJobs;
  const jobs = new Jobs({ ...stores, ...observed, worker, log, resultDays, maxQueued, now });
  const shared = { registry: parts.registry, jobs, storage, links };
  const callbacks = await createCallbackSender(parts, (callback) => callbackBody(callback, shared));
  const api: Api = {
    ...shared,
    callbackPolicy: callbackPolicy(config),
    log,
    ...(metrics && { observeRequest: metrics.observeRequest }),
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
      watch.start();
      callbacks.start();
      retention.start(hourMs);
    },
    takeLeave: () => readiness.stop(),
    async stop() {
      await watch.stop();
      await Promise.all([worker.stop(), callbacks.stop(), retention.stop(), probe.stop()]);
    },
  };
}

/** What keeps jobs, and all that belongs to them. */
interface Stores {
  readonly store: KnexJobStore;
  readonly leases: KnexLeaseStore;
  readonly storage: Storage;
  readonly sealer: Sealer;
  readonly scratchDirectory: string;
}

async function openStores(parts: Parts): Promise<Stores> {
  const { config, folder, now } = parts;
  const { dataDirectory } = config;
  const scratchDirectory = join(dataDirectory, 'scratch');
  const leases = new KnexLeaseStore(folder.database, now);
  await recover(parts, leases, scratchDirectory);
  const storage = await openStorage({
    store: config.resultStore,
    directory: join(dataDirectory, 'results'),
    endpointUrl: config.resultEndpointUrl,
    region: config.resultRegion,
  });
  return {
    store: new KnexJobStore(folder.database, now, folder.reader),
    leases,
    storage,
    sealer: new Sealer(await keptSecret(dataDirectory, 'secret-key', config.secretKey)),
    scratchDirectory,
  };
}

function createWatch(
  watched: Pick<LeaseWatchTools, 'leases' | 'log' | 'observer'>,
  worker: Worker,
): LeaseWatch {
  const { leaseMs } = leaseTimes;
  return new LeaseWatch({ ...watched, leaseMs, intervalMs: 5000, onLost: () => worker.wake() });
}

async function createCallbackSender(
  { config, folder, log, now, metrics }: Parts,
  bodyOf: (callback: Callback) => Promise<string | undefined>,
): Promise<CallbackSender> {
  const { dataDirectory, callbackSecret } = config;
  const secret = await keptSecret(dataDirectory, 'callback-secret', callbackSecret);
  const outbox = new KnexOutbox(folder.database, now);
  const client = new OutboundClient(callbackPolicy(config));
  return new CallbackSender(
    { outbox, client, log, secret, now, bodyOf, ...(metrics && { observer: metrics.jobs }) },
    { pollIntervalMs: 1000, delaysMs: defaultDelaysMs },
  );
}

/**
 * Clears up after an earlier server that may have been killed: the data folder is ours alone, so no worker of its jobs
 * lives any more.
 */
async function recover(
  { folder, log, metrics }: Parts,
  leases: KnexLeaseStore,
  scratchDirectory: string,
): Promise<void> {
  await loseAll({ leases, log, ...(metrics && { observer: metrics.jobs }) });
  await assertDurable(folder.database);
  for (const child of await killLeftovers(scratchDirectory, programFiles()))
    log.warn(child, 'Child:Killed');
  await freshScratch(scratchDirectory);
}

interface WorkerParts extends Stores {
  readonly links: Links;
  readonly log: Log;
  readonly observer?: JobObserver;
  readonly programs: ChildPrograms;
}

function createWorker(config: Config, { links, sealer, programs, ...parts }: WorkerParts): Worker {
  const brought = transferSettings(config);
  const tools = {
    ...parts,
    program: programs.job,
    limits: { memoryMb: config.jobMemoryMb, minutes: config.jobMinutes, graceMs: 10_000 },
    settings: childSettings(config),
    transfer: {
      program: programs.transfer,
      settings: brought,
      isNeeded: async (processId: string, inputs: Inputs) =>
        (await bringers[processId]?.isNeeded(inputs, brought)) ?? false,
      destinationOf,
    },
    progressIntervalMs: 1000,
    resultsUrl: (jobId: string) => links.resultsFolder(jobId),
    open: (jobId: string, sealed: string) => sealer.open(jobId, sealed),
  };
  return new Worker(tools, {
    name: workerName,
    times: leaseTimes,
    maxRunning: config.maxRunningJobs,
    pollIntervalMs: 2000,
    stopGraceMs: config.stopSeconds * 1000,
  });
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
