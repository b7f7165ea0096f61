/** The real application for tests: real database, real child processes, a free port, a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import supertest from 'supertest';
import { startApp, type App } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { answersBefore } from '../../src/http/openapi.ts';
import { routes } from '../../src/http/routes.ts';
import { logText } from './log-text.ts';

export interface TestServer {
  readonly root: string;
  readonly dataDirectory: string;
  readonly app: App;
  readonly request: ReturnType<typeof supertest>;
  /** All lines that were logged so far. */
  log(): string;
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
  /** Kept by `close` when it was given. */
  readonly dataDirectory?: string;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDirectory =
    options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'cloudmask-server-')));
  const config = readConfig({
    PORT: '0',
    DATA_DIR: dataDirectory,
    LOG_LEVEL: 'debug',
    STOP_SECONDS: '0',
    ...options.settings,
  });
  const { log, text } = logText(config.logLevel);
  const app = await startApp(config, log, options.now ? { now: options.now } : {});
  return {
    root: app.root,
    dataDirectory,
    app,
    request: supertest(app.address),
    log: text,
    async close() {
      await app.stop();
      assertDeclared(text().split('\n').filter(Boolean), new URL(app.root).pathname);
      if (options.dataDirectory === undefined)
        await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Every answer of every test: its status must stand in the table of routes, from which the API definition is made. */
function assertDeclared(lines: readonly string[], prefix: string): void {
  const patterns = routes.map((route) => ({
    route,
    place: new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  const answers = lines
    .map(
      (line) => JSON.parse(line) as { msg: string; method: string; path: string; status: number },
    )
    .filter(({ msg }) => msg === 'Request:Answered');
  for (const { method, path, status } of answers) {
    const asked = method === 'HEAD' ? 'get' : method.toLowerCase();
    const own = path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
    const found = patterns.find(({ route, place }) => route.method === asked && place.test(own));
    if (found === undefined || status in found.route.answers) continue;
    if (status in answersBefore(found.route, true)) continue;
    throw new Error(`${method} ${path} answered ${status}, which is not declared.`);
  }
}

export interface StatusInfo {
  readonly jobID: string;
  readonly status: string;
  readonly message: string;
  readonly progress: number;
  readonly links: readonly { readonly rel: string; readonly href: string }[];
  readonly [member: string]: unknown;
}

/** Executes echo as a job. */
export async function startEcho(server: TestServer, body: object): Promise<StatusInfo> {
  const answer = await server.request
    .post('/processes/echo/execution')
    .set('Prefer', 'respond-async')
    .send(body)
    .expect(201);
  return answer.body as StatusInfo;
}

/** A busy machine takes its time; a test's own limit may end it sooner. */
const patienceMs = 100_000;

/** Asks for the status until it is one of these. */
export async function untilStatus(
  server: TestServer,
  jobId: string,
  ...wanted: string[]
): Promise<StatusInfo> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const { body } = await server.request.get(`/jobs/${jobId}`);
    const status = body as StatusInfo;
    if (wanted.includes(status.status)) return status;
    if (Date.now() > deadline)
      throw new Error(`Job is ${status.status}, not ${wanted.join(' or ')}.`);
    await sleep(50);
  }
}

/** Waits for something that has no notification. */
export async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Not within ${patienceMs / 1000} s: ${what}`);
    await sleep(50);
  }
}

/** Process id of the child that computes an attempt. */
export async function childOf(server: TestServer, jobId: string, attempt = 1): Promise<number> {
  const find = () => {
    const entries = server
      .log()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return entries.find(
      (entry) =>
        entry['msg'] === 'Attempt:Started' &&
        entry['jobId'] === jobId &&
        entry['attempt'] === attempt,
    )?.['pid'];
  };
  await until(() => find() !== undefined, 'the child has started');
  return Number(find());
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
