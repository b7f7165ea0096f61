/**
 * Many workers on one PostgreSQL: how many times the jobs a second of one worker two and four of them do, what a job costs
 * beside its bare child, and how soon a worker takes one up.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childPrograms, childSettings } from '../../src/child-program.ts';
import { readConfig } from '../../src/config/config.ts';
import { ChildRun } from '../../src/jobs/child-run.ts';
import { createLog } from '../../src/log.ts';
import { random } from '../../test/support/random.ts';
import type { Note, Section } from './findings.ts';
import { execute, Fleet, type Order, type Times } from './fleet.ts';
import { median } from './measure.ts';

export interface ScalingRequest {
  readonly folder: string;
  /** A product, for jobs that keep cores busy. */
  readonly product: string;
  readonly isQuick: boolean;
}

const workerCounts = [1, 2, 4] as const;
const pauseSeconds = 3;
const pollMs = 2000;

export async function measureScaling(request: ScalingRequest): Promise<Section> {
  const { isQuick, product } = request;
  const waiting = { processId: 'echo', inputs: { a: 'x', pause: pauseSeconds } };
  const computing = { processId: 'senseiv2-cloudmask', inputs: { product, stride: 512 } };
  const notes: Note[] = [
    ...(await withFleet(request, (fleet) => wakingOf(fleet, isQuick))),
    ...(await withFleet(request, (fleet) => pollingOf(fleet, isQuick))),
    ...(await withFleet(request, (fleet) => overheadOf(fleet, request))),
    ...(await withFleet(request, (fleet) =>
      ratesOf(fleet, waiting, { name: `jobs that wait ${pauseSeconds} s`, each: isQuick ? 2 : 6 }),
    )),
    ...(await withFleet(request, (fleet) =>
      ratesOf(fleet, computing, { name: 'masks', each: isQuick ? 1 : 3 }),
    )),
    { name: 'cores', value: `${availableParallelism()}; one mask keeps all of them busy` },
  ];
  return { title: 'Scaling: workers on one PostgreSQL, of one job at a time', findings: [], notes };
}

async function withFleet<Value>(
  { folder, product }: ScalingRequest,
  use: (fleet: Fleet) => Promise<Value>,
): Promise<Value> {
  const fleet = await Fleet.open({ folder, productRoot: path.dirname(product) });
  try {
    return await use(fleet);
  } finally {
    await fleet.close();
  }
}

interface Load {
  readonly name: string;
  /** Jobs for each worker. */
  readonly each: number;
}

/** As many jobs for each worker, at once; workers are added in between. */
async function ratesOf(fleet: Fleet, order: Order, { name, each }: Load): Promise<Note[]> {
  const { root } = await fleet.server();
  const rates: number[] = [];
  let workers = 0;
  for (const count of workerCounts) {
    for (; workers < count; workers += 1) await fleet.worker();
    await manyOf(fleet, root, { order, count });
    rates.push(rateOf(await manyOf(fleet, root, { order, count: each * count })));
  }
  return rates.map((rate, index) => {
    const ratio = (rate / (rates[0] ?? NaN)).toFixed(2);
    const value = `${rate.toFixed(3)} jobs a second, ${ratio} × one worker`;
    return { name: `${name}, ${workerCounts[index]} worker(s)`, value };
  });
}

async function manyOf(
  fleet: Fleet,
  root: string,
  { order, count }: { readonly order: Order; readonly count: number },
): Promise<Times[]> {
  const ids = await Promise.all(Array.from({ length: count }, () => execute(root, order)));
  return fleet.finished(ids);
}

/** Jobs a second, from the first that began to the last that ended. */
function rateOf(times: readonly Times[]): number {
  const first = Math.min(...times.map(({ started }) => started));
  const last = Math.max(...times.map(({ finished }) => finished));
  return (1000 * times.length) / (last - first);
}

const empty: Order = { processId: 'echo', inputs: { a: 'x' } };

async function wakingOf(fleet: Fleet, isQuick: boolean): Promise<Note[]> {
  await fleet.worker();
  const delays = await delaysOf(fleet, isQuick ? 10 : 60);
  return [{ name: 'accepted → started, woken by pg-boss', value: percentiles(delays) }];
}

async function pollingOf(fleet: Fleet, isQuick: boolean): Promise<Note[]> {
  await fleet.worker(['--import', path.join(import.meta.dirname, 'without-waker.ts')]);
  const delays = await delaysOf(fleet, isQuick ? 5 : 30);
  return [{ name: 'accepted → started, by looking each 2 s', value: percentiles(delays) }];
}

/** Of jobs that come one by one, at any time between two looks of an idle worker. */
async function delaysOf(fleet: Fleet, count: number): Promise<number[]> {
  const { root } = await fleet.server();
  await manyOf(fleet, root, { order: empty, count: 1 });
  const draw = random(1);
  const delays: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    await sleep(draw() * pollMs);
    const [times] = await manyOf(fleet, root, { order: empty, count: 1 });
    if (times !== undefined) delays.push(times.started - times.created);
  }
  return delays;
}

function percentiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const high = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? NaN;
  return `p50 ${median(sorted).toFixed(0)} ms, p99 ${high.toFixed(0)} ms of ${sorted.length} jobs`;
}

/** In turns: a job from its claim to its end, and its child alone. */
async function overheadOf(fleet: Fleet, { isQuick, folder }: ScalingRequest): Promise<Note[]> {
  const { root } = await fleet.server();
  await fleet.worker();
  const bare = await bareChild(folder);
  const [jobs, children]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < (isQuick ? 3 : 15); turn += 1) {
    const [times] = await manyOf(fleet, root, { order: empty, count: 1 });
    if (times !== undefined) jobs.push(times.finished - times.started);
    children.push(await bare());
  }
  const [job, child] = [median(jobs), median(children)];
  const value = `${job.toFixed(0)} ms, its child alone ${child.toFixed(0)} ms: ${(job - child).toFixed(0)} ms more`;
  return [{ name: 'claim → end of a job that does nothing', value }];
}

/** Runs the child of such a job, without anything around it; answers the ms that it takes. */
async function bareChild(folder: string): Promise<() => Promise<number>> {
  const config = readConfig({});
  const { job } = await childPrograms(config, createLog('silent'));
  const settings = childSettings(config);
  const limits = { memoryMb: config.jobMemoryMb, minutes: 1, graceMs: 1000 };
  const listener = { progress: ignore, warn: ignore, said: ignore };
  return async () => {
    const directory = await mkdtemp(path.join(folder, 'child-'));
    const startMs = performance.now();
    const order = { kind: 'run', ...empty, brought: {}, directory, resultsUrl: '' } as const;
    const run = new ChildRun(job, { ...order, outputs: ['a'], settings }, limits, listener);
    const { kind } = await run.ended;
    const ms = performance.now() - startMs;
    await rm(directory, { recursive: true });
    if (kind !== 'finished') throw new Error(`The child is ${kind}.`);
    return ms;
  };
}

const ignore = (): void => undefined;
