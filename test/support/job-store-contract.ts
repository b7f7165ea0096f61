/** What every job store keeps to. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Failure } from '../../src/jobs/child-protocol.ts';
import { anonymous, type Job, type Lease } from '../../src/jobs/job.ts';
import type { JobFilter, JobStore } from '../../src/jobs/job-store.ts';
import type { LeaseStore } from '../../src/jobs/lease-store.ts';
import { claimWith } from './claim.ts';
import { ordinary } from './ordinary-job.ts';

export interface Made {
  readonly store: JobStore;
  readonly leases: LeaseStore;
  /** All columns of a job's row, as text. */
  raw(id: string): Promise<string>;
  close(): Promise<void>;
}

export const request = {
  inputs: { a: 'x' },
  outputs: { a: { transmissionMode: 'value' as const } },
};
export const results = { a: { kind: 'value' as const, value: 'x' } };
export const failure: Failure = { kind: 'crashed', message: 'It crashed.' };

export function jobStoreContract(name: string, make: (now: () => Date) => Promise<Made>): void {
  describe(`job store: ${name}`, () => {
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

    it('keeps what was added', async () => {
      const job = await add();
      expect(await store.find(job.id, anonymous)).toEqual(job);
      expect(job).toEqual({
        id: job.id,
        processId: 'echo',
        owner: 'anonymous',
        status: 'accepted',
        request,
        attempt: 0,
        progress: 0,
        message: expect.any(String),
        created: '2026-01-01T00:00:00.001Z',
        updated: '2026-01-01T00:00:00.001Z',
      });
      expect(await store.find('none', anonymous)).toBeUndefined();
    });

    it('gives the oldest job first', async () => {
      const jobs = [await add(), await add()];
      expect(await leases.claim(claimWith('1'))).toMatchObject({
        id: jobs[0]?.id,
        status: 'running',
        attempt: 1,
        started: expect.any(String),
      });
      expect(await leases.claim(claimWith('2'))).toMatchObject({ id: jobs[1]?.id });
      expect(await leases.claim(claimWith('3'))).toBeUndefined();
    });

    it('gives each job to one claim, of as many as come at once', async () => {
      const ids: string[] = [];
      for (let count = 0; count < 8; count += 1) ids.push((await add()).id);
      const tokens = Array.from({ length: 12 }, (_none, index) => String(index));
      const claimed = await Promise.all(tokens.map((token) => leases.claim(claimWith(token))));
      const got = claimed.flatMap((job) => job?.id ?? []);
      expect(got.toSorted()).toEqual(ids.toSorted());
      expect(new Set(claimed.map((job) => job?.attempt))).toEqual(new Set([1, undefined]));
    });

    it('keeps what a child said, whatever characters it is made of', async () => {
      const { job, lease } = await run();
      await leases.report(lease, 10, 'a\0b', 'c\0d \u{1F6F0} \uD800');
      await leases.finish(lease, {
        status: 'failed',
        failure: { kind: 'crashed', message: 'e\0f' },
      });
      expect(await store.find(job.id, anonymous)).toMatchObject({
        status: 'failed',
        failure: { message: 'e\0f' },
      });
      expect((await store.log(job.id, anonymous))[2]?.message).toMatch(/^c.d \u{1F6F0} .$/su);
    });

    it('publishes state and results in one write, once', async () => {
      const { job, lease } = await run();
      expect(await leases.report(lease, 40, 'Half')).toBe(true);
      expect(await store.find(job.id, anonymous)).toMatchObject({ progress: 40, message: 'Half' });
      expect(await leases.finish(lease, { status: 'successful', results })).toBe(true);
      expect(await store.find(job.id, anonymous)).toMatchObject({
        status: 'successful',
        results,
        progress: 100,
        finished: expect.any(String),
      });
      expect(await leases.finish(lease, { status: 'failed', failure })).toBe(false);
      expect(await leases.report(lease, 50, 'late')).toBe(false);
    });

    it('does not take lower progress for a lost lease: it keeps the higher, and the message', async () => {
      const { job, lease } = await run();
      await leases.report(lease, 40, 'Half');
      expect(await leases.report(lease, 30, 'Late')).toBe(true);
      expect(await store.find(job.id, anonymous)).toMatchObject({ progress: 40, message: 'Late' });
    });

    it.each([
      ['another token', { token: 'other' }],
      ['another attempt', { attempt: 2 }],
      ['another job', { jobId: 'other' }],
    ])('refuses every write with %s', async (_what, wrong) => {
      const { job, lease } = await run();
      const other = { ...lease, ...wrong };
      expect(await leases.report(other, 40, 'x')).toBe(false);
      expect(await leases.finish(other, { status: 'successful', results })).toBe(false);
      expect({ ...(await store.find(job.id, anonymous)), lostAttempts: 0 }).toEqual(job);
    });

    it('lets nothing be published after a dismissal, and dismisses once', async () => {
      const { job, lease } = await run();
      expect(await store.dismiss(job.id, anonymous)).toMatchObject({
        status: 'dismissed',
        finished: expect.any(String),
      });
      expect(await leases.finish(lease, { status: 'successful', results })).toBe(false);
      expect(await store.dismiss(job.id, anonymous)).toBeUndefined();
      expect(await store.find(job.id, anonymous)).not.toHaveProperty('results');
    });

    it('a dismissal and a publication at once: exactly one wins the job, and the row agrees', async () => {
      for (let round = 0; round < 20; round += 1) {
        const { job, lease } = await run();
        const [published] = await Promise.all([
          leases.finish(lease, { status: 'successful', results }),
          store.dismiss(job.id, anonymous),
        ]);
        const found = await store.find(job.id, anonymous);
        expect(found).toMatchObject({ status: 'dismissed' });
        expect(found).not.toHaveProperty('results');
        expect(typeof published).toBe('boolean');
      }
    });

    it('dismisses finished jobs and forgets their results; never claims a dismissed one', async () => {
      const { job, lease } = await run();
      await leases.finish(lease, { status: 'failed', failure });
      expect(await store.find(job.id, anonymous)).toMatchObject({
        status: 'failed',
        failure,
        message: 'It crashed.',
      });
      const dismissed = await store.dismiss(job.id, anonymous);
      expect(dismissed).not.toHaveProperty('failure');
      const waiting = await add();
      await store.dismiss(waiting.id, anonymous);
      expect(await leases.claim(claimWith('x'))).toBeUndefined();
    });

    it('lists newest first, page by page', async () => {
      const jobs = [await add(), await add(), await add()].toReversed();
      const first = await store.list({ owner: anonymous, filter: {}, limit: 2 });
      expect(first.map((job) => job.id)).toEqual(jobs.slice(0, 2).map((job) => job.id));
      const rest = await store.list({ owner: anonymous, filter: {}, limit: 2, after: first[1] });
      expect(rest.map((job) => job.id)).toEqual([jobs[2]?.id]);
    });

    it('lists jobs of several states and processes in one order, page by page; a running one lasts until now', async () => {
      const { job: running } = await run();
      const ended = [await run(), await run()];
      for (const { lease } of ended) await leases.finish(lease, { status: 'failed', failure });
      const waiting = await add();
      const listed = async (filter: JobFilter) =>
        (await store.list({ owner: anonymous, filter, limit: 10 })).map((job) => job.id);
      const all = [waiting, ended[1]?.job, ended[0]?.job, running].map((job) => job?.id);
      expect(await listed({ statuses: ['running', 'failed', 'accepted'] })).toEqual(all);
      expect(await listed({ processIds: ['echo', 'none'] })).toEqual(all);
      expect(await listed({ processIds: ['none'] })).toEqual([]);
      expect(await listed({ processIds: [] })).toEqual([]);
      const first = await store.list({
        owner: anonymous,
        filter: { statuses: ['running', 'failed'] },
        limit: 2,
      });
      const rest = await store.list({
        owner: anonymous,
        filter: { statuses: ['running', 'failed'] },
        limit: 2,
        after: first.at(-1),
      });
      expect([...first, ...rest].map((job) => job.id)).toEqual(all.slice(1));
      // Each call of the clock is a millisecond: the running one has lasted longest.
      expect(await listed({ durationMs: { least: 4 } })).toEqual([running.id]);
      expect(await listed({ durationMs: { most: 3 } })).toEqual(all.slice(1, 3));
    });

    it('summaries are jobs without what may be large', async () => {
      const { job, lease } = await run();
      await leases.finish(lease, { status: 'successful', results });
      const found = await store.find(job.id, anonymous);
      const { request: _request, results: _results, ...summary } = { ...found };
      expect(await store.findSummary(job.id, anonymous)).toEqual({ ...summary, hasResults: true });
      expect(await store.findSummary('none', anonymous)).toBeUndefined();
    });

    it('records every change of state with the change, and notes between; a removed job leaves nothing', async () => {
      const { job, lease } = await run();
      await leases.report(lease, 10, 'Half.', 'Half.');
      await leases.finish(lease, { status: 'failed', failure });
      await store.dismiss(job.id, anonymous);
      expect(await store.log(job.id, anonymous)).toEqual(
        [
          ['001', 'The job was accepted and waits for a free place to run.'],
          ['002', 'Attempt 1 began.'],
          ['003', 'Half.'],
          ['004', 'The job failed. It crashed.'],
          ['005', 'The job was dismissed.'],
        ].map(([ms, message]) => ({ time: `2026-01-01T00:00:00.${ms}Z`, message })),
      );
      await store.removeFinishedBefore('2027');
      expect(await store.log(job.id, anonymous)).toEqual([]);
      expect(await leases.report(lease, 20, 'Late.', 'Late.')).toBe(false);
      expect(await store.log(job.id, anonymous)).toEqual([]);
    });

    it('counts those that wait', async () => {
      expect(await store.countWaiting()).toBe(0);
      await run();
      const waiting = [await add(), await add()];
      expect(await store.countWaiting()).toBe(2);
      await store.dismiss(waiting[0]?.id ?? '', anonymous);
      expect(await store.countWaiting()).toBe(1);
    });

    it('knows a job by owner and key of its request, and has one job for both', async () => {
      const repeatable = { key: 'k', digest: 'd' };
      const job = await store.add({
        ...ordinary,
        id: randomUUID(),
        processId: 'echo',
        request,
        repeatable,
      });
      expect(await store.findByKey('anonymous', 'k')).toEqual({ job, digest: 'd' });
      expect(await store.findByKey('anonymous', 'other')).toBeUndefined();
      expect(await store.findByKey('somebody else', 'k')).toBeUndefined();
      const other = { ...ordinary, id: randomUUID(), processId: 'echo', request, repeatable };
      await expect(store.add(other)).rejects.toThrow(/unique/i);
      expect(await store.find(other.id, anonymous)).toBeUndefined();
      expect(await store.log(other.id, anonymous)).toEqual([]);
      const elsewhere = await store.add({ ...other, owner: 'somebody else' });
      expect(elsewhere.owner).toBe('somebody else');
    });

    it('a clock that was set back makes no negative duration', async () => {
      const { job, lease } = await run();
      nowMs -= 60_000;
      await leases.finish(lease, { status: 'successful', results });
      expect(
        await store.list({
          owner: anonymous,
          filter: { durationMs: { least: 0, most: 0 } },
          limit: 1,
        }),
      ).toMatchObject([{ id: job.id }]);
    });

    it('expires results, then removes rows', async () => {
      const { job, lease } = await run();
      await leases.finish(lease, { status: 'successful', results });
      expect(await store.isLive(job.id, 1)).toBe(true);
      expect(await store.withResultsBefore('2026-01-01T00:00:00.000Z')).toEqual([]);
      expect((await store.withResultsBefore('2026-01-02')).map((one) => one.id)).toEqual([job.id]);
      expect(await store.expire(job.id)).toBe(true);
      expect(await store.expire(job.id)).toBe(false);
      expect(await store.isLive(job.id, 1)).toBe(false);
      expect(await store.find(job.id, anonymous)).toMatchObject({
        status: 'successful',
        expired: expect.any(String),
      });
      await add();
      expect(await store.removeFinishedBefore('2026-01-02')).toEqual([job.id]);
      expect(await store.countByStatus()).toEqual({ accepted: 1 });
    });
  });
}
