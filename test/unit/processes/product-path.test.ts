import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveProduct, type ProductPath } from '../../../src/processes/product-path.ts';
import { withFolder } from '../../support/folder.ts';

const safe = 'S2B_MSIL1C_20240501T101559_N0510_R065_T32TQM_20240501T122659.SAFE';
const metadataFiles = [
  `${safe}/MTD_MSIL1C.xml`,
  `${safe}/mtd_msil2a.XML`,
  `${safe}/manifest.safe`,
  'landsat/LC08_L1TP_1_MTL.txt',
  'landsat/LC08_L1TP_1_MTL.json',
  'landsat/lc08_l1tp_1_mtl.xml',
  'landsat/MTL.txt',
];

/** A root with products of metadata files only, and a folder beside it. */
function withRoot<T>(use: (root: string, outside: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const [root, outside] = [join(await realpath(folder), 'root'), join(folder, 'outside')];
    for (const name of [outside, join(root, safe), join(root, 'landsat')]) {
      await mkdir(name, { recursive: true });
    }
    for (const name of metadataFiles) await writeFile(join(root, name), 'x');
    await writeFile(join(outside, 'MTD_MSIL1C.xml'), 'x');
    return use(root, outside);
  });
}

const message = (found: ProductPath): string => (found.kind === 'refused' ? found.message : '');

describe('a product input', () => {
  it.each([safe, safe.replace('.SAFE', ''), `${safe}/`, `./${safe}//`, 'landsat', 'landsat/'])(
    'may be the folder as %s, relative to a root or absolute',
    async (path) => {
      await withRoot(async (root) => {
        const directory = join(root, path.startsWith('landsat') ? 'landsat' : safe);
        const found = { kind: 'found', directory };
        expect(await resolveProduct(path, ['/nowhere', root])).toEqual(found);
        expect(await resolveProduct(`${root}/${path}`, [root])).toEqual(found);
      });
    },
  );

  it.each(metadataFiles)('may be the metadata file %s instead of its folder', async (path) => {
    await withRoot(async (root) => {
      const found = { kind: 'found', directory: join(root, path.split('/')[0] ?? '') };
      expect(await resolveProduct(path, [root])).toEqual(found);
      expect(await resolveProduct(join(root, path), [root])).toEqual(found);
    });
  });

  it('is no other file of the product', async () => {
    await withRoot(async (root) => {
      for (const name of ['B02.jp2', 'MTD_TL.xml', 'INSPIRE.xml', 'MTD_MSIL1C.xml.bak']) {
        await writeFile(join(root, safe, name), 'x');
        expect(message(await resolveProduct(join(safe, name), [root]))).toMatch(
          /^found ".*"; there is no such folder below .* or of the metadata file in it/,
        );
      }
      expect(message(await resolveProduct('landsat/LC09_MTL.txt', [root]))).toMatch(/^found/);
    });
  });

  it('never lies outside the roots, whatever its metadata file is', async () => {
    await withRoot(async (root, outside) => {
      await symlink(outside, join(root, 'link.SAFE'));
      // In the root itself: the root is no product.
      await writeFile(join(root, 'MTD_MSIL1C.xml'), 'x');
      for (const path of [
        'link.SAFE/MTD_MSIL1C.xml',
        'MTD_MSIL1C.xml',
        '../outside/MTD_MSIL1C.xml',
        `${safe}/../../outside/MTD_MSIL1C.xml`,
        join(outside, 'MTD_MSIL1C.xml'),
      ]) {
        expect(message(await resolveProduct(path, [root]))).toMatch(/there is no such folder/);
      }
    });
  });

  it('has a folder as its metadata file looked at as what it is', async () => {
    await withRoot(async (root) => {
      const directory = join(root, 'MTD_MSIL1C.xml');
      await mkdir(directory);
      expect(await resolveProduct('MTD_MSIL1C.xml', [root])).toEqual({ kind: 'found', directory });
    });
  });
});
