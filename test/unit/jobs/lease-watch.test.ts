import { beforeEach, expect, it } from 'vitest';
import { LeaseWatch } from '../../../src/jobs/lease-watch.ts';
import type { AfterLoss, HeldLease, LeaseStore } from '../../../src/jobs/lease-store.ts';
import { createLog } from '../../../src/log.ts';

let held: HeldLease[];
let lost: { jobId: string; after: AfterLoss }[];
let nowMs: number;
/** The store does not answer. */
let isAway: boolean;
let watch: LeaseWatch;

const one = (jobId: string, untilMs: number, lostAttempts = 0): HeldLease => ({
  lease: { jobId, attempt: 1, token: `token of ${jobId}` },
  worker: 'w',
  untilMs,
  lostAttempts,
});

beforeEach(() => {
  held = [];
  lost = [];
  isAway = false;
  nowMs = 0;
  const leases = {
    held: async () => {
      if (isAway) throw new Error('away');
      return held;
    },
    lose: async ({ jobId }: { jobId: string }, after: AfterLoss) => {
      lost.push({ jobId, after });
      held = held.filter(({ lease }) => lease.jobId !== jobId);
      return true;
    },
  } as Partial<LeaseStore> as LeaseStore;
  const tools = { leases, log: createLog('silent'), leaseMs: 90_000, intervalMs: 5000 };
  watch = new LeaseWatch({ ...tools, onLost: () => undefined }, () => nowMs);
});

async function pass(seconds: number, each: () => void = () => undefined): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) {
    nowMs += 5000;
    each();
    await watch.look().catch((error: unknown) => {
      if (!isAway) throw error;
    });
  }
}

it('a lease that nobody renews ends after its length, whatever time stands in it', async () => {
  for (const untilMs of [0, 1e15]) held = [...held, one(`job ${untilMs}`, untilMs)];
  await pass(90);
  expect(lost).toEqual([]);
  await pass(5);
  expect(lost.map(({ jobId }) => jobId)).toEqual(['job 0', 'job 1000000000000000']);
  expect(lost[0]?.after).toMatchObject({ kind: 'retry', delayMs: 0 });
});

it('a lease that is renewed now and then does not', async () => {
  held = [one('a', 1)];
  let beats = 0;
  await pass(600, () => {
    beats += 1;
    if (beats % 17 === 0) held = [one('a', beats)];
  });
  expect(lost).toEqual([]);
});

it('who slept saw nothing: the time of the sleep does not count', async () => {
  held = [one('a', 1)];
  await pass(50);
  nowMs += 3_600_000;
  await watch.look();
  await pass(85);
  expect(lost).toEqual([]);
  await pass(10);
  expect(lost).toHaveLength(1);
});

it('the third attempt that is lost is the last', async () => {
  held = [one('a', 1, 2)];
  await pass(100);
  expect(lost[0]?.after).toMatchObject({ kind: 'fail', failure: { kind: 'interrupted' } });
});

it('who could not ask saw nothing: the workers could not say that they are alive either', async () => {
  held = [one('a', 1)];
  await pass(60);
  isAway = true;
  await pass(60);
  isAway = false;
  await pass(85);
  expect(lost).toEqual([]);
  await pass(10);
  expect(lost).toHaveLength(1);
});
