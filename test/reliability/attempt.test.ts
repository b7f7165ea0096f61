/** One attempt with real store, storage and child: what the child hands over, and what is left behind. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt, AttemptTools } from '../../src/jobs/attempt.ts';
import { anonymous, type Job } from '../../src/jobs/job.ts';
import { Retention } from '../../src/jobs/retention.ts';
import { Worker } from '../../src/jobs/worker.ts';
import { createLog } from '../../src/log.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { allOf } from '../support/all-of.ts';
import { AttemptRig } from '../support/attempt-rig.ts';
import { claimWith } from '../support/claim.ts';
import { until } from '../support/server.ts';
import { ordinary } from '../support/ordinary-job.ts';

let rig: AttemptRig;
let { folder, store, leases, storage } = {} as AttemptRig;
beforeEach(async () => {
  rig = await AttemptRig.open();
  ({ folder, store, leases, storage } = rig);
});
afterEach(() => rig.close());

const attempt = (script: object, wanted?: string[]): Promise<Attempt> =>
  rig.attempt(script, wanted);
const tools = (): AttemptTools => rig.tools();
const jobAfter = (one: Attempt): Promise<Job | undefined> => rig.jobAfter(one);

const log = createLog('silent');
const file = (name: string) => ({ kind: 'file' as const, file: name, mediaType: 'text/plain' });

describe('an attempt', () => {
  it('publishes files and values that were asked for, and nothing else', async () => {
    const outputs = { a: file('a.txt'), b: { kind: 'value', value: 5 }, c: file('c.txt') };
    const one = await attempt({ files: { 'a.txt': 'hello', 'c.txt': 'unwanted' }, outputs }, [
      'a',
      'b',
      'absent',
    ]);
    const job = await jobAfter(one);
    expect(job).toMatchObject({
      status: 'successful',
      results: {
        a: { kind: 'file', key: `jobs/${one.job.id}/1/a.txt`, size: 5, fileName: 'a.txt' },
        b: { value: 5 },
      },
    });
    expect(Object.keys(job?.results ?? {})).toEqual(['a', 'b']);
    expect(await readdir(join(folder, 'results', 'jobs', one.job.id, '1'))).toEqual(['a.txt']);
  });

  it.each([
    ['a file outside its folder', { outputs: { a: file('../../../jobs.sqlite') } }],
    [
      'a link to a file outside',
      { links: { 'a.txt': '/etc/hostname' }, outputs: { a: file('a.txt') } },
    ],
    [
      'a link to its own file',
      { files: { b: 'x' }, links: { 'a.txt': 'b' }, outputs: { a: file('a.txt') } },
    ],
    ['a hidden file', { files: { '.a': 'x' }, outputs: { a: file('.a') } }],
    ['a file that is not there', { outputs: { a: file('none.txt') } }],
    [
      'two files of one name',
      { files: { 'a.txt': 'x' }, outputs: { a: file('a.txt'), b: file('a.txt') } },
    ],
  ])('fails, and keeps nothing, when the child hands over %s', async (_what, script) => {
    const one = await attempt(script, ['a', 'b']);
    expect(await rig.jobAtEnd(one)).toMatchObject({
      status: 'failed',
      attempt: 3,
      failure: { kind: 'internal', message: expect.stringContaining('It was tried 3 times.') },
    });
    expect(existsSync(join(folder, 'jobs.sqlite'))).toBe(true);
    expect(existsSync(join(folder, 'results', 'jobs', one.job.id, '1'))).toBe(false);
  });

  it('tells the child which outputs are wanted, in the order of the request', async () => {
    const job = await jobAfter(await attempt({ tellOutputs: true }, ['item', 'cloud_mask']));
    expect(job?.message).toBe('item, cloud_mask');
  });

  it('fails with the cause that the child tells', async () => {
    expect(await jobAfter(await attempt({ failure: 'B02 is missing.' }))).toMatchObject({
      status: 'failed',
      attempt: 1,
      message: 'B02 is missing.',
      failure: { kind: 'bad-input', message: 'B02 is missing.' },
    });
  });

  it('fails as crashed when the child ends without a word, three times', async () => {
    const one = await attempt({ exitCode: 3 });
    expect(await jobAfter(one)).toMatchObject({
      status: 'running',
      message: expect.stringMatching(/with exit code 3.*It is tried again/),
    });
    const again = await rig.jobAtEnd(one);
    expect(again).toMatchObject({
      status: 'failed',
      attempt: 3,
      failure: { kind: 'crashed', message: expect.stringContaining('with exit code 3') },
    });
    const lines = (await store.log(one.job.id, anonymous)).map(({ message }) => message);
    expect(lines.filter((line) => /^Attempt \d began/.test(line))).toHaveLength(3);
  });

  it('takes up what a crash interrupted: the next attempt publishes, under its own keys', async () => {
    const outputs = { a: file('a.txt') };
    const one = await attempt({ crashesUntil: 3, files: { 'a.txt': 'x' }, outputs });
    expect(await rig.jobAtEnd(one)).toMatchObject({
      status: 'successful',
      results: { a: { key: `jobs/${one.job.id}/3/a.txt` } },
    });
    expect(await readdir(join(folder, 'results', 'jobs', one.job.id))).toEqual(['3']);
  });

  it('is tried once more, not twice, when it needs too much memory', async () => {
    const limited = { ...tools(), limits: { ...tools().limits, memoryMb: 1 } };
    const one = await rig.attempt({ waitMs: 60_000 }, ['a'], limited);
    expect(await rig.jobAtEnd(one, limited)).toMatchObject({
      status: 'failed',
      attempt: 2,
      failure: { kind: 'out-of-memory' },
    });
  });

  it('removes its files when the job was dismissed before it could publish', async () => {
    const one = await attempt({ files: { 'a.txt': 'x' }, outputs: { a: file('a.txt') } });
    await store.dismiss(one.job.id, anonymous);
    expect(await jobAfter(one)).toMatchObject({ status: 'dismissed' });
    expect(existsSync(join(folder, 'results', 'jobs', one.job.id, '1'))).toBe(false);
  });

  it('stops its child when it hears that its lease is gone', async () => {
    const one = await attempt({ waitMs: 60_000 });
    const start = performance.now();
    await store.dismiss(one.job.id, anonymous);
    expect(await jobAfter(one)).toMatchObject({ status: 'dismissed' });
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it.each(['cancel', 'interrupt'] as const)(
    'stops its child by %s, also when that comes before the child',
    async (how) => {
      const one = await attempt({ waitMs: 60_000 });
      one[how]();
      const job = await jobAfter(one);
      expect(job?.status).toBe('running');
      // Who was interrupted hands the job back; who was cancelled has nothing to say about it any more.
      const next = await leases.claim(claimWith('next'));
      expect([next?.attempt, next?.lostAttempts]).toEqual(
        how === 'cancel' ? [undefined, undefined] : [2, 0],
      );
    },
  );
});

/** Stores whose disk is full as long as `isFull` says so. */
const onFullDisk = <Store extends object>(full: Store, isFull: () => boolean): Store =>
  new Proxy(full, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      const isWrite = ['report', 'finish', 'claim', 'renew'].includes(String(name));
      return async (...args: unknown[]) => {
        if (isWrite && isFull()) throw new Error('SQLITE_FULL: database or disk is full');
        return method.apply(target, args);
      };
    },
  });

describe('Worker', () => {
  it('goes on when nothing can be written, and writes the end of a job when there is room again', async () => {
    const id = randomUUID();
    const inputs = { files: { 'a.txt': 'hello' }, outputs: { a: file('a.txt') }, waitMs: 300 };
    const outputs = { a: { transmissionMode: 'value' as const } };
    await store.add({ ...ordinary, id, processId: 'x', request: { inputs, outputs } });
    let isFull = false;
    const worker = new Worker(
      { ...tools(), leases: onFullDisk(leases, () => isFull) },
      rig.settings(),
    );
    worker.start();
    await until(
      async () => (await store.find(id, anonymous))?.status === 'running',
      'the job runs',
    );
    isFull = true;
    const kept = join(folder, 'results', 'jobs', id, '1', 'a.txt');
    await until(() => existsSync(kept), 'the result is kept');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await store.find(id, anonymous))?.status).toBe('running');
    isFull = false;
    await until(
      async () => (await store.find(id, anonymous))?.status === 'successful',
      'the end is written',
    );
    expect(existsSync(kept)).toBe(true);
    await worker.stop();
  });

  it('keeps published files when a write was reported as failed, but was none', async () => {
    const one = await attempt({ files: { 'a.txt': 'x' }, outputs: { a: file('a.txt') } });
    const end = await one.complete();
    expect([await end?.write(), await end?.write()]).toEqual([true, true]);
    expect(await readdir(join(folder, 'results', 'jobs', one.job.id, '1'))).toEqual(['a.txt']);
  });

  it('stops a child that reports nothing any more when its job is cancelled', async () => {
    const id = randomUUID();
    const request = { inputs: { waitMs: 60_000 }, outputs: {} };
    await store.add({ ...ordinary, id, processId: 'x', request });
    const worker = new Worker(tools(), rig.settings({ pollIntervalMs: 1000 }));
    worker.start();
    await until(
      async () => (await store.find(id, anonymous))?.progress === 30,
      'the child has said its only word',
    );
    await store.dismiss(id, anonymous);
    const start = performance.now();
    await worker.cancel(id);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(await readdir(join(folder, 'scratch'))).toEqual([]);
    await worker.stop();
  });
});

describe('Retention', () => {
  it('removes files that no row refers to, and keeps the others', async () => {
    const one = await attempt({ files: { 'a.txt': 'x' }, outputs: { a: file('a.txt') } });
    await (await one.complete())?.write();
    const jobs = join(folder, 'results', 'jobs');
    await mkdir(join(jobs, one.job.id, '2'));
    await mkdir(join(jobs, 'unknown', '1'), { recursive: true });
    const retention = new Retention({
      store,
      storage,
      log,
      scratchDirectory: join(folder, 'scratch'),
      resultDays: 14,
      jobDays: 30,
      now: () => new Date(),
    });
    await retention.removeOrphans();
    expect(await allOf(storage.attempts())).toEqual([{ jobId: one.job.id, attempt: 1 }]);
  });

  it('looks for files that no row refers to in the background, and stops in the middle', async () => {
    const removed: string[] = [];
    const large: Storage = Object.assign(Object.create(storage) as Storage, {
      async *attempts() {
        for (let number = 1; number < 2000; number += 1) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          yield { jobId: 'unknown', attempt: number };
        }
      },
      remove: async (prefix: string) => void removed.push(prefix),
    });
    const retention = new Retention({
      store,
      storage: large,
      log,
      scratchDirectory: join(folder, 'scratch'),
      resultDays: 14,
      jobDays: 30,
      now: () => new Date(),
    });
    retention.start(60_000);
    await until(() => removed.length > 2, 'orphans are being removed');
    await retention.stop();
    const count = removed.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(removed).toHaveLength(count);
  });

  it('sweeps now and then', async () => {
    const one = await attempt({ outputs: { a: { kind: 'value', value: 1 } } });
    await (await one.complete())?.write();
    const later = new Date(Date.now() + 40 * 86_400_000);
    const retention = new Retention({
      store,
      storage,
      log,
      scratchDirectory: join(folder, 'scratch'),
      resultDays: 14,
      jobDays: 30,
      now: () => later,
    });
    retention.start(20);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await retention.stop();
    expect(await store.find(one.job.id, anonymous)).toBeUndefined();
  });
});
