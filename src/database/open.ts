import { open } from 'node:fs/promises';
import type { Knex } from 'knex';
import { assertSound, connectSqlite, damaged } from './connect.ts';
import { migrate } from './migrate.ts';

/** An open database at the newest version. */
export type Database = Knex;

/** Opens the database of a data folder that the caller has locked: checks it, brings it to the newest version. */
export async function openDatabase(file: string): Promise<Database> {
  await ownerOnly(file);
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

/** Requests name products and places: only the owner reads them. SQLite gives its other files the same rights. */
async function ownerOnly(file: string): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.chmod(0o600);
  } finally {
    await handle.close();
  }
}

function isDamage(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null)?.code);
  return /^SQLITE_(?:NOTADB|CORRUPT)/.test(code);
}
