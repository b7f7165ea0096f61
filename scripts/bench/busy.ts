/**
 * The API while masks are made: how long clients wait for their answers, beside the same server without jobs. Clients
 * ask at a steady rate, and an answer that comes late counts from when it was to be asked for.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RealProcesses, type RealProcess } from '../../test/support/real-process.ts';
import type { Note, Section } from './findings.ts';
import { execute, Fleet, type Order } from './fleet.ts';

export interface BusyRequest {
  readonly folder: string;
  readonly product: string;
  /** Of each measurement. */
  readonly seconds: number;
}

/** Requests a second for each address and server. */
const rate = 50;
const connections = 4;
/** More than can be made meanwhile. */
const masks = 60;
/** So that lists have something to list. */
const earlier = 20;
const servers = 2;
const workers = 2;

export async function measureBusy(request: BusyRequest): Promise<Section> {
  return {
    title: `Load while jobs run: ${rate} requests a second for each address and server`,
    findings: [],
    notes: [...(await onSqlite(request)), ...(await onPostgres(request))],
  };
}

async function onSqlite({ folder, product, seconds }: BusyRequest): Promise<Note[]> {
  const directory = await mkdtemp(path.join(folder, 'busy-'));
  const processes = new RealProcesses();
  try {
    const server = await processes.start('serve', {
      DATA_DIR: directory,
      PRODUCT_ROOTS: path.dirname(product),
      METRICS_PORT: '0',
    });
    return await idleAndBusy('SQLite, one server', [server], { product, seconds });
  } finally {
    await processes.killAll();
    await rm(directory, { recursive: true, force: true });
  }
}

async function onPostgres({ folder, product, seconds }: BusyRequest): Promise<Note[]> {
  const fleet = await Fleet.open({ folder, productRoot: path.dirname(product) });
  try {
    const api: RealProcess[] = [];
    while (api.length < servers) api.push(await fleet.server({ METRICS_PORT: '0' }));
    for (let count = 0; count < workers; count += 1) await fleet.worker();
    return await idleAndBusy('PostgreSQL, two servers', api, { product, seconds });
  } finally {
    await fleet.close();
  }
}

async function idleAndBusy(
  name: string,
  api: readonly RealProcess[],
  { product, seconds }: Pick<BusyRequest, 'product' | 'seconds'>,
): Promise<Note[]> {
  const root = api[0]?.root ?? '';
  const echo: Order = { processId: 'echo', inputs: { a: 'x' } };
  const ids: string[] = [];
  for (let count = 0; count < earlier; count += 1) ids.push(await execute(root, echo));
  await untilStatus(root, ids.at(-1) ?? '', 'successful');
  const idle = await loadOf(api, ids[0] ?? '', seconds);
  const mask: Order = { processId: 'senseiv2-cloudmask', inputs: { product, stride: 64 } };
  const running: string[] = [];
  for (let count = 0; count < masks; count += 1) running.push(await execute(root, mask));
  await untilStatus(root, running[0] ?? '', 'running');
  const busy = await loadOf(api, running[0] ?? '', seconds);
  // It waits still: there was always something to do.
  await untilStatus(root, running.at(-1) ?? '', 'accepted');
  return [...notesOf(`${name}, no job`, idle), ...notesOf(`${name}, masks`, busy)];
}

async function untilStatus(root: string, id: string, wanted: string): Promise<void> {
  for (;;) {
    const { status } = (await (await fetch(`${root}/jobs/${id}`)).json()) as { status: string };
    if (status === wanted) return;
    if (status !== 'accepted' && status !== 'running')
      throw new Error(`Job ${id} is ${status}, not ${wanted}.`);
    await sleep(200);
  }
}

interface Measured {
  readonly place: string;
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
  readonly errors: number;
}

interface Loaded {
  readonly places: readonly Measured[];
  /** p99 of the lag of the event loop, the highest of the servers (ms). */
  readonly lagMs: number;
}

async function loadOf(api: readonly RealProcess[], id: string, seconds: number): Promise<Loaded> {
  // What is told is told once: from now on.
  await Promise.all(api.map(lagOf));
  const places = {
    'GET /jobs/{id}': `/jobs/${id}`,
    'GET /jobs': '/jobs',
    'GET /processes': '/processes',
  };
  const measured = await Promise.all(
    Object.entries(places).map(async ([place, suffix]) => {
      const answers = await Promise.all(api.map(({ root }) => ask(root + suffix, seconds)));
      return {
        place,
        p50: Math.max(...answers.map(({ latency }) => latency.p50)),
        p99: Math.max(...answers.map(({ latency }) => latency.p99)),
        requests: sum(answers.map(({ requests }) => requests.total)),
        errors: sum(answers.map(({ errors, timeouts, non2xx }) => errors + timeouts + non2xx)),
      };
    }),
  );
  return { places: measured, lagMs: Math.max(...(await Promise.all(api.map(lagOf)))) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What is used of what autocannon says. */
interface Answer {
  readonly requests: { readonly total: number };
  /** ms */
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
}

async function ask(url: string, seconds: number): Promise<Answer> {
  const program = createRequire(import.meta.url).resolve('autocannon');
  const options = { connections, overallRate: rate, duration: seconds };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--json', ...args, url]);
  return JSON.parse(stdout) as Answer;
}

/** Of a server, since it was asked before (ms). */
async function lagOf(server: RealProcess): Promise<number> {
  const port = /"metricsPort":(\d+)/.exec(server.output())?.[1];
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return 1000 * Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1]);
}

function notesOf(name: string, { places, lagMs }: Loaded): Note[] {
  const rows = places.map(({ place, p50, p99, requests, errors }) => ({
    name: `${name}: ${place}`,
    value: `p50 ${p50} ms, p99 ${p99} ms, ${errors} errors of ${requests}`,
  }));
  return [...rows, { name: `${name}: event loop`, value: `lag p99 ${lagMs.toFixed(0)} ms` }];
}
