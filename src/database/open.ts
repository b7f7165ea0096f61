import type { Knex } from 'knex';
import { assertSound, connectSqlite, damaged } from './connect.ts';
import { migrate } from './migrate.ts';

/** An open database at the newest version. */
export type Database = Knex;

/** Opens the database of a data folder that the caller has locked: checks it, brings it to the newest version. */
export async function openDatabase(file: string): Promise<Database> {
  const database = connectSqlite(file);
  try {
    await assertSound(database, file);
    await migrate(database, { isAlone: true });
    return database;
  } catch (error) {
    await database.destroy();
    throw isDamage(error) ? damaged(file, String(error)) : error;
  }
}

function isDamage(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code);
  return /^SQLITE_(?:NOTADB|CORRUPT)/.test(code);
}
