import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import { Misconfigured } from '../errors.ts';

export interface DataFolderLock {
  release(): Promise<void>;
}

/** A server that was told to stop may still let its jobs end. */
const longestWaitMs = 15_000;
const pauseMs = 500;

/**
 * Makes sure that one server works in a data folder. The lock is an exclusive lock of SQLite on a
 * file of its own: the operating system frees it when the server dies, so no stale lock remains.
 * `onWait` is called once when another server has to be waited for.
 * @throws Misconfigured when it does not end
 */
export async function lockDataFolder(
  dataDirectory: string,
  onWait: () => void = () => undefined,
): Promise<DataFolderLock> {
  const database = knex({
    client: 'better-sqlite3',
    connection: { filename: join(dataDirectory, 'server.lock') },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  try {
    await database.raw('PRAGMA busy_timeout = 100');
    for (let waitedMs = 0; !(await isLocked(database)); waitedMs += pauseMs) {
      if (waitedMs === 0) onWait();
      if (waitedMs >= longestWaitMs) throw occupied(dataDirectory);
      await sleep(pauseMs);
    }
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return { release: () => database.destroy() };
}

async function isLocked(database: Knex): Promise<boolean> {
  try {
    await database.raw('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (/locked|busy/i.test(String(error))) return false;
    throw error;
  }
}

function occupied(dataDirectory: string): Misconfigured {
  return new Misconfigured(
    `Another server already works in DATA_DIR ${dataDirectory}. Stop it, or give this one another DATA_DIR.`,
  );
}
