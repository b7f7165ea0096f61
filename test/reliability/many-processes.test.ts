/** Servers and workers as processes of their own on one PostgreSQL, and what dies on the way. Real processes. */
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectPostgres } from '../../src/database/connect-postgres.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { postgresPrograms, PostgresServer } from '../support/postgres-server.ts';
import { RealProcesses, type RealProcess } from '../support/real-process.ts';
import { isAlive, until } from '../support/server.ts';

const shortLeases = ['--import', join(import.meta.dirname, '../support/short-leases.ts')];
const processes = new RealProcesses();
let postgres: PostgresServer;
let url: string;
let dataDirectory: string;

const start = (
  command: 'serve' | 'work',
  settings: Record<string, string> = {},
  nodeOptions: readonly string[] = [],
) =>
  processes.start(
    command,
    {
      DATA_DIR: dataDirectory,
      DATABASE_URL: url,
      SECRET_KEY: 'the same for all of the processes',
      ...(command === 'work' && { BASE_URL: 'http://localhost:1' }),
      ...settings,
    },
    nodeOptions,
  );
/** One that accepts jobs and leaves them to others. */
const serve = () => start('serve', { MAX_RUNNING_JOBS: '0' });

async function post(root: string, inputs: object): Promise<string> {
  const answer = await fetch(`${root}/processes/echo/execution`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: JSON.stringify({ inputs }),
  });
  const { jobID } = (await answer.json()) as { jobID: string };
  return jobID;
}

const get = async (root: string, path: string) =>
  (await (await fetch(root + path)).json()) as Record<string, unknown>;
const statusOf = async (root: string, id: string) => (await get(root, `/jobs/${id}`))['status'];
const untilSuccessful = (root: string, id: string) =>
  until(async () => (await statusOf(root, id).catch(() => '')) === 'successful', `${id} ends`);
const messages = async (root: string, id: string): Promise<string[]> =>
  ((await get(root, `/jobs/${id}/logs`))['logs'] as { message: string }[]).map(
    (one) => one.message,
  );

/** Who began an attempt of a job, and with which child. */
function begun(among: readonly RealProcess[], id: string) {
  return among.flatMap((one) =>
    one
      .output()
      .split('\n')
      .filter((line) => line.includes(id) && line.includes('Attempt:Started'))
      .map((line) => ({ one, pid: Number(/"pid":(\d+),"processId"/.exec(line)?.[1]) })),
  );
}

async function firstBegun(among: readonly RealProcess[], id: string) {
  await until(() => begun(among, id).length > 0, 'a worker computes');
  const [first] = begun(among, id);
  if (first === undefined) throw new Error('nobody computes');
  return first;
}

/** Children that are noted in the folders of all processes. */
async function notedIn(folder: string): Promise<number[]> {
  const root = join(folder, 'workers');
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.pid'));
  const notes = names.map((name) => readFile(join(root, name), 'utf8'));
  return (await Promise.all(notes)).map((note) => Number(note.split(' ')[0]));
}

describe.skipIf(postgresPrograms() === undefined)('many processes on one PostgreSQL', () => {
  beforeAll(async () => {
    postgres = await PostgresServer.start();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    url = await postgres.createDatabase();
    dataDirectory = await temporaryDataFolder();
  });
  afterEach(async () => {
    await processes.killAll();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  it('two servers and two workers that start at once: each job is computed once, and every server tells of it', async () => {
    const [first, second, ...workers] = await Promise.all([
      serve(),
      serve(),
      start('work'),
      start('work'),
    ]);
    const ids: string[] = [];
    for (let count = 0; count < 10; count += 1)
      ids.push(await post((count % 2 === 0 ? first : second).root, { a: 'x', pause: 0 }));
    for (const id of ids) {
      await untilSuccessful(second.root, id);
      expect(await get(first.root, `/jobs/${id}/results`)).toEqual({ a: { value: 'x' } });
      expect(begun(workers, id)).toHaveLength(1);
    }
    for (const { process: one } of [first, second, ...workers]) one.kill('SIGTERM');
    for (const { process: one } of [first, second, ...workers])
      await until(() => one.exitCode !== null, 'it has ended');
    expect([first, second, ...workers].map(({ process: one }) => one.exitCode)).toEqual([
      0, 0, 0, 0,
    ]);
    expect(await readdir(join(dataDirectory, 'workers'))).toEqual([]);
  });

  it('what links and callbacks are signed with is kept in the database, for all processes', async () => {
    const [first, second] = [await serve(), await serve()];
    const database = connectPostgres(url, { most: 1 });
    const names = (await database('kept_secrets').select('name').orderBy('name')) as object[];
    await database.destroy();
    expect(names).toEqual([{ name: 'callback-secret' }, { name: 'link-secret' }]);
    expect(await readdir(dataDirectory)).toEqual(['workers']);
    const id = await post(first.root, { a: 'x' });
    expect(await get(second.root, `/jobs/${id}`)).toMatchObject({ jobID: id });
  });

  it('kill -9 of a worker: its child ends, the job runs again on the other one', async () => {
    const server = await serve();
    const workers = [await start('work', {}, shortLeases), await start('work', {}, shortLeases)];
    const id = await post(server.root, { a: 'x', pause: 4 });
    const { one, pid } = await firstBegun(workers, id);
    one.process.kill('SIGKILL');
    await until(() => !isAlive(pid), 'the orphan ends by itself');
    await untilSuccessful(server.root, id);
    const lines = await messages(server.root, id);
    expect(lines.filter((line) => !line.startsWith('Pausing'))).toEqual([
      'The job was accepted and waits for a free place to run.',
      'Attempt 1 began.',
      'The server that computed the job ended unexpectedly. It is tried again.',
      'Attempt 2 began.',
      'The job finished; its results are there.',
    ]);
    expect(begun(workers, id).map((attempt) => attempt.one)).not.toEqual([one, one]);
  });

  it('a worker that starts ends what a dead one of its machine left, and leaves the living alone', async () => {
    const server = await serve();
    const alive = await start('work');
    const kept = await post(server.root, { a: 'x', pause: 8 });
    await firstBegun([alive], kept);
    const dead = await start('work');
    const lost = await post(server.root, { a: 'x', pause: 8 });
    const { pid } = await firstBegun([dead], lost);
    await until(async () => (await notedIn(dataDirectory)).includes(pid), 'the child is noted');
    // Stopped, it cannot notice that nobody waits for it any more.
    process.kill(pid, 'SIGSTOP');
    dead.process.kill('SIGKILL');
    await once(dead.process, 'exit');
    const next = await start('work');
    await until(() => next.output().includes('"Worker:Dead"'), 'it has looked');
    await until(() => !isAlive(pid), 'the child is gone');
    expect(next.output()).toMatch(/"holder":"[^"]+","msg":"Lease:Expired"/);
    const folders = (await readdir(join(dataDirectory, 'workers'))).filter(
      (name) => !name.includes('.lock'),
    );
    expect(new Set(folders.map((name) => Number(name.split('-').at(-2))))).toEqual(
      new Set([server, alive, next].map(({ process: one }) => one.pid)),
    );
    await untilSuccessful(server.root, lost);
    await untilSuccessful(server.root, kept);
    expect(await messages(server.root, kept)).not.toContain('Attempt 2 began.');
  });

  it('SIGTERM of a worker: its job is handed back, and no attempt counts as lost', async () => {
    const server = await serve();
    const workers = [await start('work'), await start('work')];
    const id = await post(server.root, { a: 'x', pause: 4 });
    const { one } = await firstBegun(workers, id);
    one.process.kill('SIGTERM');
    const [code] = (await once(one.process, 'exit')) as [number];
    expect(code).toBe(0);
    await untilSuccessful(server.root, id);
    expect(await messages(server.root, id)).toContain(
      'The server that computed the job was stopped. It goes on when there is one again.',
    );
    const database = connectPostgres(url, { most: 1 });
    expect(await database('jobs').select('attempt', 'lost_attempts')).toEqual([
      { attempt: 2, lost_attempts: 0 },
    ]);
    await database.destroy();
  });

  it('DELETE at a server that computes as well: the child of the worker elsewhere ends, and the server goes on', async () => {
    const server = await start('serve');
    const worker = await start('work');
    const ids = [
      await post(server.root, { a: 'x', pause: 60 }),
      await post(server.root, { a: 'x', pause: 60 }),
    ];
    for (const id of ids) await firstBegun([server, worker], id);
    const elsewhere = ids.find((id) => begun([worker], id).length > 0) ?? '';
    const { pid } = await firstBegun([worker], elsewhere);
    const answer = await fetch(`${server.root}/jobs/${elsewhere}`, { method: 'DELETE' });
    expect(await answer.json()).toMatchObject({ status: 'dismissed' });
    await until(() => !isAlive(pid), 'the child is gone');
    const [other = ''] = ids.filter((id) => id !== elsewhere);
    expect(await statusOf(server.root, other)).toBe('running');
    expect(await statusOf(server.root, elsewhere)).toBe('dismissed');
  });

  it('the database is killed and comes back: connections come back, no job is lost, none runs twice', async () => {
    const [server, worker] = [await serve(), await start('work')];
    const running = await post(server.root, { a: 'running', pause: 6 });
    await firstBegun([worker], running);
    const waiting = await post(server.root, { a: 'waiting' });
    await postgres.halt('immediate');
    expect(await get(server.root, `/jobs/${running}`)).toMatchObject({
      status: 503,
      title: 'The database does not answer',
      detail: 'The database of the server does not answer at present. Try again in a moment.',
    });
    await postgres.resume();
    await untilSuccessful(server.root, running);
    await untilSuccessful(server.root, waiting);
    const late = await post(server.root, { a: 'late' });
    await untilSuccessful(server.root, late);
    for (const id of [running, waiting, late]) expect(begun([worker], id)).toHaveLength(1);
    expect(server.process.exitCode).toBeNull();
  });

  it.each([
    ['without a database', { DATABASE_URL: '' }, 'A worker needs DATABASE_URL'],
    ['without a place', { MAX_RUNNING_JOBS: '0' }, 'would do nothing'],
    ['without a public root', { BASE_URL: '' }, 'Set BASE_URL'],
  ])('a worker %s says what it needs', async (_what, settings, said) => {
    const worker = await start('work', settings);
    expect([worker.process.exitCode, worker.output()]).toEqual([1, expect.stringContaining(said)]);
    expect(worker.output()).not.toContain('    at ');
  });

  it.each(['serve', 'work'] as const)(
    'a start of %s that fails late leaves nothing behind, and ends',
    async (command) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const unusable = [
        { METRICS_PORT: String(port) },
        { RESULT_STORE: 's3://nowhere', RESULT_S3_ENDPOINT_URL: 'http://127.0.0.1:1' },
      ];
      for (const settings of unusable) {
        const failed = await start(command, settings);
        expect([failed.process.exitCode, failed.output()]).toEqual([1, expect.any(String)]);
        expect(await readdir(join(dataDirectory, 'workers'))).toEqual([]);
      }
      taken.close();
    },
  );
});
