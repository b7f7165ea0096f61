/** What wakes workers on PostgreSQL: none of these waits for a look of the worker's own. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { openPostgres, type OpenPostgres } from '../../src/database/open-postgres.ts';
import { createLog } from '../../src/log.ts';
import { postgresPrograms, PostgresServer } from '../support/postgres-server.ts';
import { until } from '../support/server.ts';
import { ordinary } from '../support/ordinary-job.ts';

describe.skipIf(postgresPrograms() === undefined)('waker on PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let processes: OpenPostgres[];
  /** How often each process was woken. */
  let woken: number[];
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    processes = [];
    woken = [];
    for (let count = 0; count < 3; count += 1)
      processes.push(await openPostgres(url, createLog('silent')));
  });
  afterEach(async () => {
    await Promise.all(processes.map((one) => one.close()));
  });

  const listen = (index: number): void => {
    woken[index] = 0;
    processes[index]?.waker.listen(() => {
      woken[index] = (woken[index] ?? 0) + 1;
    });
  };
  const accept = async (): Promise<void> => {
    const [first] = processes;
    if (first === undefined) throw new Error('nobody accepts');
    const store = new KnexJobStore(first.database, () => new Date(), { waker: first.waker });
    await store.add({
      ...ordinary,
      id: randomUUID(),
      processId: 'x',
      request: { inputs: {}, outputs: {} },
    });
  };
  const times = () => woken.reduce((sum, count) => sum + count, 0);

  it('a job that is accepted wakes one process that has room, whichever accepted it', async () => {
    listen(1);
    listen(2);
    for (let count = 1; count <= 5; count += 1) {
      await accept();
      await until(() => times() >= count, 'one was woken');
      expect(times()).toBe(count);
    }
  });

  it('who has no room leaves it to others, and hears of the next when it has', async () => {
    listen(1);
    listen(2);
    processes[1]?.waker.pause();
    for (let count = 1; count <= 5; count += 1) {
      await accept();
      await until(() => woken[2] === count, 'the other was woken');
    }
    expect(woken[1]).toBe(0);
    processes[2]?.waker.pause();
    listen(1);
    await accept();
    await until(() => woken[1] === 1, 'it was woken');
    expect(woken[2]).toBe(5);
  });

  it('a job that was not accepted wakes nobody', async () => {
    listen(1);
    const [first] = processes;
    await first?.database
      .transaction(async (trx) => {
        await first.waker.announce(trx);
        throw new Error('refused');
      })
      .catch(() => undefined);
    await accept();
    await until(() => times() > 0, 'the accepted one wakes');
    const sent = first?.database.raw<{ rows: unknown[] }>('select from pgboss.job where name = ?', [
      'job-waits',
    ]);
    expect((await sent)?.rows).toHaveLength(1);
  });

  it('wakes again when the database was killed and is back', async () => {
    listen(1);
    await server.halt('immediate');
    await server.resume();
    await until(
      () =>
        accept().then(
          () => true,
          () => false,
        ),
      'a job is accepted',
    );
    await until(() => times() > 0, 'it was woken');
    expect(woken.filter((count) => count > 0)).toHaveLength(1);
  });
});
