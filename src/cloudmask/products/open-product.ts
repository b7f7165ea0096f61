/** Which kind of product a folder is. A further kind is one file and one line of the list. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import { bandFiles } from './band-files.ts';
import { landsat } from './landsat.ts';
import { listFolder } from './product-files.ts';
import type { Product, ProductKind } from './product.ts';
import { sentinel2L1c, sentinel2L2a } from './sentinel2.ts';

const kinds: readonly ProductKind[] = [sentinel2L1c, sentinel2L2a, landsat, bandFiles];

/**
 * Recognises a product by its metadata and reads them. `path` is its folder, with or without `.SAFE`, or one of its metadata files.
 * @throws ProductRefused when the folder cannot be read, is no known kind, the file is no metadata, or its metadata are faulty.
 */
export async function openProduct(path: string): Promise<Product> {
  const folder = await productFolder(path);
  const entries = await namesIn(folder);
  const kind = kindOf(entries);
  if (kind == null) throw new ProductRefused(await unknownKind(folder, entries));
  return kind.open(folder);
}

function kindOf(entries: readonly string[]): ProductKind | undefined {
  return kinds.find((candidate) => candidate.recognises(entries));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw new ProductRefused(`${basename(folder)} cannot be read as a product folder.`, {
      cause: error,
    });
  });
}

/** Whether a file of this name stands for the folder that it lies in. */
export function isMetadataFile(name: string): boolean {
  return kinds.some(({ metadataFile }) => metadataFile?.test(name) === true);
}

/** People also name a product without its ending, or one of its metadata files. */
async function productFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return folderOfFile(path);
  if (found !== undefined) return path;
  const withEnding = `${path.replace(/\/+$/, '')}.SAFE`;
  const other = await stat(withEnding).catch(() => undefined);
  if (other === undefined) {
    throw new ProductRefused(`${basename(path)} is not there, neither with nor without ".SAFE".`);
  }
  return withEnding;
}

function folderOfFile(path: string): string {
  if (isMetadataFile(basename(path))) return dirname(path);
  throw new ProductRefused(
    `${basename(path)} is a file, but none of a product's metadata; accepted is the folder of ${titles()}, or that file.`,
  );
}

/** Says so where the product lies one folder deeper, as archives often leave it. */
async function unknownKind(folder: string, entries: readonly string[]): Promise<string> {
  const inside: string[] = [];
  // Enough to tell a folder around a product from a folder of anything.
  for (const name of entries.slice(0, 20)) {
    const names = await listFolder(join(folder, name)).catch(() => []);
    if (kindOf(names) !== undefined) inside.push(name);
  }
  const [only, ...others] = inside;
  return (
    `${basename(folder)} is not a product that can be masked: its folder holds none of the ` +
    `metadata files of ${titles()}.` +
    (only === undefined || others.length > 0 ? '' : ` The folder ${only} in it is one: name that.`)
  );
}

function titles(): string {
  return kinds.map((kind) => kind.title).join(', ');
}
