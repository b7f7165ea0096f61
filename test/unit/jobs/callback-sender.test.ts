import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anonymous } from '../../../src/jobs/job.ts';
import { KnexJobStore } from '../../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../../src/database/knex-lease-store.ts';
import { KnexOutbox } from '../../../src/database/knex-outbox.ts';
import type { Database } from '../../../src/database/open.ts';
import { CallbackSender } from '../../../src/jobs/callback-sender.ts';
import { createLog } from '../../../src/log.ts';
import { OutboundClient } from '../../../src/outbound/client.ts';
import { defaultPorts } from '../../../src/outbound/policy.ts';
import { claimWith } from '../../support/claim.ts';
import { onEveryDatabase, type TestDatabase } from '../../support/databases.ts';
import { startReceiver, type Receiver } from '../../support/receiver.ts';
import { until } from '../../support/server.ts';
import { ordinary } from '../../support/ordinary-job.ts';

let database: Database;
let store: KnexJobStore;
let outbox: KnexOutbox;
let receiver: Receiver;
let made: TestDatabase;

/** Runs a sender on the outbox while `use` runs. */
async function sending(
  use: () => Promise<void>,
  { trustedOrigins = [receiver.origin], delaysMs = [1, 1] } = {},
): Promise<void> {
  const policy = { allowedHosts: ['*'], deniedHosts: [], trustedOrigins, ports: defaultPorts };
  const sender = new CallbackSender(
    {
      outbox,
      client: new OutboundClient(policy),
      log: createLog('silent'),
      secret: 'secret',
      now: () => new Date(),
      bodyOf: async ({ job }) => JSON.stringify({ status: job.status }),
    },
    { pollIntervalMs: 5, delaysMs },
  );
  sender.start();
  try {
    await use();
  } finally {
    await sender.stop();
  }
}

async function failedJob(origin = receiver.origin): Promise<string> {
  const id = randomUUID();
  const request = {
    inputs: { a: 'large' },
    outputs: {},
    subscriber: {
      inProgressUri: `${origin}/progress`,
      failedUri: `${origin}/failed`,
    },
  };
  await store.add({ ...ordinary, id, processId: 'echo', request });
  const leases = new KnexLeaseStore(database, () => new Date());
  await leases.claim(claimWith('token'));
  await leases.finish(
    { jobId: id, attempt: 1, token: 'token' },
    { status: 'failed', failure: { kind: 'crashed', message: 'It crashed.' } },
  );
  return id;
}

const messages = async (id: string) =>
  (await store.log(id, anonymous)).map(({ message }) => message);
const ids = () => receiver.received.map(({ headers }) => headers['webhook-id']);

const tests = (_name: string, make: () => Promise<TestDatabase>): void => {
  beforeEach(async () => {
    receiver = await startReceiver();
    made = await make();
    ({ database } = made);
    const now = () => new Date();
    store = new KnexJobStore(database, now);
    outbox = new KnexOutbox(database, now);
  });
  afterEach(async () => {
    await made.close();
    await receiver.close();
  });

  it('tries again with the same event and body until it is taken, also after a restart', async () => {
    const id = await failedJob();
    receiver.status = 503;
    const delaysMs = Array.from({ length: 100 }, () => 20);
    await sending(() => until(() => receiver.received.length > 0, 'a first try'), { delaysMs });
    receiver.status = 200;
    await sending(
      () =>
        until(
          async () => (await messages(id)).some((line) => line.includes('was delivered')),
          'it was taken',
        ),
      { delaysMs },
    );
    expect(new Set(ids()).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body))).toEqual(
      new Set(['{"status":"failed"}']),
    );
    expect(await messages(id)).toContain('The callback that tells "failed" was delivered.');
  });

  it('gives up after the last try, and says so', async () => {
    const id = await failedJob();
    receiver.status = 500;
    await sending(() =>
      until(async () => (await messages(id)).some((line) => line.includes('given up')), 'the end'),
    );
    expect(receiver.received).toHaveLength(3);
    expect(await outbox.due(1)).toEqual([]);
  });

  it('asks the guard at each try: what is not allowed any more is not called', async () => {
    const id = await failedJob();
    await sending(
      () =>
        until(
          async () => (await messages(id)).some((line) => line.includes('given up')),
          'the end',
        ),
      { trustedOrigins: [] },
    );
    expect(receiver.received).toEqual([]);
    expect((await messages(id)).at(-1)).toContain('address not allowed');
  });

  it('is not held up by a receiver that never answers', async () => {
    const slow = createServer(() => undefined);
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    for (let count = 0; count < 10; count += 1) await failedJob(origin);
    await failedJob();
    await sending(() => until(() => receiver.received.length === 1, 'the other was told'), {
      trustedOrigins: [receiver.origin, origin],
    });
    expect(await outbox.due(100)).toHaveLength(10);
    slow.closeAllConnections();
    slow.close();
  });

  it('what was not told of an earlier state is no news any more; inputs are not kept', async () => {
    const id = await failedJob();
    expect(await outbox.due(10)).toEqual([
      {
        id: expect.any(String),
        url: `${receiver.origin}/failed`,
        job: { ...(await store.find(id, anonymous)), request: { inputs: {}, outputs: {} } },
        tries: 0,
      },
    ]);
  });

  it('is sent once, though several servers look for it at once', async () => {
    const jobs: string[] = [];
    for (let count = 0; count < 6; count += 1) jobs.push(await failedJob());
    const areTold = async () => (await outbox.due(1)).length === 0 && (await leftOver()) === 0;
    await sending(() => sending(() => sending(() => until(areTold, 'all were told'))));
    expect(ids()).toHaveLength(jobs.length);
    expect(new Set(ids()).size).toBe(jobs.length);
  });

  it('is one sender’s own until that has let it go, or for a while', async () => {
    await failedJob();
    const [callback] = await outbox.due(1);
    if (callback === undefined) throw new Error('nothing is due');
    expect(await outbox.take(callback, 60_000)).toBe(true);
    expect(await outbox.take(callback, 60_000)).toBe(false);
    expect(await outbox.due(1)).toEqual([]);
    await outbox.putBack(callback);
    expect(await outbox.take(callback, -1)).toBe(true);
    expect(await outbox.take(callback, 60_000)).toBe(true);
    await outbox.postpone(callback, -1, 'It was tried.');
    // Who still believes it has it changes nothing.
    await outbox.postpone(callback, 60_000, 'Late.');
    expect(await outbox.due(1)).toMatchObject([{ tries: 1 }]);
    expect(await outbox.take(callback, 60_000)).toBe(false);
  });
};

describe('CallbackSender', () => {
  onEveryDatabase(tests);
});

async function leftOver(): Promise<number> {
  const rows = await database('outbox').count<{ rows: number }[]>({ rows: '*' });
  return rows[0]?.rows ?? 0;
}
