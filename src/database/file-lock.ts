import knex from 'knex';

export interface FileLock {
  release(): Promise<void>;
}

/**
 * Locks a file, which is made where it is missing; undefined when another process holds it. It is an exclusive lock of
 * SQLite: the operating system frees it when its holder dies, so no stale lock remains. No journal lies beside it: one
 * cannot be opened while somebody else removes the file, and would outlive its holder.
 */
export async function lockFile(file: string): Promise<FileLock | undefined> {
  const database = knex({
    client: 'better-sqlite3',
    connection: { filename: file },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  try {
    await database.raw('PRAGMA busy_timeout = 100');
    await database.raw('PRAGMA journal_mode = memory');
    await database.raw('BEGIN EXCLUSIVE');
  } catch (error) {
    await database.destroy();
    if (!/locked|busy/i.test(String(error))) throw error;
    return undefined;
  }
  return { release: () => database.destroy() };
}
