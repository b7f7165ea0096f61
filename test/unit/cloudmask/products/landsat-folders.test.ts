import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProduct } from '../../../../src/cloudmask/products/open-product.ts';
import { ProductRefused } from '../../../../src/errors.ts';
import { withFolder } from '../../../support/folder.ts';
import {
  collectionTwo,
  having,
  landsatRefusal,
  mtlAs,
  openLandsat,
  renameAll,
  writeProduct,
} from '../../../support/landsat-folder.ts';
import { random } from '../../../support/random.ts';

const idsOfLevelOne = ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B10', 'B11'];

describe('a folder with a Landsat product', () => {
  it.each([
    ['endings in lower case', (name: string) => name.replace('.TIF', '.tif')],
    ['everything in lower case', (name: string) => name.toLowerCase()],
    [
      'bare band names',
      (name: string) => name.replace('LC08_TEST_B', 'B').replace('LC08_TEST_QA', 'QA'),
    ],
    ['another prefix', (name: string) => name.replace('LC08_TEST_', 'Scene 7.')],
    ['.tiff', (name: string) => name.replace('LC08_TEST_', 'x-').replace('.TIF', '.tiff')],
  ])('is found with %s', async (_, rename) => {
    const product = await openLandsat(collectionTwo(), (folder) =>
      renameAll(folder, (name) => (name.includes('MTL') ? name : rename(name))),
    );
    expect(
      product.bands.map(({ file }) => /_?(B\d+)\.tiff?$/i.exec(file)?.[1]?.toUpperCase()),
    ).toEqual(idsOfLevelOne);
    expect(product.fill?.file).toMatch(/QA_PIXEL/i);
  });

  it('is not put together from files of two products', async () => {
    const message = await landsatRefusal(collectionTwo(), (folder) =>
      renameAll(folder, (name) => name.replace('LC08_TEST_B6', 'LC08_OTHER_B6')),
    );
    expect(message).toMatch(
      /^LC08_TEST_B6\.TIF \(band B6\) is listed in LC08_TEST_MTL\.txt but missing/,
    );
    const twice = (folder: string): void => {
      renameAll(folder, (name) => name.replace('LC08_TEST_B', 'a_B'));
      for (const id of idsOfLevelOne) writeFileSync(join(folder, `b_${id}.TIF`), 'x');
    };
    expect(await landsatRefusal(collectionTwo(), twice)).toMatch(/B1\.TIF.*missing/);
    const another = (folder: string): void => {
      rmSync(join(folder, 'LC08_TEST_B6.TIF'));
      for (const id of idsOfLevelOne) writeFileSync(join(folder, `other_${id}.TIF`), 'x');
    };
    expect(await landsatRefusal(collectionTwo(), another)).toMatch(/^LC08_TEST_B6\.TIF.*missing/);
    const second = (folder: string): void =>
      writeFileSync(join(folder, 'LC09_OTHER_MTL.txt'), mtlAs('txt', collectionTwo()));
    expect(await landsatRefusal(collectionTwo(), second)).toMatch(/metadata of 2 Landsat products/);
    const sameTwice = (folder: string): void => {
      renameAll(folder, (name) => name.replace('_B6.TIF', '_B6.tif'));
      writeFileSync(join(folder, 'LC08_TEST_B6.Tif'), 'x');
    };
    expect(await landsatRefusal(collectionTwo(), sameTwice)).toMatch(/_B6\.TIF is there 2 times/);
  });

  it('may hold other things: overviews, pictures, hidden files', async () => {
    const product = await openLandsat(collectionTwo(), (folder) => {
      for (const name of [
        'LC08_TEST_B1.TIF.ovr',
        '._LC08_TEST_MTL.txt',
        'LC08_TEST_thumb.jpeg',
        'README_B1.GTF',
      ]) {
        writeFileSync(join(folder, name), 'x');
      }
    });
    expect(product.bands).toHaveLength(11);
  });

  it('needs no quality band', async () => {
    const without = (folder: string): void => rmSync(join(folder, 'LC08_TEST_QA_PIXEL.TIF'));
    expect((await openLandsat(collectionTwo(), without)).fill).toBeUndefined();
    const unnamed = having('PRODUCT_CONTENTS', 'FILE_NAME_QUALITY_L1_PIXEL');
    expect((await openLandsat(unnamed)).fill).toBeUndefined();
  });

  it('has to hold its files itself, and its metadata', async () => {
    const link = (name: string) => (folder: string) => {
      renameSync(join(folder, name), join(folder, '..', name));
      symlinkSync(join('..', name), join(folder, name));
    };
    for (const name of ['LC08_TEST_B4.TIF', 'LC08_TEST_QA_PIXEL.TIF', 'LC08_TEST_MTL.txt']) {
      expect(await landsatRefusal(collectionTwo(), link(name))).toMatch(
        `${name} is a symbolic link`,
      );
    }
    expect(
      await landsatRefusal(collectionTwo(), (folder) =>
        writeFileSync(join(folder, 'LC08_TEST_B7.TIF'), ''),
      ),
    ).toMatch(/_B7\.TIF is empty/);
    expect(
      await landsatRefusal(collectionTwo(), (folder) => rmSync(join(folder, 'LC08_TEST_MTL.txt'))),
    ).toMatch(/no metadata: a file …_MTL\.txt/);
  });

  it.each(['json', 'xml'] as const)('may have its metadata as %s alone', async (form) => {
    const [product, expected] = [
      await openLandsat(collectionTwo(), undefined, [form]),
      await openLandsat(collectionTwo()),
    ];
    expect(product.bands.map(({ radiometry }) => radiometry)).toEqual(
      expected.bands.map(({ radiometry }) => radiometry),
    );
    expect([product.grid, product.acquisition]).toEqual([expected.grid, expected.acquisition]);
  });

  it('says where the forms of its metadata disagree, and uses the text', async () => {
    const product = await openLandsat(
      collectionTwo(),
      (folder) => {
        const json = join(folder, 'LC08_TEST_MTL.json');
        writeFileSync(json, mtlAs('json', having('IMAGE_ATTRIBUTES', 'SUN_ELEVATION', '62.5')));
        writeFileSync(join(folder, 'LC08_TEST_MTL.xml'), '<!DOCTYPE x><x/>');
      },
      ['txt', 'json'],
    );
    expect(product.acquisition.sunElevation).toBe(30);
    expect(product.warnings).toEqual([
      'LC08_TEST_MTL.txt has SUN_ELEVATION = 30.00000000, LC08_TEST_MTL.json has 62.5: the value of LC08_TEST_MTL.txt was used.',
      'LC08_TEST_MTL.xml has a DOCTYPE: document types and entities are not accepted. LC08_TEST_MTL.txt was used.',
    ]);
    expect(
      (await openLandsat(collectionTwo(), undefined, ['txt', 'json', 'xml'])).warnings,
    ).toEqual([]);
  });
});

describe('damaged Landsat metadata', () => {
  const bytes = ['"', '<', '>', '{', '}', '=', '\0', '\n', '&', '-', '9', '/', ']', '\uFFFD'];

  /** Cuts the text, or changes, removes or doubles some of it. */
  function damage(text: string, next: () => number): string {
    const at = Math.floor(next() * text.length);
    const length = Math.floor(next() * 40);
    const kinds = [
      () => text.slice(0, at),
      () =>
        text.slice(0, at) + (bytes[Math.floor(next() * bytes.length)] ?? '') + text.slice(at + 1),
      () => text.slice(0, at) + text.slice(at + length),
      () => text.slice(0, at + length) + text.slice(at),
    ];
    return kinds[Math.floor(next() * kinds.length)]?.() ?? text;
  }

  it.each(['txt', 'json', 'xml'] as const)('end in a refusal or a product, as %s', async (form) => {
    const next = random(8);
    const counts = { refused: 0 };
    await withFolder(async (folder) => {
      writeProduct(folder, collectionTwo(), [form]);
      const text = mtlAs(form, collectionTwo());
      for (let round = 0; round < 400; round++) {
        writeFileSync(join(folder, `LC08_TEST_MTL.${form}`), damage(text, next));
        const outcome = await openProduct(folder).catch((error: unknown) => error);
        if (outcome instanceof ProductRefused) counts.refused++;
        else if (outcome instanceof Error) throw outcome;
      }
    });
    expect(counts.refused).toBeGreaterThan(100);
  });

  it.each([
    ['deep nesting', '<a>'.repeat(20_000)],
    ['closed deep nesting', '<a>'.repeat(5000) + '</a>'.repeat(5000)],
    ['a name of JavaScript', '<R><__proto__><K>1</K></__proto__><constructor/></R>'],
    ['an entity', '<R><G><K>&x;</K></G></R>'],
    ['no text', ' '],
  ])('are refused with %s in XML', async (_, text) => {
    const change = (folder: string): void => {
      rmSync(join(folder, 'LC08_TEST_MTL.txt'));
      writeFileSync(join(folder, 'LC08_TEST_MTL.xml'), text);
    };
    expect(await landsatRefusal(collectionTwo(), change)).toMatch(/LC08_TEST_MTL\.xml/);
  });
});
