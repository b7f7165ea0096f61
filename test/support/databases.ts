/** Runs the same tests on every database that jobs can be kept in. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { connectPostgres } from '../../src/database/connect-postgres.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import { temporaryDataFolder } from './finished-job.ts';
import { postgresPrograms, PostgresServer } from './postgres-server.ts';

export interface TestDatabase {
  readonly database: Database;
  /** SQLite only. */
  readonly file?: string;
  close(): Promise<void>;
}

/** `make` answers an empty database at the newest version. */
export function onEveryDatabase(
  tests: (name: string, make: () => Promise<TestDatabase>) => void,
): void {
  describe('on SQLite', () => tests('SQLite', onSqlite));
  describe.skipIf(postgresPrograms() === undefined)('on PostgreSQL', () => {
    let server: PostgresServer;
    let url: string;
    beforeAll(async () => {
      server = await PostgresServer.start();
      url = await server.createDatabase();
      const database = connectPostgres(url, { most: 2 });
      await migrate(database);
      await database.destroy();
    });
    afterAll(() => server.stop());
    tests('PostgreSQL', async () => {
      const database = connectPostgres(url, { most: 10 });
      await database.raw('truncate jobs, job_log, outbox, kept_secrets, owners, queues');
      return { database, close: () => database.destroy() };
    });
  });
}

async function onSqlite(): Promise<TestDatabase> {
  const folder = await temporaryDataFolder();
  const file = join(folder, 'jobs.sqlite');
  const database = await openDatabase(file);
  return {
    database,
    file,
    async close() {
      await database.destroy();
      await rm(folder, { recursive: true });
    },
  };
}
