import { join } from 'node:path';
import knex from 'knex';
import { Misconfigured } from '../errors.ts';

export interface DataFolderLock {
  release(): Promise<void>;
}

/**
 * Makes sure that one server works in a data folder. The lock is an exclusive lock of SQLite on a
 * file of its own: the operating system frees it when the server dies, so no stale lock remains.
 */
export async function lockDataFolder(dataDirectory: string): Promise<DataFolderLock> {
  const database = knex({
    client: 'better-sqlite3',
    connection: { filename: join(dataDirectory, 'server.lock') },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  try {
    await database.raw('PRAGMA busy_timeout = 500');
    await database.raw('BEGIN EXCLUSIVE');
  } catch (error) {
    await database.destroy();
    if (!/locked|busy/i.test(String(error))) throw error;
    throw new Misconfigured(
      `Another server already works in DATA_DIR ${dataDirectory}. Stop it, or give this one another DATA_DIR.`,
    );
  }
  return { release: () => database.destroy() };
}
