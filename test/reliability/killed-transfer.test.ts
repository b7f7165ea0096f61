/** What is left of a job that ends while its product is brought: nothing, whoever was killed. Real servers, real children. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { projectFolder } from '../../src/config/project-folder.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { withFolder } from '../support/folder.ts';
import { ownEnvironment } from '../support/own-environment.ts';
import { isAlive, until } from '../support/server.ts';
import { smallDisk } from '../support/small-disk.ts';
import { withSlowProduct, type SlowProduct } from '../support/slow-product.ts';

interface RealServer {
  readonly process: ChildProcess;
  readonly root: string;
  readonly dataDirectory: string;
  output(): string;
}

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function serve(dataDirectory: string, { origin }: SlowProduct): Promise<RealServer> {
  const child = spawn(process.execPath, [join(projectFolder(), 'src/main.ts'), 'serve'], {
    env: {
      ...ownEnvironment(),
      PORT: '0',
      STOP_SECONDS: '0',
      DATA_DIR: dataDirectory,
      OUTBOUND_TRUSTED_ORIGINS: origin,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const root = (): string | undefined => /"root":"([^"]+)"/.exec(text)?.[1];
  await until(() => root() !== undefined || child.exitCode !== null, 'the server listens');
  return { process: child, root: root() ?? '', dataDirectory, output: () => text };
}

interface Answer {
  readonly jobID: string;
  readonly status: string;
  readonly message: string;
}

async function execute({ root }: RealServer, product: string): Promise<string> {
  const answer = await fetch(`${root}/processes/senseiv2-cloudmask/execution`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ inputs: { product } }),
  });
  return ((await answer.json()) as Answer).jobID;
}

const job = async ({ root }: RealServer, id: string): Promise<Answer> =>
  (await (await fetch(`${root}/jobs/${id}`)).json()) as Answer;

/** All files below the folders in which something of a job could be left. */
function left({ dataDirectory }: RealServer): string[] {
  const places = readdirSync(dataDirectory).filter((name) => /^(scratch|results)/.test(name));
  return places.flatMap((place) => readdirSync(join(dataDirectory, place), { encoding: 'utf8' }));
}

interface UnderWay {
  readonly server: RealServer;
  readonly product: SlowProduct;
  readonly id: string;
  /** Process of the transfer. */
  readonly pid: number;
}

/** Runs `use` when files of a product have come and more is awaited. */
async function withTransfer(
  use: (underWay: UnderWay) => Promise<void>,
  dataFolder?: string,
): Promise<void> {
  await withFolder(async (www) => {
    await withSlowProduct(www, async (product) => {
      const dataDirectory = dataFolder ?? (await temporaryDataFolder());
      const server = await serve(dataDirectory, product);
      const id = await execute(server, `${product.origin}/slow.tar`);
      const brought = join(dataDirectory, 'scratch', id, '1', 'brought', 'product');
      await until(() => existsSync(brought) && readdirSync(brought).length > 1, 'files have come');
      const pid = Number(/"pid":(\d+)[^\n]*"order":"bring"/.exec(server.output())?.[1]);
      await use({ server, product, id, pid });
      for (const child of started) child.kill('SIGKILL');
      if (dataFolder === undefined) await rm(dataDirectory, { recursive: true, force: true });
    });
  });
}

const lines = async ({ root }: RealServer, id: string): Promise<string[]> => {
  const answer = await fetch(`${root}/jobs/${id}/logs`);
  const { logs } = (await answer.json()) as { logs: { message: string }[] };
  return logs.map(({ message }) => message);
};

/** The job is brought its product again, which has to be whole by now, and comes to its end in its second attempt. */
async function goesOn(server: RealServer, id: string): Promise<void> {
  await until(async () => (await lines(server, id)).includes('Attempt 2 began.'), 'it goes on');
  await until(async () => (await job(server, id)).status === 'failed', 'the job has ended');
  expect((await job(server, id)).message).toContain('MTL.txt');
  await until(() => left(server).length === 0, 'nothing is left');
}

/** The same product, whole now: brought, and refused by who reads it, since its pictures are none. */
async function nextRuns(server: RealServer, product: SlowProduct): Promise<void> {
  product.finish();
  const id = await execute(server, `${product.origin}/slow.tar`);
  await until(async () => (await job(server, id)).status === 'failed', 'the next job runs');
  expect((await job(server, id)).message).toContain('MTL.txt');
}

describe('while a product is brought', () => {
  it('kill -9 of the transfer: the job says so and goes on, nothing is left, the next one works', async () => {
    await withTransfer(async ({ server, product, id, pid }) => {
      product.finish();
      process.kill(pid, 'SIGKILL');
      await until(
        async () => (await lines(server, id)).some((line) => line.includes('by signal SIGKILL')),
        'the job says so',
      );
      expect((await job(server, id)).status).toBe('running');
      await goesOn(server, id);
      await nextRuns(server, product);
    });
  });

  it('DELETE: the transfer is gone at once, nothing is left, the next one works', async () => {
    await withTransfer(async ({ server, product, id, pid }) => {
      const start = performance.now();
      const answer = await fetch(`${server.root}/jobs/${id}`, { method: 'DELETE' });
      expect(((await answer.json()) as Answer).status).toBe('dismissed');
      await until(() => !isAlive(pid), 'the transfer is gone');
      expect(performance.now() - start).toBeLessThan(5000);
      await until(() => left(server).length === 0, 'nothing is left');
      await until(() => product.waiting() === 0, 'the connection is closed');
      await nextRuns(server, product);
    });
  });

  it('kill -9 of the server: the transfer ends by itself, the next server cleans up and goes on with the job', async () => {
    await withTransfer(async ({ server, product, id, pid }) => {
      server.process.kill('SIGKILL');
      await until(() => !isAlive(pid), 'the transfer ends by itself');
      expect(product.waiting()).toBe(0);
      expect(left(server)).not.toEqual([]);
      product.finish();
      const second = await serve(server.dataDirectory, product);
      await goesOn(second, id);
      await until(
        async () => (await readdir(server.dataDirectory)).every((name) => !name.includes('-old-')),
        'what was set aside is removed',
      );
      await nextRuns(second, product);
    });
  });

  it('kill -9 of the server while the transfer is stopped: it dies as well, the next server goes on with the job', async () => {
    await withTransfer(async ({ server, product, id, pid }) => {
      process.kill(pid, 'SIGSTOP');
      server.process.kill('SIGKILL');
      await once(server.process, 'exit');
      const second = await serve(server.dataDirectory, product);
      await until(() => !isAlive(pid), 'the transfer is gone');
      expect((await job(second, id)).status).toBe('running');
      product.finish();
      await goesOn(second, id);
    });
  });

  it('SIGTERM of the server: the transfer ends, nothing is left, the next server goes on with the job', async () => {
    await withTransfer(async ({ server, product, id, pid }) => {
      server.process.kill('SIGTERM');
      const [code] = (await once(server.process, 'exit')) as [number];
      expect([code, isAlive(pid), left(server)]).toEqual([0, false, []]);
      product.finish();
      const second = await serve(server.dataDirectory, product);
      await goesOn(second, id);
    });
  });
});

// Sparse: as large as a product needs, until it is made small.
const disk = await smallDisk('700m');

describe.skipIf(disk === undefined)('a disk that is full in the middle of a transfer', () => {
  afterAll(() => disk?.unmount());

  it('the job says so, nothing is left, the next one works when there is room again', async () => {
    const folder = disk?.folder ?? '';
    await withTransfer(async ({ server, product, id }) => {
      const { blocks, bfree, bsize } = await statfs(folder);
      disk?.remount(`size=${(blocks - bfree) * bsize}`);
      product.more();
      await until(() => /"failure"[^\n]*Attempt:Failed/.test(server.output()), 'it has failed');
      disk?.remount('size=700m');
      await until(async () => (await job(server, id)).status === 'failed', 'its end is written');
      expect((await job(server, id)).message).toBe(
        'the server has no room for the product at present. Execute the request again later.',
      );
      expect(left(server)).toEqual([]);
      await nextRuns(server, product);
      server.process.kill('SIGKILL');
      await once(server.process, 'exit');
    }, folder);
  });
});
