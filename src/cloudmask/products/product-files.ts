/** Looking for files inside a product folder without ever leaving it. */
import { lstat, readdir } from 'node:fs/promises';
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
