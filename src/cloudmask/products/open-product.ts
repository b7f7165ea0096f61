/** Which kind of product a folder is. A further kind is one file and one line of the list. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import { landsat } from './landsat.ts';
import type { Product, ProductKind } from './product.ts';
import { sentinel2L1c, sentinel2L2a } from './sentinel2.ts';

const kinds: readonly ProductKind[] = [sentinel2L1c, sentinel2L2a, landsat];

/**
 * Recognises a product by its metadata and reads them. `path` is its folder, with or without `.SAFE`, or a file in it.
 * @throws ProductRefused when the folder cannot be read, is no known kind, or its metadata are faulty.
 */
export async function openProduct(path: string): Promise<Product> {
  const folder = await productFolder(path);
  const entries = await readdir(folder).catch((error: unknown) => {
    throw new ProductRefused(`${basename(folder)} cannot be read as a product folder.`, {
      cause: error,
    });
  });
  const kind = kinds.find((candidate) => candidate.recognises(entries));
  if (kind == null) throw new ProductRefused(unknownKind(folder));
  return kind.open(folder);
}

/** Whether a file of this name stands for the folder that it lies in. */
export function isMetadataFile(name: string): boolean {
  return kinds.some(({ metadataFile }) => metadataFile?.test(name) === true);
}

/** People also name a product without its ending, or one of its metadata files. */
async function productFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return dirname(path);
  if (found !== undefined) return path;
  const withEnding = `${path.replace(/\/+$/, '')}.SAFE`;
  const other = await stat(withEnding).catch(() => undefined);
  return other === undefined ? path : withEnding;
}

function unknownKind(folder: string): string {
  const titles = kinds.map((kind) => kind.title).join(', ');
  return (
    `${basename(folder)} is not a product that can be masked: its folder holds none of the ` +
    `metadata files of ${titles}.`
  );
}
