/** The product folders of the reference data, packed: what comes out of the archive opens as the folder itself does. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import type { Product } from '../../src/cloudmask/products/product.ts';
import { ProductRefused } from '../../src/errors.ts';
import { unpackProductFile } from '../../src/sources/product-archive.ts';
import { withFolder } from '../support/folder.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import type { SmallFile } from '../support/small-product.ts';
import { tarOf } from '../support/tar-writer.ts';
import { digestOf, filesBelow } from '../support/unpacked.ts';
import { zipOf } from '../support/zip-writer.ts';

const forms: Readonly<Record<string, (files: readonly SmallFile[]) => Buffer>> = {
  zip: (files) => zipOf(files.map((file) => ({ ...file, isDeflated: true }))),
  tar: tarOf,
  'tar.gz': (files) => gzipSync(tarOf(files), { level: 1 }),
};

function filesOf(folder: string, below: string): SmallFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: below + path.slice(folder.length + 1), data: readFileSync(path) }));
}

/** Paths of a product without its folder. */
function withoutFolder(product: Product, folder: string): unknown {
  return JSON.parse(JSON.stringify(product).replaceAll(`${folder}/`, ''));
}

describeWithShared('products', 'products that are packed', () => {
  const products = ['s2-l1c', 's2-l2a', 'landsat'].flatMap((kind) =>
    readdirSync(sharedPath('products', kind)).map((name) => sharedPath('products', kind, name)),
  );
  const rows = products
    .filter((folder) => !basename(folder).startsWith('LO08'))
    .flatMap((folder) =>
      Object.keys(forms).map((form) => [form, basename(folder), folder] as const),
    );

  it.each(rows)('%s of %s', async (form, name, folder) => {
    const files = filesOf(folder, name.startsWith('S2') ? `${name}/` : '');
    await withFolder(async (place) => {
      const file = join(place, `archive.${form}`);
      const directory = join(place, 'product');
      await writeFile(file, forms[form]!(files));
      await mkdir(directory);
      const signal = new AbortController().signal;
      const kind = await unpackProductFile(file, { name, directory, signal });
      const product = await openProduct(directory);
      expect(kind).toBe(product.kind);
      expect(withoutFolder(product, directory)).toEqual(
        withoutFolder(await openProduct(folder), folder),
      );
      const unpacked = await filesBelow(directory);
      const originals = Object.fromEntries(
        files.map(({ name: path, data }) => [path.replace(`${name}/`, ''), digestOf(data)]),
      );
      expect(originals).toMatchObject(unpacked);
      expect(Object.keys(unpacked).filter((path) => !isNeeded(path))).toEqual([]);
    });
  });

  it('says what is missing of a product without thermal bands', async () => {
    const folder = products.find((product) => basename(product).startsWith('LO08'))!;
    await withFolder(async (place) => {
      const file = join(place, 'archive.tar');
      await writeFile(file, tarOf(filesOf(folder, '')));
      const task = { name: 'LO08.tar', directory: place, signal: new AbortController().signal };
      await expect(unpackProductFile(file, task)).rejects.toThrow(ProductRefused);
      await expect(unpackProductFile(file, task)).rejects.toThrow(
        'LO08.tar holds a product of Landsat level 1, but not all that is needed of it: B10.TIF, B11.TIF are missing.',
      );
    });
  });
});

function isNeeded(path: string): boolean {
  return /^manifest\.safe$|MTD_(MSIL..|TL)\.xml$|_B\w\w?(_\d0m)?\.jp2$|_(MTL\.\w+|S[RT]_B\d+|B\d+|QA_PIXEL|BQA)(\.TIF)?$/i.test(
    path,
  );
}
