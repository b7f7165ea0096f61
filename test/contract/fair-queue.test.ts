/** Whose job is next: the store picks what a plain model picks, holds limits exactly, and keeps its counts. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { QuotaReached } from '../../src/errors.ts';
import type { Lease } from '../../src/jobs/job.ts';
import type { OwnerLimits } from '../../src/jobs/job-store.ts';
import { claimWith } from '../support/claim.ts';
import { onEveryDatabase, type TestDatabase } from '../support/databases.ts';
import { FairQueueModel } from '../support/fair-queue-model.ts';
import { request } from '../support/job-store-contract.ts';
import { random } from '../support/random.ts';

onEveryDatabase((name, make) => {
  describe(`fair queueing: ${name}`, () => {
    let made: TestDatabase;
    let store: KnexJobStore;
    let leases: KnexLeaseStore;
    let nowMs: number;
    beforeEach(async () => {
      made = await make();
      nowMs = Date.parse('2026-01-01T00:00:00Z');
      const now = () => new Date((nowMs += 1));
      store = new KnexJobStore(made.database, now);
      leases = new KnexLeaseStore(made.database, now);
    });
    afterEach(() => made.close());

    const add = async (
      owner: string,
      {
        priority = 0,
        cost = 1,
        ...limits
      }: Partial<{ priority: number; cost: number }> & OwnerLimits = {},
    ): Promise<string> => {
      const id = randomUUID();
      await store.add({ id, processId: 'echo', owner, priority, cost, request }, limits);
      return id;
    };
    const claim = async (): Promise<(Lease & { owner: string }) | undefined> => {
      const token = randomUUID();
      const job = await leases.claim(claimWith(token));
      return job && { jobId: job.id, attempt: job.attempt, token, owner: job.owner };
    };
    const owners = async (claims: number): Promise<string> => {
      const taken: (string | undefined)[] = [];
      for (let count = 0; count < claims; count += 1) taken.push((await claim())?.owner);
      return taken.join(' ');
    };
    const finish = (lease: Lease) =>
      leases.finish(lease, { status: 'failed', failure: { kind: 'crashed', message: '' } });
    /** What the tables say must follow from the jobs. */
    const assertCounts = async () => {
      const { database } = made;
      const counted = await database('jobs')
        .select('owner', 'priority')
        .select(
          database.raw(`sum(case when status = 'accepted' then 1 else 0 end) as waiting`),
          database.raw(`sum(case when status = 'accepted' then cost else 0 end) as waiting_cost`),
        )
        .groupBy('owner', 'priority')
        .orderBy(['owner', 'priority']);
      const kept = await database('queues')
        .select('owner', 'priority', 'waiting', 'waiting_cost')
        .orderBy(['owner', 'priority']);
      expect(kept).toEqual(
        counted.map((row) => ({
          ...row,
          waiting: Number(row.waiting),
          waiting_cost: Number(row.waiting_cost),
        })),
      );
      const running = await database('jobs')
        .select('owner')
        .select(database.raw('sum(case when lease_token is null then 0 else 1 end) as running'))
        .groupBy('owner')
        .orderBy('owner');
      expect(await database('owners').select('owner', 'running').orderBy('owner')).toEqual(
        running.map((row) => ({ ...row, running: Number(row.running) })),
      );
    };

    it('gives each owner the same share, whoever has more waiting; of one owner the oldest goes first', async () => {
      for (let count = 0; count < 6; count += 1) await add('many');
      const few = [await add('few'), await add('few')];
      expect(await owners(1)).toBe('few');
      expect((await claim())?.owner).toBe('many');
      expect((await claim())?.jobId).toBe(few[1]);
      expect(await owners(6)).toBe('many many many many many ');
    });

    it('counts windows, not jobs', async () => {
      for (let count = 0; count < 3; count += 1) await add('large', { cost: 4 });
      for (let count = 0; count < 9; count += 1) await add('small');
      expect(await owners(11)).toBe(
        'large small small small small large small small small small large',
      );
    });

    it('lets nobody save up while away, or make good what was computed while others were', async () => {
      for (let count = 0; count < 4; count += 1) await add('early', { cost: 10 });
      expect(await owners(4)).toBe('early early early early');
      for (let count = 0; count < 3; count += 1) await add('late', { cost: 10 });
      for (let count = 0; count < 3; count += 1) await add('early', { cost: 10 });
      expect(await owners(6)).toBe('early late early late early late');
    });

    it('takes higher priorities first, with shares of their own', async () => {
      await add('a');
      await add('b');
      await add('a', { priority: 5 });
      await add('c', { priority: 5 });
      await add('a', { priority: -1 });
      expect(await owners(5)).toBe('a c a b a');
    });

    it('passes over who runs as many as it may, and gives it no more than its share afterwards', async () => {
      for (let count = 0; count < 4; count += 1) await add('limited', { maxRunning: 1 });
      for (let count = 0; count < 6; count += 1) await add('others');
      const first = await claim();
      expect(first?.owner).toBe('limited');
      expect(await owners(4)).toBe('others others others others');
      if (first !== undefined) await finish(first);
      expect(await owners(3)).toBe('limited others others');
      await add('limited', { maxRunning: 3 });
      expect(await owners(3)).toBe('limited limited ');
    });

    it('lets lost attempts go first, within the limit of their owner', async () => {
      for (let count = 0; count < 2; count += 1) await add('a', { maxRunning: 1 });
      await add('b');
      const lost = await claim();
      if (lost === undefined) throw new Error('nothing to claim');
      await leases.lose(lost, { kind: 'retry', delayMs: 1000, message: '' });
      const other = await claim();
      expect(other?.owner).toBe('b');
      const second = await claim();
      expect(second).toMatchObject({ owner: 'a', attempt: 1 });
      nowMs += 1000;
      expect(await claim()).toBeUndefined();
      if (second !== undefined) await finish(second);
      await add('c', { priority: 9 });
      expect(await claim()).toMatchObject({ jobId: lost.jobId, attempt: 2 });
      await assertCounts();
    });

    it('refuses what is over the limits of an owner, exactly, of as many as come at once', async () => {
      const limits = { maxQueued: 3, maxQueuedCost: 100 };
      const several = await Promise.allSettled(
        Array.from({ length: 8 }, () => add('a', { cost: 10, ...limits })),
      );
      const refused = several.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      expect(refused).toHaveLength(5);
      expect(refused[0]).toBeInstanceOf(QuotaReached);
      expect(String(refused[0])).toContain('3 jobs waiting');
      await add('b', { cost: 500, ...limits });
      await expect(add('b', { cost: 1, ...limits })).rejects.toThrow(
        'Your waiting jobs need 500 windows and this one 1; the most that one user may have waiting is 100.',
      );
      await owners(2);
      await add('a', { cost: 80, ...limits });
      await expect(add('a', { cost: 11, ...limits })).rejects.toThrow(QuotaReached);
      expect(await store.waiting()).toEqual([{ priority: 0, jobs: 3, windows: 100 }]);
      await assertCounts();
    });

    it('holds limits of running jobs exactly, of as many claims as come at once', async () => {
      const limits = new Map([
        ['a', 3],
        ['b', 5],
        ['c', undefined],
      ]);
      for (const [owner, maxRunning] of limits)
        for (let count = 0; count < 8; count += 1)
          await add(owner, { cost: 1 + count, ...(maxRunning !== undefined && { maxRunning }) });
      let held: (Lease & { owner: string })[] = [];
      const heldInRounds: number[] = [];
      for (let round = 0; round < 4; round += 1) {
        const claimed = await Promise.all(Array.from({ length: 16 }, () => claim()));
        held = [...held, ...claimed.flatMap((one) => one ?? [])];
        for (const [owner, most = 8] of limits)
          expect(held.filter((one) => one.owner === owner).length).toBeLessThanOrEqual(most);
        await assertCounts();
        heldInRounds.push(held.length);
        await Promise.all(held.map((lease) => finish(lease)));
        held = [];
      }
      // As many as may run: nobody goes away empty-handed because others came at the same time.
      expect(heldInRounds[0]).toBe(16);
      expect(await store.countByStatus()).toEqual({ failed: 24 });
    });

    it('lets everything happen at once: nobody waits for each other, and the counts hold', async () => {
      const limits = { maxRunning: 4 };
      const ids: string[] = [];
      for (let count = 0; count < 24; count += 1) ids.push(await add(`owner ${count % 3}`, limits));
      const retry = { kind: 'retry', delayMs: 0, message: '' } as const;
      const work = async (turn: number): Promise<void> => {
        const lease = await claim();
        if (lease === undefined) return;
        if (turn % 3 === 0) await leases.lose(lease, retry);
        else if (turn % 3 === 1) await finish(lease);
        else await store.dismiss(lease.jobId, lease.owner);
      };
      const turns = Array.from({ length: 48 }, (_none, turn) => turn);
      const settled = await Promise.allSettled(
        turns.map(async (turn) => {
          if (turn % 4 === 0) return add(`owner ${turn % 3}`, limits);
          if (turn % 4 === 1) {
            const at = turn % ids.length;
            return store.dismiss(ids[at] ?? '', `owner ${at % 3}`);
          }
          return work(turn);
        }),
      );
      expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
      await assertCounts();
    });

    it.each([1, 2, 3])('picks what a plain model of it picks (seed %i)', async (seed) => {
      const draw = random(seed);
      const integer = (most: number) => Math.floor(draw() * most);
      const model = new FairQueueModel();
      const held = new Map<string, Lease>();
      const known: { id: string; owner: string }[] = [];
      const steps: Record<string, () => Promise<void>> = {
        async add() {
          const owner = `owner ${integer(5)}`;
          const job = { owner, priority: integer(2), cost: 1 + integer(60) };
          const maxRunning = owner < 'owner 3' ? undefined : 1 + integer(3);
          const id = await add(owner, { ...job, ...(maxRunning !== undefined && { maxRunning }) });
          known.push({ id, owner });
          model.add({ ...job, id }, maxRunning);
        },
        async claim() {
          const lease = await claim();
          expect(lease?.jobId).toBe(model.claim()?.id);
          if (lease !== undefined) held.set(lease.jobId, lease);
        },
        async finish() {
          const [lease] = held.values();
          if (lease === undefined) return;
          expect(await finish(lease)).toBe(true);
          held.delete(lease.jobId);
          model.finish(lease.jobId);
        },
        async lose() {
          const lease = [...held.values()][integer(held.size)];
          if (lease === undefined) return;
          const lose = { kind: 'retry', delayMs: 0, message: '' } as const;
          await (draw() < 0.5 ? leases.lose(lease, lose) : leases.handBack(lease));
          held.delete(lease.jobId);
          model.lose(lease.jobId);
        },
        async dismiss() {
          const { id, owner } = known[integer(known.length)] ?? { id: '', owner: '' };
          await store.dismiss(id, owner);
          held.delete(id);
          model.dismiss(id);
        },
      };
      const often = { add: 9, claim: 6, finish: 5, lose: 1, dismiss: 1 };
      const lots = Object.entries(often).flatMap(([step, times]) =>
        Array.from({ length: times }, () => step),
      );
      for (let count = 0; count < 250; count += 1)
        await steps[lots[integer(lots.length)] ?? '']?.();
      await assertCounts();
      expect([...model.running.keys()].toSorted()).toEqual([...held.keys()].toSorted());
    });
  });
});
