/** Composition, the part that computes jobs: the same in a server and in a worker. Loads neither GDAL nor ONNX Runtime. */
import { childSettings, transferSettings, type ChildPrograms } from './child-program.ts';
import type { Config } from './config/config.ts';
import type { JobDatabase } from './database/job-database.ts';
import type { Links } from './http/links.ts';
import type { JobObserver } from './jobs/job-observer.ts';
import { leaseTimes } from './jobs/lease-keeper.ts';
import { LeaseWatch } from './jobs/lease-watch.ts';
import { Probe } from './jobs/probe.ts';
import { pollIntervalMs, progressIntervalMs } from './jobs/worker-times.ts';
import { Worker } from './jobs/worker.ts';
import type { Log } from './log.ts';
import { bringers } from './processes/bringers.ts';
import { destinationOf } from './processes/destinations.ts';
import type { Inputs } from './processes/process.ts';
import { ReadinessCheck, type JobCounts } from './readiness.ts';
import type { Stores } from './stores.ts';
import { workerName } from './worker-name.ts';

export interface ComputingParts {
  readonly config: Config;
  readonly log: Log;
  readonly jobDatabase: JobDatabase;
  readonly stores: Stores;
  readonly links: Links;
  readonly programs: ChildPrograms;
  readonly observer: JobObserver;
}

export interface Computing {
  readonly worker: Worker;
  /** Begins to take jobs, and to look after those of dead workers. */
  start(): void;
  /** Resolves when no child is left. */
  stop(): Promise<void>;
}

/** `lookMs` is the time between two looks at the leases of others. */
export function createComputing(parts: ComputingParts, lookMs: number): Computing {
  const { log, stores, observer } = parts;
  const { leases } = stores;
  const worker = createWorker(parts);
  const { leaseMs } = leaseTimes;
  const onLost = (): void => worker.wake();
  const watch = new LeaseWatch({ leases, log, observer, leaseMs, intervalMs: lookMs, onLost });
  let clearing: Promise<void> = Promise.resolve();
  return {
    worker,
    start() {
      clearing = stores
        .clear()
        .then(onLost)
        .catch((err: unknown) => log.error({ err }, 'Workers:NotCleared'));
      worker.start();
      watch.start();
    },
    async stop() {
      await clearing;
      await watch.stop();
      await worker.stop();
    },
  };
}

/** What tells operators whether this process can do its work. */
export function createReadiness(
  { config, log, stores, programs }: ComputingParts,
  countJobs: JobCounts,
): {
  readonly probe: Probe;
  readonly readiness: ReadinessCheck;
} {
  const { modelsDirectory, modelId } = config;
  const probe = new Probe(programs.job, { kind: 'probe', modelsDirectory, modelId }, log);
  return { probe, readiness: new ReadinessCheck(config, { ...stores, countJobs, probe, log }) };
}

function createWorker(parts: ComputingParts): Worker {
  const { config, log, jobDatabase, stores, links, programs, observer } = parts;
  const { sealer, ...kept } = stores;
  const brought = transferSettings(config);
  const tools = {
    ...kept,
    observer,
    log,
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
    progressIntervalMs: progressIntervalMs[jobDatabase.waker === undefined ? 'alone' : 'shared'],
    resultsUrl: (jobId: string) => links.resultsFolder(jobId),
    open: (jobId: string, sealed: string) => sealer.open(jobId, sealed),
  };
  return new Worker(tools, {
    name: workerName,
    times: leaseTimes,
    maxRunning: config.maxRunningJobs,
    pollIntervalMs,
    stopGraceMs: config.stopSeconds * 1000,
    ...(jobDatabase.waker && { waker: jobDatabase.waker }),
  });
}
