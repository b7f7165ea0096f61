/** What every store of leases keeps to. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anonymous, type Job, type Lease } from '../../src/jobs/job.ts';
import type { JobStore } from '../../src/jobs/job-store.ts';
import type { LeaseStore } from '../../src/jobs/lease-store.ts';
import { claimWith } from './claim.ts';
import { failure, request, results, type Made } from './job-store-contract.ts';
import { ordinary } from './ordinary-job.ts';

export function leaseStoreContract(name: string, make: (now: () => Date) => Promise<Made>): void {
  describe(`lease store: ${name}`, () => {
    let made: Made;
    let store: JobStore;
    let leases: LeaseStore;
    let nowMs: number;
    beforeEach(async () => {
      nowMs = Date.parse('2026-01-01T00:00:00Z');
      made = await make(() => new Date((nowMs += 1)));
      ({ store, leases } = made);
    });
    afterEach(() => made.close());

    const add = () => store.add({ ...ordinary, id: randomUUID(), processId: 'echo', request });
    const run = async (): Promise<{ job: Job; lease: Lease }> => {
      await add();
      const token = randomUUID();
      const job = await leases.claim(claimWith(token));
      if (job === undefined) throw new Error('nothing to claim');
      return { job, lease: { jobId: job.id, attempt: job.attempt, token } };
    };

    describe('a lost attempt', () => {
      const retry = { kind: 'retry', delayMs: 50, message: 'Again.' } as const;
      const claim = (token: string) => leases.claim(claimWith(token));

      it('is followed by another one after a while; the job stays running, and the old lease is void', async () => {
        const { job, lease } = await run();
        expect(await leases.lose(lease, retry)).toBe(true);
        expect(await store.find(job.id, anonymous)).toMatchObject({
          status: 'running',
          message: 'Again.',
        });
        expect(await store.isLive(job.id, 1)).toBe(false);
        expect(await claim('early')).toBeUndefined();
        nowMs += 100;
        const again = await claim('second');
        expect(again).toMatchObject({ id: job.id, attempt: 2, lostAttempts: 1, progress: 0 });
        expect(again?.started).toBe(job.started);
        for (const write of [
          leases.report(lease, 50, 'Late'),
          leases.renew(lease, 1000),
          leases.finish(lease, { status: 'successful', results }),
          leases.lose(lease, retry),
          leases.handBack(lease),
        ])
          expect(await write).toBe(false);
        expect(await store.find(job.id, anonymous)).toMatchObject({
          attempt: 2,
          message: 'Starting.',
        });
      });

      it('may be the last one: the job fails, once', async () => {
        const { job, lease } = await run();
        expect(await leases.lose(lease, { kind: 'fail', failure })).toBe(true);
        expect(await leases.lose(lease, { kind: 'fail', failure })).toBe(false);
        expect(await store.find(job.id, anonymous)).toMatchObject({ status: 'failed', failure });
        nowMs += 1_000_000;
        expect(await claim('x')).toBeUndefined();
      });

      it('does not count when the job was handed back, and goes on at once, before what waits', async () => {
        const { job, lease } = await run();
        await add();
        expect(await leases.handBack(lease)).toBe(true);
        expect(await claim('second')).toMatchObject({ id: job.id, attempt: 2, lostAttempts: 0 });
        expect(await claim('third')).toMatchObject({ attempt: 1 });
      });

      it('can be dismissed while it waits: nothing follows', async () => {
        const { job, lease } = await run();
        await leases.lose(lease, retry);
        expect(await store.dismiss(job.id, anonymous)).toMatchObject({ status: 'dismissed' });
        nowMs += 100;
        expect(await claim('x')).toBeUndefined();
      });

      it('waits no longer than ten minutes, also when the clock is set back', async () => {
        const { lease } = await run();
        await leases.lose(lease, { ...retry, delayMs: 1e9 });
        nowMs += 599_000;
        expect(await claim('early')).toBeUndefined();
        nowMs += 2000;
        const second = await claim('second');
        await leases.lose(
          { ...lease, attempt: 2, token: 'second' },
          { ...retry, delayMs: 500_000 },
        );
        nowMs -= 86_400_000;
        expect(second).toMatchObject({ attempt: 2 });
        expect(await claim('third')).toMatchObject({ attempt: 3, lostAttempts: 2 });
      });
    });

    it('shows who holds which lease; one that was renewed meanwhile is not lost', async () => {
      const { job, lease } = await run();
      const [seen] = await leases.held();
      expect(seen).toMatchObject({ lease, worker: 'a worker', lostAttempts: 0 });
      expect(await leases.renew(lease, 90_000)).toBe(true);
      const after = { kind: 'fail', failure } as const;
      expect(await leases.lose(lease, after, seen?.untilMs)).toBe(false);
      const [again] = await leases.held();
      expect(again?.untilMs).toBeGreaterThan(seen?.untilMs ?? Infinity);
      expect(await leases.lose(lease, after, again?.untilMs)).toBe(true);
      expect(await leases.held()).toEqual([]);
      expect(await store.find(job.id, anonymous)).toMatchObject({ status: 'failed' });
    });

    it.each(['finish', 'fail', 'dismiss'] as const)(
      'keeps sealed secrets for every attempt, and not beyond the end (%s)',
      async (how) => {
        const job = await store.add({
          ...ordinary,
          id: randomUUID(),
          processId: 'echo',
          request,
          secrets: 'sealed',
        });
        expect(job).not.toHaveProperty('secrets');
        const first = await leases.claim(claimWith('1'));
        expect(first).toMatchObject({ secrets: 'sealed' });
        const lease = { jobId: job.id, attempt: 1, token: '1' };
        await leases.handBack(lease);
        expect(await leases.claim(claimWith('2'))).toMatchObject({ secrets: 'sealed' });
        const second = { ...lease, attempt: 2, token: '2' };
        if (how === 'finish') await leases.finish(second, { status: 'successful', results });
        if (how === 'fail') await leases.lose(second, { kind: 'fail', failure });
        if (how === 'dismiss') await store.dismiss(job.id, anonymous);
        expect(await made.raw(job.id)).not.toContain('sealed');
      },
    );
  });
}
