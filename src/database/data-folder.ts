/** The folder of everything that a server keeps: made, locked, and its database opened. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Misconfigured } from '../errors.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { openDatabase, type Database } from './open.ts';
import { SqliteReader } from './sqlite-reader.ts';

export interface DataFolder {
  readonly database: Database;
  /** Reads from the same database. */
  readonly reader: SqliteReader;
  /** Closes the database, then lets another server in. */
  close(): Promise<void>;
}

/**
 * `onWait` is called when an earlier server has to be waited for.
 * @throws Misconfigured when the folder cannot be used, Unusable when the database is damaged
 */
export async function openDataFolder(directory: string, onWait?: () => void): Promise<DataFolder> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    // What a recursive mkdir says of a read-only file system.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw Object.assign(new Error('cannot be made', { cause: error }), { code: 'EROFS' });
  });
  const lock = await lockDataFolder(directory, onWait);
  try {
    const file = join(directory, 'jobs.sqlite');
    const database = await openDatabase(file);
    const reader = new SqliteReader(file);
    return {
      database,
      reader,
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

/** Codes of the system and of SQLite → what is wrong and what helps. */
const troubles: readonly (readonly [codes: RegExp, trouble: string, remedy: string])[] = [
  [/^(?:ENOSPC|EDQUOT|SQLITE_FULL)$/, 'its disk is full', 'Make room'],
  [
    /^(?:EACCES|EPERM|EROFS|SQLITE_(?:READONLY|CANTOPEN|PERM).*)$/,
    'it cannot be written',
    'Give the user of the server the right to write there',
  ],
  [/^(?:EEXIST|ENOTDIR)$/, 'it is not a folder', 'Move away what is there'],
  [/^(?:EIO|SQLITE_IOERR.*)$/, 'its disk is full or reports errors', 'Make room, check the disk'],
];

/** An error of the start in words for the operator, where it tells about the data folder; else itself. */
export function dataFolderTrouble(error: unknown, directory: string): unknown {
  const code = String((error as { code?: unknown } | null)?.code);
  const found = troubles.find(([codes]) => codes.test(code));
  if (found === undefined) return error;
  const [, trouble, remedy] = found;
  return new Misconfigured(
    `DATA_DIR ${directory} cannot be used: ${trouble} (${code}). ${remedy}, or set DATA_DIR to another folder.`,
    { cause: error },
  );
}
