/**
 * Composition root of the server, the part between the database and HTTP: adapters → services. Loads neither GDAL nor
 * ONNX Runtime.
 */
import { createAccess } from './admission.ts';
import { callbackBody } from './callback-body.ts';
import { callbackPolicy, childPrograms, childSettings } from './child-program.ts';
import { createComputing, createReadiness } from './computing.ts';
import type { Config } from './config/config.ts';
import type { JobDatabase } from './database/job-database.ts';
import { KnexOutbox } from './database/knex-outbox.ts';
import type { Api } from './http/api.ts';
import { createLinks } from './http/links.ts';
import { CallbackSender, defaultDelaysMs } from './jobs/callback-sender.ts';
import { leaseTimes } from './jobs/lease-keeper.ts';
import { Jobs, type JobsTools } from './jobs/jobs.ts';
import type { Callback } from './jobs/outbox.ts';
import { Retention } from './jobs/retention.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';
import { OutboundClient } from './outbound/client.ts';
import { implementations } from './processes/implementations.ts';
import type { Registry } from './processes/registry.ts';
import { Gate, runInPlace } from './processes/run-in-place.ts';
import { isLinkSignature, linkSignature } from './storage/link-signature.ts';
import { openStores, orClose, type Stores } from './stores.ts';

const hourMs = 3_600_000;

/** Synchronous executions at once: they run in the server itself. */
const mostInPlace = 32;

/** What is known before anything is opened. */
export interface Base {
  readonly config: Config;
  readonly log: Log;
  readonly registry: Registry;
  readonly now: () => Date;
  readonly metrics: Metrics;
}

export interface Parts extends Base {
  readonly jobDatabase: JobDatabase;
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
  const { metrics } = parts;
  const observed = { observer: metrics.jobs };
  const stores = await openStores({ ...parts, ...observed });
  return orClose(stores, () => createWith(stores, parts));
}

async function createWith(stores: Stores, parts: Parts): Promise<Services> {
  const { config, log, now, metrics } = parts;
  const observed = { observer: metrics.jobs };
  const { storage, linkSecret, scratchDirectory } = stores;
  const links = createLinks(parts.root, (jobId) => linkSignature(linkSecret, jobId));
  const { resultDays, jobDays } = config;
  const retention = new Retention({ ...stores, log, resultDays, jobDays, now });
  const programs = await childPrograms(config, log);
  const computingParts = { ...parts, ...observed, stores, links, programs };
  const computing = createComputing(computingParts, leaseTimes.lookMs);
  const { worker } = computing;
  metrics.watch({ queue: stores, worker, maxRunning: config.maxRunningJobs });
  const { probe, readiness } = createReadiness(computingParts, () => stores.store.countByStatus());
  const limits = queueLimits(config);
  const jobs = new Jobs({ ...stores, ...observed, ...limits, worker, log, resultDays, now });
  const shared = { registry: parts.registry, jobs, storage, links };
  const callbacks = createCallbackSender(parts, stores.callbackSecret, (callback) =>
    callbackBody(callback, shared),
  );
  const access = createAccess(config, log, now);
  const api: Api = {
    ...shared,
    access: access.access,
    callbackPolicy: callbackPolicy(config),
    log,
    observeRequest: metrics.observeRequest,
    ...(config.metricsPort === undefined && { figures: metrics }),
    maxBodyBytes: config.maxBodyBytes,
    isResultSignature: (jobId, signature) => isLinkSignature(linkSecret, jobId, signature),
    runInPlace: inPlace(config, scratchDirectory),
    readiness: () => readiness.answer(),
  };
  await readiness.lookAtModel();
  return {
    api,
    retention,
    start() {
      access.start();
      computing.start();
      callbacks.start();
      retention.start(hourMs);
    },
    takeLeave: () => readiness.stop(),
    async stop() {
      await Promise.all([computing.stop(), callbacks.stop(), retention.stop(), probe.stop()]);
      await access.stop();
      await stores.close();
    },
  };
}

function queueLimits(config: Config): Pick<JobsTools, 'maxQueued' | 'perOwner'> {
  const { maxQueuedJobsPerOwner: maxQueued, maxRunningJobsPerOwner: maxRunning } = config;
  const { maxQueuedWindowsPerOwner: maxQueuedCost } = config;
  return {
    maxQueued: config.maxQueuedJobs,
    perOwner: {
      ...(maxQueued !== undefined && { maxQueued }),
      ...(maxQueuedCost !== undefined && { maxQueuedCost }),
      ...(maxRunning !== undefined && { maxRunning }),
    },
  };
}

function createCallbackSender(
  { config, jobDatabase, log, now, metrics }: Parts,
  secret: string,
  bodyOf: (callback: Callback) => Promise<string | undefined>,
): CallbackSender {
  const outbox = new KnexOutbox(jobDatabase.database, now);
  const client = new OutboundClient(callbackPolicy(config));
  return new CallbackSender(
    { outbox, client, log, secret, now, bodyOf, observer: metrics.jobs },
    { pollIntervalMs: 1000, delaysMs: defaultDelaysMs },
  );
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
