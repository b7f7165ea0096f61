/**
 * The server under load, beside a bare `node:http` server that has nothing to do: how many requests a second each
 * answers, in turns, so that both see the same machine. With few and with many stored jobs, and with metrics.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { Finding, Section } from './findings.ts';
import { makeJobs } from './many-jobs.ts';
import type { Cost } from './measure.ts';
import { cpuSecondsOf } from './watched-process.ts';

/** What a status may cost, by the cost of a bare answer: a quarter of its rate. */
const mostForStatus = 4;
/** What a status may cost with many jobs, by its cost with few; the rest is the noise of the machine. */
const mostForMany = 1.25;
/** What a status may cost where requests are counted, by its cost where they are not. */
const mostForMetrics = 1.25;

export interface LoadRequest {
  /** Folder for the data of the servers, which is removed. */
  readonly folder: string;
  readonly jobs: { readonly few: number; readonly many: number };
  readonly rounds: number;
  /** Of each round, and each address. */
  readonly seconds: number;
}

interface Target {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

interface Served {
  readonly target: (name: string, place: string) => Target;
  stop(): Promise<void>;
}

const project = path.resolve(import.meta.dirname, '..', '..');

/** What is asked of our server; only the status has a target. */
const places = (id: string) => ({
  'GET /jobs/{id}': `/jobs/${id}`,
  'GET /jobs': '/jobs',
  'GET /processes': '/processes',
});

export async function measureLoad(request: LoadRequest): Promise<Section> {
  const bare = await serveBare();
  const few = await serveOurs(request.folder, request.jobs.few);
  const many = await serveOurs(request.folder, request.jobs.many);
  const counted = await serveOurs(request.folder, request.jobs.few, { METRICS_PORT: '0' });
  try {
    const status = counted.targets.filter(({ name }) => name.startsWith('GET /jobs/{id}'));
    const targets = [bare.target('bare', '/'), ...few.targets, ...many.targets, ...status];
    const [plain, ...ours] = await costsOf(targets, request);
    if (plain === undefined) throw new Error('Nothing was measured.');
    const names = targets.slice(1).map(({ name }) => name);
    const findings = names.map((name, index) => {
      const most = name.startsWith('GET /jobs/{id}') ? mostForStatus : undefined;
      return finding(name, [ours[index] ?? plain, plain], most);
    });
    const [withFew = plain, withMany = plain] = [ours[0], ours[few.targets.length]];
    const withMetrics = ours.at(-1) ?? plain;
    findings.push(finding('GET /jobs/{id}, many by few', [withMany, withFew], mostForMany));
    findings.push(
      finding('GET /jobs/{id}, with metrics by without', [withMetrics, withFew], mostForMetrics),
    );
    return { title: 'Load: per 1,000 requests, beside a bare server', findings, notes: [] };
  } finally {
    await Promise.all([bare.stop(), few.stop(), many.stop(), counted.stop()]);
  }
}

function finding(name: string, [ours, plain]: readonly [Cost, Cost], most?: number): Finding {
  const ratio = ours.wallSeconds / plain.wallSeconds;
  const target = most === undefined ? 'none' : `at most ${most} ×`;
  return { name, ours, plain, ratio, target, isMet: ratio <= (most ?? Infinity) };
}

/** In turns, so that all see the same machine. */
async function costsOf(
  targets: readonly Target[],
  { rounds, seconds }: LoadRequest,
): Promise<readonly Cost[]> {
  const costs = targets.map((): Cost[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, target] of targets.entries())
      costs[index]?.push(await costOf(target, seconds));
  }
  return costs.map(middle);
}

/** The round in the middle, by its time. */
function middle(costs: readonly Cost[]): Cost {
  const sorted = costs.toSorted((one, other) => one.wallSeconds - other.wallSeconds);
  return sorted[Math.floor(sorted.length / 2)] ?? { cpuSeconds: NaN, wallSeconds: NaN };
}

/** Eight connections, each asking again as soon as it is answered. Per 1,000 requests. */
async function costOf({ name, url, pid }: Target, seconds: number): Promise<Cost> {
  const program = createRequire(import.meta.url).resolve('autocannon');
  const before = cpuSecondsOf(pid);
  const args = [program, '--json', '--connections', '8', '--duration', String(seconds), url];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const cpuSeconds = cpuSecondsOf(pid) - before;
  const answer = JSON.parse(stdout) as Answer;
  const requests = answer.requests.total / 1000;
  if (answer.non2xx > 0 || answer.errors > 0 || requests === 0)
    throw new Error(`${name}: ${answer.non2xx} answers were no success, ${answer.errors} none.`);
  return { cpuSeconds: cpuSeconds / requests, wallSeconds: answer.duration / requests };
}

/** What is used of what autocannon says. */
interface Answer {
  readonly requests: { readonly total: number };
  readonly non2xx: number;
  readonly errors: number;
  readonly duration: number;
}

async function serveBare(): Promise<Served> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'bare-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  return served(child, Number(port));
}

/** Our server with so many jobs, and what is asked of it. */
async function serveOurs(
  folder: string,
  count: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly targets: readonly Target[]; stop(): Promise<void> }> {
  const words = Object.keys(settings);
  const directory = path.join(folder, ['load', count, ...words].join('-'));
  await rm(directory, { recursive: true, force: true });
  const id = await makeJobs(directory, count);
  const child = spawn(process.execPath, [path.join(project, 'src', 'main.ts'), 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DATA_DIR: directory,
      PORT: '0',
      HOST: '127.0.0.1',
      BASE_URL: '',
      // Counted as ever, and never refused.
      RATE_LIMIT: '1000000',
      ...settings,
    },
  });
  const server = served(child, await portOf(child.stdout));
  return {
    targets: Object.entries(places(id)).map(([name, place]) =>
      server.target([name, `${count.toLocaleString('en')} jobs`, ...words].join(', '), place),
    ),
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** From the log, which is read on to its end: a full pipe would stop the server. */
function portOf(log: Readable): Promise<number> {
  return new Promise((resolve, reject) => {
    const lines = createInterface(log);
    lines.on('line', (line) => {
      const root = /"root":"http:\/\/[^"]*:(\d+)"/.exec(line);
      if (root !== null) resolve(Number(root[1]));
    });
    lines.on('close', () => reject(new Error('The server ended before it listened.')));
  });
}

function served(child: ChildProcess, port: number): Served {
  const { pid = 0 } = child;
  return {
    target: (name, place) => ({ name, url: `http://127.0.0.1:${port}${place}`, pid }),
    async stop() {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}
