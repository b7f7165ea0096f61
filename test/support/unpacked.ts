/** Unpacking bytes as an archive, and what that leaves in the folder and around it. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProductRefused } from '../../src/errors.ts';
import { unpackProductFile } from '../../src/sources/product-archive.ts';
import { withFolder } from './folder.ts';

export type Unpacked =
  | { readonly kind: string; readonly files: Readonly<Record<string, string>> }
  | { readonly refusal: string };

/**
 * Unpacks a product.
 * @throws Error when anything but a refusal comes out, or anything is left behind or written elsewhere
 */
export function unpackBytes(bytes: Uint8Array): Promise<Unpacked> {
  return withFolder(async (folder) => {
    const file = join(folder, 'archive');
    const directory = join(folder, 'product');
    await writeFile(file, bytes);
    await mkdir(directory);
    const signal = new AbortController().signal;
    const result = await unpackProductFile(file, { name: 'x.zip', directory, signal }).then(
      (kind) => ({ kind }),
      (error: unknown) => {
        if (error instanceof ProductRefused) return { refusal: error.message };
        throw new Error('neither unpacked nor refused', { cause: error });
      },
    );
    const around = (await readdir(folder)).toSorted();
    if (around.join() !== 'archive,product') throw new Error(`written elsewhere: ${around.join()}`);
    const files = await filesBelow(directory);
    if (!('refusal' in result)) return { ...result, files };
    const left = await readdir(directory, { recursive: true });
    if (left.length > 0) throw new Error(`left behind: ${left.join()}`);
    return result;
  });
}

/** What stands for the content of a file in comparisons. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Digests of all files below a folder by their relative paths. */
export async function filesBelow(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const files: Record<string, string> = {};
  for (const path of paths) files[path.slice(folder.length + 1)] = digestOf(await readFile(path));
  return files;
}
