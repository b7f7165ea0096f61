import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as first from '../../../migrations/0001-jobs.ts';
import * as second from '../../../migrations/0002-job-history.ts';
import * as fifth from '../../../migrations/0005-owners.ts';
import * as sixth from '../../../migrations/0006-fair-queue.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertDurable, connectSqlite } from '../../../src/database/connect.ts';
import { lockDataFolder } from '../../../src/database/data-folder.ts';
import { migrate } from '../../../src/database/migrate.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { writeFile } from 'node:fs/promises';
import { exitCodesAtOnce } from '../../support/at-once.ts';
import { temporaryDataFolder } from '../../support/finished-job.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryDataFolder();
});
afterEach(() => rm(folder, { recursive: true }));

const file = () => join(folder, 'jobs.sqlite');

const columns = async () => {
  const database = connectSqlite(file());
  try {
    return Object.keys(await database('jobs').columnInfo());
  } finally {
    await database.destroy();
  }
};

describe('migrate', () => {
  it('works from empty, and twice', async () => {
    const database = connectSqlite(file());
    await migrate(database);
    await migrate(database);
    await database.destroy();
    expect(await columns()).toEqual([
      'id',
      'process_id',
      'status',
      'request',
      'attempt',
      'lease_token',
      'progress',
      'message',
      'failure',
      'result',
      'created',
      'started',
      'finished',
      'updated',
      'expired',
      'started_ms',
      'duration_ms',
      'worker',
      'lease_until_ms',
      'lost_attempts',
      'secrets',
      'idempotency_key',
      'request_digest',
      'owner',
      'priority',
      'cost',
    ]);
  });

  it('goes on from the first version: jobs that ran get their durations', async () => {
    const database = connectSqlite(file());
    await database.migrate.latest({
      migrationSource: {
        getMigrations: async () => ['0001-jobs'],
        getMigrationName: (name: string) => name,
        getMigration: async () => first,
      },
    });
    const job = { process_id: 'x', status: 'failed', request: '{}', message: '', updated: '' };
    const created = '2026-01-01T00:00:00.000Z';
    const started = '2026-01-01T00:00:10.500Z';
    await database('jobs').insert([
      { ...job, id: 'ended', created, started, finished: '2026-01-01T00:01:00.750Z' },
      { ...job, id: 'running', status: 'running', created, started, finished: null },
      { ...job, id: 'waiting', status: 'accepted', created, started: null, finished: null },
    ]);
    await migrate(database);
    const startedMs = Date.parse(started);
    const durations = database('jobs').select('id', 'started_ms', 'duration_ms').orderBy('id');
    expect(await durations).toEqual([
      { id: 'ended', started_ms: startedMs, duration_ms: 50_250 },
      { id: 'running', started_ms: startedMs, duration_ms: null },
      { id: 'waiting', started_ms: null, duration_ms: null },
    ]);
    // What waits is in its owner's queue; the running one of that version holds no lease.
    expect(await database('queues')).toEqual([
      { owner: 'anonymous', priority: 0, waiting: 1, waiting_cost: 1, virtual_time: 0, is_open: 1 },
    ]);
    expect(await database('owners')).toEqual([
      { owner: 'anonymous', running: 0, max_running: null },
    ]);
    await sixth.down(database);
    expect(await database.schema.hasTable('queues')).toBe(false);
    for (const earlier of [fifth, second]) await earlier.down(database);
    expect(await database('jobs').columnInfo()).not.toHaveProperty('duration_ms');
    await database.destroy();
  });

  it('works in three processes at once', async () => {
    const program = `
      const { connectSqlite } = await import('./src/database/connect.ts');
      const { migrate } = await import('./src/database/migrate.ts');
      const database = connectSqlite(${JSON.stringify(file())});
      await migrate(database);
      await database.destroy();`;
    expect(await exitCodesAtOnce(3, program)).toEqual([0, 0, 0]);
    expect(await columns()).toHaveLength(26);
  });

  it('goes on after two that made the table of locks at once', async () => {
    const database = connectSqlite(file());
    await migrate(database);
    await database('knex_migrations_lock').insert({ is_locked: 1 });
    await database('knex_migrations_lock').update({ is_locked: 1 });
    await migrate(database);
    expect(await database('knex_migrations_lock').select('is_locked')).toEqual([{ is_locked: 0 }]);
    await database.destroy();
  });

  it('goes on after a server that was killed within a migration', async () => {
    await (await openDatabase(file())).destroy();
    const database = connectSqlite(file());
    await database('knex_migrations_lock').update({ is_locked: 1 });
    await database.destroy();
    await (await openDatabase(file())).destroy();
    expect(await columns()).toHaveLength(26);
  });
});

describe('connectSqlite', () => {
  it('writes durably, on a new file and on one that is opened again', async () => {
    for (const round of [1, 2]) {
      const database = await openDatabase(file());
      await database('jobs').insert({
        id: String(round),
        process_id: 'x',
        status: 'accepted',
        request: '{}',
        message: '',
        created: '',
        updated: '',
      });
      await assertDurable(database);
      expect(await database.raw('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
      await database.destroy();
    }
  });

  it('says what to do with a damaged database', async () => {
    await writeFile(
      file(),
      'this is no database, but it is long enough to look like one'.repeat(100),
    );
    await expect(openDatabase(file())).rejects.toThrow(
      /is damaged .*not a database.* Restore it from a backup/,
    );
  });
});

describe('lockDataFolder', () => {
  it('lets one in, and the next when it has gone', async () => {
    const lock = await lockDataFolder(folder);
    await expect(lockDataFolder(folder)).rejects.toThrow(
      'Another server already works in DATA_DIR',
    );
    await lock.release();
    await (await lockDataFolder(folder)).release();
  });
});
