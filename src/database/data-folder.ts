/** The folder of everything that a server keeps on its machine. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Misconfigured } from '../errors.ts';
import { lockFile, type FileLock } from './file-lock.ts';

/** A server that was told to stop may still let its jobs end. */
const longestWaitMs = 15_000;
const pauseMs = 500;

/** Makes the folder where it is missing. */
export async function makeDataFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    // What a recursive mkdir says of a read-only file system.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw Object.assign(new Error('cannot be made', { cause: error }), { code: 'EROFS' });
  });
}

/**
 * Makes sure that one server works in a data folder. `onWait` is called once when another server has to be waited for.
 * @throws Misconfigured when it does not end
 */
export async function lockDataFolder(
  directory: string,
  onWait: () => void = () => undefined,
): Promise<FileLock> {
  for (let waitedMs = 0; waitedMs <= longestWaitMs; waitedMs += pauseMs) {
    const lock = await lockFile(join(directory, 'server.lock'));
    if (lock !== undefined) return lock;
    if (waitedMs === 0) onWait();
    await sleep(pauseMs);
  }
  throw new Misconfigured(
    `Another server already works in DATA_DIR ${directory}. Stop it, or give this one another DATA_DIR.`,
  );
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
