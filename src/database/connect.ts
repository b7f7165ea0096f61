import { existsSync } from 'node:fs';
import knex, { type Knex } from 'knex';
import { Unusable } from '../errors.ts';

interface Connection {
  pragma(text: string): unknown;
}

/**
 * Opens a SQLite database. One connection; every commit is on the disk before it is answered
 * (WAL with synchronous=FULL, set on each connection: a new WAL file drops to NORMAL by itself).
 */
export function connectSqlite(file: string): Knex {
  return knex({
    client: 'better-sqlite3',
    connection: { filename: file },
    useNullAsDefault: true,
    // Every error rises to the caller; knex need not print it as well.
    log: { warn: () => undefined, error: () => undefined },
    pool: {
      min: 1,
      max: 1,
      afterCreate(
        connection: Connection,
        done: (error: Error | null, connection: Connection) => void,
      ) {
        connection.pragma('busy_timeout = 10000');
        connection.pragma('foreign_keys = ON');
        connection.pragma('journal_mode = WAL');
        connection.pragma('synchronous = FULL');
        // What was removed (sealed secrets) is overwritten, not only given free.
        connection.pragma('secure_delete = ON');
        done(null, connection);
      },
    },
  });
}

/** @throws Unusable when SQLite finds damage. A new file has none. */
export async function assertSound(database: Knex, file: string): Promise<void> {
  if (!existsSync(file)) return;
  const rows = await database.raw<{ quick_check: string }[]>('PRAGMA quick_check(1)');
  const found = rows[0]?.quick_check ?? 'no answer';
  if (found !== 'ok') throw damaged(file, found);
}

/** Hands the remedy to the operator. */
export function damaged(file: string, found: string): Unusable {
  return new Unusable(
    `The database ${file} is damaged (${found}). Restore it from a backup, or move it away to start with an empty one.`,
  );
}

/** To be asked after a write: only then does SQLite show what it really does. @throws Unusable */
export async function assertDurable(database: Knex): Promise<void> {
  const [journal] = await database.raw<{ journal_mode: string }[]>('PRAGMA journal_mode');
  const [sync] = await database.raw<{ synchronous: number }[]>('PRAGMA synchronous');
  if (journal?.journal_mode === 'wal' && sync?.synchronous === 2) return;
  throw new Unusable(
    `The database does not write durably (journal_mode ${journal?.journal_mode}, synchronous ${sync?.synchronous}; needed: wal, 2). Is DATA_DIR on a network file system?`,
  );
}
