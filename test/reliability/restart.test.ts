/** What is left when the server itself ends, gently or not. Real server processes. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { RealProcesses, type RealProcess } from '../support/real-process.ts';
import { isAlive, until } from '../support/server.ts';

let dataDirectory: string;
const processes = new RealProcesses();

beforeEach(async () => {
  dataDirectory = await temporaryDataFolder();
});
afterEach(async () => {
  await processes.killAll();
  await rm(dataDirectory, { recursive: true, force: true });
});

const serve = (
  settings: Record<string, string> = {},
  nodeOptions: readonly string[] = [],
  program?: readonly string[],
): Promise<RealProcess> =>
  processes.start('serve', { DATA_DIR: dataDirectory, ...settings }, nodeOptions, program);

async function post(root: string, inputs: object): Promise<{ jobID: string }> {
  const answer = await fetch(`${root}/processes/echo/execution`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: JSON.stringify({ inputs }),
  });
  return (await answer.json()) as { jobID: string };
}

const messages = async (root: string, jobId: string): Promise<string[]> => {
  const answer = await fetch(`${root}/jobs/${jobId}/logs`);
  const { logs } = (await answer.json()) as { logs: { message: string }[] };
  return logs.map(({ message }) => message);
};

const get = async (root: string, path: string) =>
  (await (await fetch(root + path)).json()) as {
    status: string;
    message: string;
    detail: string;
    title: string;
  };

async function childPid(server: RealProcess): Promise<number> {
  const find = () => /"pid":(\d+)[^\n]*Attempt:Started/.exec(server.output())?.[1];
  await until(() => find() !== undefined, 'a child runs');
  return Number(find());
}

it('kill -9: the child ends, the running job goes on in another attempt, the waiting one runs, scratch is cleaned', async () => {
  const first = await serve();
  const running = await post(first.root, { a: 'x', pause: 5 });
  const waiting = await post(first.root, { a: 'waiting' });
  const pid = await childPid(first);
  first.process.kill('SIGKILL');
  await until(() => !isAlive(pid), 'the orphan ends by itself');
  await mkdir(join(dataDirectory, 'results', 'jobs', running.jobID, '1'), { recursive: true });

  const second = await serve();
  await until(
    async () => (await get(second.root, `/jobs/${waiting.jobID}`)).status === 'successful',
    'the waiting job runs',
  );
  expect(await get(second.root, `/jobs/${running.jobID}`)).toMatchObject({ status: 'successful' });
  expect(await get(second.root, `/jobs/${running.jobID}/results`)).toEqual({ a: { value: 'x' } });
  const lines = await messages(second.root, running.jobID);
  expect(lines.filter((line) => !line.startsWith('Pausing'))).toEqual([
    'The job was accepted and waits for a free place to run.',
    'Attempt 1 began.',
    'The server that computed the job ended unexpectedly. It is tried again.',
    'Attempt 2 began.',
    'The job finished; its results are there.',
  ]);
  expect(existsSync(join(dataDirectory, 'scratch', running.jobID))).toBe(false);
  const orphan = join(dataDirectory, 'results', 'jobs', running.jobID, '1');
  await until(() => !existsSync(orphan), 'its files are removed in the background');
  await until(
    async () => (await readdir(dataDirectory)).every((name) => !name.includes('-old-')),
    'what was set aside is removed',
  );
});

it.skipIf(process.platform !== 'linux')(
  'kill -9: a child that cannot notice, because it is stopped, dies with its server',
  async () => {
    const first = await serve();
    const { jobID } = await post(first.root, { a: 'x', pause: 60 });
    const pid = await childPid(first);
    // What ties a child to its server is done before its program begins.
    await until(
      async () => (await messages(first.root, jobID)).some((line) => line.startsWith('Pausing')),
      'the child is at work',
    );
    process.kill(pid, 'SIGSTOP');
    expect(isAlive(pid)).toBe(true);
    first.process.kill('SIGKILL');
    await until(() => !isAlive(pid), 'the child is gone');
  },
);

it('a job whose server is killed again and again fails after three attempts', async () => {
  const first = await serve();
  const { jobID } = await post(first.root, { a: 'x', pause: 60 });
  await childPid(first);
  first.process.kill('SIGKILL');
  for (let lost = 1; lost < 3; lost += 1) {
    const next = await serve();
    await childPid(next);
    next.process.kill('SIGKILL');
  }
  const last = await serve();
  expect(await get(last.root, `/jobs/${jobID}`)).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('It was tried 3 times.'),
  });
  expect(await get(last.root, `/jobs/${jobID}/results`)).toMatchObject({
    status: 500,
    title: 'The job was interrupted',
  });
});

it('SIGTERM: lets a job end that needs less than STOP_SECONDS', async () => {
  const server = await serve({ STOP_SECONDS: '30' });
  const { jobID } = await post(server.root, { a: 'x', pause: 2 });
  await childPid(server);
  server.process.kill('SIGTERM');
  const [code] = (await once(server.process, 'exit')) as [number];
  expect(code).toBe(0);
  const again = await serve();
  expect(await get(again.root, `/jobs/${jobID}`)).toMatchObject({ status: 'successful' });
  expect(await messages(again.root, jobID)).not.toContain('Attempt 2 began.');
});

it('SIGTERM: stops the child, hands its job back, ends with 0; no attempt is counted as lost', async () => {
  const server = await serve({ STOP_SECONDS: '1' });
  const { jobID } = await post(server.root, { a: 'x', pause: 60 });
  const pid = await childPid(server);
  server.process.kill('SIGTERM');
  const [code] = (await once(server.process, 'exit')) as [number];
  expect([code, isAlive(pid)]).toEqual([0, false]);
  const again = await serve();
  await until(
    async () => (await messages(again.root, jobID)).includes('Attempt 2 began.'),
    'the job goes on',
  );
  expect(await messages(again.root, jobID)).toContain(
    'The server that computed the job was stopped. It goes on when there is one again.',
  );
});

it.each(['Promise.reject(error)', 'setImmediate(() => { throw error; })'])(
  'an error that nobody caught (%s): says so, stops the child, ends with 1',
  async (trouble) => {
    const code = `process.on('SIGUSR2', () => { const error = new Error('Boom'); ${trouble}; });`;
    const server = await serve({}, [
      '--import',
      `data:text/javascript,${encodeURIComponent(code)}`,
    ]);
    const { jobID } = await post(server.root, { a: 'x', pause: 60 });
    const pid = await childPid(server);
    server.process.kill('SIGUSR2');
    const [exitCode] = (await once(server.process, 'exit')) as [number];
    expect([exitCode, isAlive(pid)]).toEqual([1, false]);
    expect(server.output()).toMatch(/"level":60.*Boom.*Server:Broken/);
    const again = await serve();
    await until(
      async () => (await messages(again.root, jobID)).includes('Attempt 2 began.'),
      'the job goes on',
    );
  },
);

it('an error that nobody caught while it starts: says so in the log, and ends with 1', async () => {
  const code = `process.on('newListener', (name) => {
    if (name === 'uncaughtException') setImmediate(() => { throw new Error('Boom'); });
  });`;
  const server = await serve({}, ['--import', `data:text/javascript,${encodeURIComponent(code)}`]);
  expect(server.output()).toMatch(/^\{"level":60.*Boom.*Server:Broken"\}\n$/);
  expect(server.process.exitCode).toBe(1);
});

it('waits for a server that is about to end, and takes over its job', async () => {
  const first = await serve({ STOP_SECONDS: '4' });
  const { jobID } = await post(first.root, { a: 'x', pause: 8 });
  await childPid(first);
  first.process.kill('SIGTERM');
  const second = await serve();
  expect(second.output()).toContain('Server:WaitsForAnother');
  await until(
    async () => (await get(second.root, `/jobs/${jobID}`)).status === 'successful',
    'the job ends',
  );
  expect(await messages(second.root, jobID)).toContain('Attempt 2 began.');
});

it('kill -9 of the launcher: the server does not go on unseen', async () => {
  const launcher = await serve({}, [], ['scripts/run.js', 'start']);
  const { jobID } = await post(launcher.root, { a: 'x', pause: 60 });
  const pid = await childPid(launcher);
  launcher.process.kill('SIGKILL');
  await until(() => !isAlive(pid), 'the child is gone');
  await until(
    () =>
      fetch(`${launcher.root}/healthz`).then(
        () => false,
        () => true,
      ),
    'the server is gone',
  );
  const next = await serve();
  expect((await get(next.root, `/jobs/${jobID}`)).status).toBe('running');
});

it('refuses a data folder in which another server works, and goes on with its own', async () => {
  const first = await serve();
  const second = await serve();
  expect(second.process.exitCode).toBe(1);
  expect(second.output()).toContain('Another server already works in DATA_DIR');
  expect(second.output()).not.toContain('    at ');
  expect(await get(first.root, '/healthz')).toEqual({ status: 'ok' });
});

it('refuses to start with faulty settings, and says all of them', async () => {
  const server = await serve({
    STRIDE: '1',
    PORT: 'http',
    RESULT_DAYS: 'x',
    DATABASE_URL: 'mysql://u:MARKER@h/d',
  });
  expect(server.process.exitCode).toBe(1);
  for (const name of ['PORT', 'RESULT_DAYS', 'DATABASE_URL'])
    expect(server.output()).toContain(`- ${name}: found`);
  expect(server.output()).not.toContain('MARKER');
});

it('links live on after a restart: the secret is kept, readable by its owner only', async () => {
  const first = await serve();
  const secret = await readFile(join(dataDirectory, 'link-secret'), 'utf8');
  expect((await stat(join(dataDirectory, 'link-secret'))).mode & 0o777).toBe(0o600);
  first.process.kill('SIGTERM');
  await once(first.process, 'exit');
  await serve();
  expect(await readFile(join(dataDirectory, 'link-secret'), 'utf8')).toBe(secret);
});
