import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLocalProduct, type LocalProduct } from '../../../src/sources/local-product.ts';
import { defaultLayouts } from '../../../src/sources/archive-layouts.ts';
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

const find = (path: string, roots: readonly string[]): Promise<LocalProduct> =>
  findLocalProduct(path, { roots, layouts: defaultLayouts });
const absent = { kind: 'absent' };

describe('a product input', () => {
  it.each([safe, safe.replace('.SAFE', ''), `${safe}/`, `./${safe}//`, 'landsat', 'landsat/'])(
    'may be the folder as %s, relative to a root or absolute',
    async (path) => {
      await withRoot(async (root) => {
        const directory = join(root, path.startsWith('landsat') ? 'landsat' : safe);
        const found = { kind: 'folder', directory };
        expect(await find(path, ['/nowhere', root])).toEqual(found);
        expect(await find(`${root}/${path}`, [root])).toEqual(found);
      });
    },
  );

  it.each(metadataFiles)('may be the metadata file %s instead of its folder', async (path) => {
    await withRoot(async (root) => {
      const found = { kind: 'folder', directory: join(root, path.split('/')[0] ?? '') };
      expect(await find(path, [root])).toEqual(found);
      expect(await find(join(root, path), [root])).toEqual(found);
    });
  });

  it('is no other file of the product', async () => {
    await withRoot(async (root) => {
      for (const name of ['B02.jp2', 'MTD_TL.xml', 'INSPIRE.xml', 'MTD_MSIL1C.xml.bak']) {
        await writeFile(join(root, safe, name), 'x');
        expect(await find(join(safe, name), [root])).toEqual(absent);
      }
      expect(await find('landsat/LC09_MTL.txt', [root])).toEqual(absent);
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
        expect(await find(path, [root])).toEqual(absent);
      }
    });
  });

  it('has a folder as its metadata file looked at as what it is', async () => {
    await withRoot(async (root) => {
      const directory = join(root, 'MTD_MSIL1C.xml');
      await mkdir(directory);
      expect(await find('MTD_MSIL1C.xml', [root])).toEqual({ kind: 'folder', directory });
    });
  });

  it.each([
    [
      'S2B_MSIL1C_20240501T101559_N0510_R065_T32TQM_20240501T123000',
      'Sentinel-2/MSI/L1C/2024/05/01',
    ],
    [
      'S2A_MSIL2A_20200219T112111_N0509_R037_T29RKH_20230822T021825',
      'Sentinel-2/MSI/L2A_N0500/2020/02/19',
    ],
    ['LC09_L1TP_016037_20220819_20230401_02_T1', 'Landsat-9/OLI_TIRS/L1TP/2022/08/19'],
    [
      'LC09_L1TP_016037_20220819_20230401_02_T1',
      'collection02/level-1/standard/oli-tirs/2022/016/037',
    ],
  ])('may be the name %s, looked up in %s', async (name, place) => {
    await withRoot(async (root) => {
      const folder = name.startsWith('S2') ? `${name}.SAFE` : name;
      const directory = join(root, place, folder);
      await mkdir(directory, { recursive: true });
      const found = { kind: 'folder', directory };
      expect(await find(name, ['/nowhere', root])).toEqual(found);
      expect(await find(folder, [root])).toEqual(found);
    });
  });

  it('may be an archive, by the ending of its name; a link to one elsewhere is none', async () => {
    await withRoot(async (root, outside) => {
      for (const name of ['a.zip', 'b.TAR', 'c.tar.gz', 'd.tgz']) {
        await writeFile(join(root, name), 'x');
        expect(await find(name, [root])).toEqual({ kind: 'archive', file: join(root, name) });
      }
      await writeFile(join(root, 'e.rar'), 'x');
      await writeFile(join(outside, 'f.zip'), 'x');
      await symlink(join(outside, 'f.zip'), join(root, 'g.zip'));
      expect(await find('e.rar', [root])).toEqual(absent);
      expect(await find('g.zip', [root])).toEqual(absent);
    });
  });
});
