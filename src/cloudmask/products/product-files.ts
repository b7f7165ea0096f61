/** Looking for files inside a product folder without ever leaving it. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ProductRefused } from '../../errors.ts';

/**
 * Names in a folder of the product.
 * @throws ProductRefused when it is missing, is a symbolic link or no folder.
 */
export async function listFolder(folder: string): Promise<string[]> {
  const found = await entry(folder);
  if (!found.isDirectory()) throw new ProductRefused(`${basename(folder)} is not a folder.`);
  return readdir(folder);
}

/**
 * A plain, non-empty file of the product: the path, joined and checked.
 * @throws ProductRefused when it is missing, empty, a symbolic link or no plain file.
 */
export async function plainFile(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  const found = await entry(file);
  if (!found.isFile()) throw new ProductRefused(`${name} is not a plain file.`);
  if (found.size === 0) throw new ProductRefused(`${name} is empty (0 bytes).`);
  return file;
}

/**
 * The name in a listing that is `wanted`, in whatever case an archive left it; undefined where there is none.
 * @throws ProductRefused when it is there in several cases, but not as it is wanted.
 */
export function sameName(names: readonly string[], wanted: string): string | undefined {
  if (names.includes(wanted)) return wanted;
  const found = names.filter((name) => name.toLowerCase() === wanted.toLowerCase());
  if (found.length > 1) {
    throw new ProductRefused(`${wanted} is there ${found.length} times: ${found.join(', ')}.`);
  }
  return found[0];
}

/** Whether an operating system or an archiver made this entry, not the agency: `.DS_Store`, `__MACOSX`, `@eaDir`. */
export function isForeign(name: string): boolean {
  return /^(\.|__|@)/.test(name);
}

/**
 * Path of an entry of the product, in whatever case an archive left it. It need not be there.
 * @throws ProductRefused when the folder is missing, is a symbolic link or no folder.
 */
export async function entryPath(folder: string, name: string): Promise<string> {
  return join(folder, sameName(await listFolder(folder), name) ?? name);
}

/** Text of a metadata file in UTF-8, or in UTF-16 where a byte order mark says so. The mark is left out. */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

async function entry(path: string): Promise<Awaited<ReturnType<typeof lstat>>> {
  const found = await lstat(path).catch((error: unknown) => {
    throw new ProductRefused(`${basename(path)} is missing in the product.`, { cause: error });
  });
  if (found.isSymbolicLink()) {
    throw new ProductRefused(
      `${basename(path)} is a symbolic link: a product has to hold its files itself.`,
    );
  }
  return found;
}
