/** Where jobs are kept: in a SQLite file of one server, or in a PostgreSQL that many processes share. */
import { join } from 'node:path';
import type { Log } from '../log.ts';
import type { BossWaker } from './boss-waker.ts';
import { assertDurable } from './connect.ts';
import { lockDataFolder, makeDataFolder } from './data-folder.ts';
import { openDatabase, type Database } from './open.ts';
import { SqliteReader } from './sqlite-reader.ts';

export interface JobDatabase {
  readonly database: Database;
  /** Reads from the same SQLite file. */
  readonly reader?: SqliteReader;
  /** Absent where this process is the only one that uses the database and the data folder. */
  readonly waker?: BossWaker;
  /** To be asked after a write. @throws Unusable */
  assertDurable(): Promise<void>;
  /** Closes it, and lets another server in. */
  close(): Promise<void>;
}

export interface JobDatabaseOptions {
  readonly dataDirectory: string;
  readonly databaseUrl: string | undefined;
}

/**
 * Opens what the operator has chosen, and brings it to the newest version.
 * @throws Misconfigured when the folder or the database cannot be used, Unusable when it is damaged or not durable
 */
export async function openJobDatabase(
  { dataDirectory, databaseUrl }: JobDatabaseOptions,
  log: Log,
): Promise<JobDatabase> {
  await makeDataFolder(dataDirectory);
  if (databaseUrl === undefined) return openAlone(dataDirectory, log);
  const { openPostgres } = await import('./open-postgres.ts');
  const opened = await openPostgres(databaseUrl, log);
  // It was asked when it was opened.
  return { ...opened, assertDurable: async () => undefined };
}

async function openAlone(directory: string, log: Log): Promise<JobDatabase> {
  const lock = await lockDataFolder(directory, () =>
    log.warn({ dataDirectory: directory }, 'Server:WaitsForAnother'),
  );
  try {
    const file = join(directory, 'jobs.sqlite');
    const database = await openDatabase(file);
    const reader = new SqliteReader(file);
    return {
      database,
      reader,
      assertDurable: () => assertDurable(database),
      async close() {
        reader.close();
        await database.destroy();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
