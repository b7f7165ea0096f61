import { mkdirSync, renameSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProduct } from '../../../../src/cloudmask/products/open-product.ts';
import type { Product } from '../../../../src/cloudmask/products/product.ts';
import { ProductRefused } from '../../../../src/errors.ts';
import { withFolder } from '../../../support/folder.ts';
import {
  collectionOne,
  collectionTwo,
  mtlAs,
  surface,
  writeProduct,
  type MtlRecord,
} from '../../../support/landsat.ts';
import { random } from '../../../support/random.ts';

/** Opens a folder with this metadata after a test had its hands on it. */
function open(
  groups: MtlRecord,
  change: (folder: string) => void = () => undefined,
  forms: readonly ('txt' | 'json' | 'xml')[] = ['txt'],
): Promise<Product> {
  return withFolder((parent) => {
    const folder = join(parent, 'my scene (1)');
    mkdirSync(folder);
    writeProduct(folder, groups, forms);
    change(folder);
    return openProduct(folder);
  });
}

async function refusal(groups: MtlRecord, change?: (folder: string) => void): Promise<string> {
  const error = await open(groups, change).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ProductRefused);
  return (error as Error).message;
}

/** Metadata with a value changed, or removed. */
function having(group: string, key: string, value?: string | number): MtlRecord {
  const groups = collectionTwo();
  const values = groups[group] ?? {};
  if (value === undefined) delete values[key];
  else values[key] = value;
  return { ...groups, [group]: values };
}

function renameAll(folder: string, rename: (name: string) => string): void {
  for (const name of readdirSync(folder))
    renameSync(join(folder, name), join(folder, rename(name)));
}

const idsOfLevelOne = ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B10', 'B11'];

describe('Landsat level 1', () => {
  it.each([
    ['Collection 2', collectionTwo(), 'QA_PIXEL', 'LPGS_15.3.1'],
    ['Collection 1', collectionOne(), 'BQA', 'LPGS_2.7.0'],
  ])('is opened in %s', async (_, groups, quality, processingVersion) => {
    const product = await open(groups);
    expect(product.bands.map(({ id }) => id)).toEqual(idsOfLevelOne);
    expect(product).toMatchObject({
      kind: 'landsat',
      id: 'LC08_TEST',
      driver: 'GTiff',
      fill: { id: quality, bits: 1, grid: product.grid },
      trueColour: { red: 'B4', green: 'B3', blue: 'B2' },
      acquisition: {
        datetime: '2017-08-13T15:54:15.788Z',
        platform: 'landsat-8',
        constellation: 'landsat',
        instruments: ['oli', 'tirs'],
        processingLevel: 'L1TP',
        processingVersion,
        sunElevation: 30,
        sunAzimuth: 126.8,
      },
      warnings: [],
    });
    expect(product.bands.filter((band) => !band.decidesNoData).map(({ id }) => id)).toEqual([
      'B8',
      'B10',
      'B11',
    ]);
  });

  it('lies on the grids of its metadata, whose corner is a pixel centre in all of them', async () => {
    const product = await open(collectionTwo());
    const grid = {
      crs: 'EPSG:32617',
      width: 80,
      height: 100,
      originX: 471_585,
      originY: -3_787_485,
      pixelWidth: 30,
      pixelHeight: -30,
    };
    expect(product.grid).toEqual(grid);
    expect(product.bands.find(({ id }) => id === 'B10')?.grid).toEqual(grid);
    expect(product.bands.find(({ id }) => id === 'B8')).toMatchObject({
      grid: { width: 159, height: 199, originX: 471_592.5, originY: -3_787_492.5, pixelWidth: 15 },
      positionTolerance: 0.5,
    });
  });

  it('takes its radiometry from its own metadata', async () => {
    const { bands } = await open(
      having('LEVEL1_THERMAL_CONSTANTS', 'K1_CONSTANT_BAND_10', '799.0284'),
    );
    const [first, , , , , , , , , b10, b11] = bands.map(({ radiometry }) => radiometry);
    expect(first).toMatchObject({ kind: 'scaled', multiplier: 2e-5, addend: -0.1 });
    expect(first?.kind === 'scaled' && first.divisor).toBeCloseTo(0.5, 12);
    const kind = 'brightness-temperature';
    expect(b10).toMatchObject({
      kind,
      multiplier: 3.342e-4,
      addend: 0.1,
      k1: 799.0284,
      minimum: 132,
      maximum: 249,
    });
    expect(b11).toMatchObject({ kind, k1: 480.8883, k2: 1201.1442, minimum: 127, maximum: 239 });
  });

  it.each([['L1GT'], ['L1GS']])('may be %s', async (level) => {
    const { acquisition } = await open(having('PRODUCT_CONTENTS', 'PROCESSING_LEVEL', level));
    expect(acquisition.processingLevel).toBe(level);
  });

  it('may be in the polar stereographic projection of Antarctica', async () => {
    const groups = having('PROJECTION_ATTRIBUTES', 'MAP_PROJECTION', 'PS');
    const parameters = {
      VERTICAL_LON_FROM_POLE: '0.00000',
      TRUE_SCALE_LAT: '-71.00000',
      FALSE_EASTING: 0,
      FALSE_NORTHING: 0,
    };
    const polar = { ...groups, LEVEL1_PROJECTION_PARAMETERS: parameters };
    expect((await open(polar)).grid.crs).toBe('EPSG:3031');
    const other = {
      ...polar,
      LEVEL1_PROJECTION_PARAMETERS: { ...parameters, TRUE_SCALE_LAT: '71.0' },
    };
    expect(await refusal(other)).toMatch(
      /_MTL\.txt has the MAP_PROJECTION PS; supported are UTM and/,
    );
  });

  it.each([
    [
      'IMAGE_ATTRIBUTES',
      'SPACECRAFT_ID',
      'LANDSAT_7',
      /LC08_TEST is of Landsat 7 \(OLI_TIRS\): only Landsat 8 and 9/,
    ],
    [
      'IMAGE_ATTRIBUTES',
      'SENSOR_ID',
      'OLI',
      /holds no thermal bands \(TIRS\): needed are B10 and B11/,
    ],
    [
      'IMAGE_ATTRIBUTES',
      'SENSOR_ID',
      'TIRS',
      /holds no reflective bands \(OLI\): needed are B1 to B9/,
    ],
    [
      'IMAGE_ATTRIBUTES',
      'SENSOR_ID',
      'ETM',
      /sensor ETM; supported are L1TP, L1GT, L1GS, L2SP of OLI_TIRS/,
    ],
    [
      'IMAGE_ATTRIBUTES',
      'SUN_ELEVATION',
      '-3.2',
      /SUN_ELEVATION = -3.2: the sun is below the horizon/,
    ],
    ['IMAGE_ATTRIBUTES', 'SUN_ELEVATION', '0', /below the horizon/],
    [
      'IMAGE_ATTRIBUTES',
      'SUN_ELEVATION',
      '91',
      /SUN_ELEVATION = 91; expected is at least -90 and at most 90/,
    ],
    ['IMAGE_ATTRIBUTES', 'SUN_ELEVATION', undefined, /no SUN_ELEVATION/],
    [
      'IMAGE_ATTRIBUTES',
      'DATE_ACQUIRED',
      '2017-13-40',
      /"2017-13-40T15:54:15.7884640Z", which is no time/,
    ],
    ['PRODUCT_CONTENTS', 'PROCESSING_LEVEL', 'L2SR', /holds no surface temperature \(level L2SR\)/],
    ['PRODUCT_CONTENTS', 'PROCESSING_LEVEL', 'L1T', /is of level L1T/],
    [
      'PRODUCT_CONTENTS',
      'LANDSAT_PRODUCT_ID',
      '../x',
      /LANDSAT_PRODUCT_ID "\.\.\/x", which is no product name/,
    ],
    [
      'PRODUCT_CONTENTS',
      'FILE_NAME_BAND_4',
      '../outside/B4.TIF',
      /FILE_NAME_BAND_4 = "\.\.\/outside\/B4\.TIF"/,
    ],
    ['PRODUCT_CONTENTS', 'FILE_NAME_BAND_4', '/etc/passwd', /no plain file name/],
    ['PRODUCT_CONTENTS', 'FILE_NAME_BAND_4', '..', /no plain file name/],
    [
      'PRODUCT_CONTENTS',
      'FILE_NAME_BAND_10',
      undefined,
      /no FILE_NAME_BAND_10 in the group PRODUCT_CONTENTS/,
    ],
    ['LEVEL1_THERMAL_CONSTANTS', 'K2_CONSTANT_BAND_11', undefined, /no K2_CONSTANT_BAND_11/],
    [
      'LEVEL1_THERMAL_CONSTANTS',
      'K1_CONSTANT_BAND_10',
      '0',
      /K1_CONSTANT_BAND_10 = 0; expected is above 0/,
    ],
    [
      'LEVEL1_RADIOMETRIC_RESCALING',
      'REFLECTANCE_MULT_BAND_3',
      '-2e-5',
      /REFLECTANCE_MULT_BAND_3 = -2e-5/,
    ],
    [
      'PROJECTION_ATTRIBUTES',
      'REFLECTIVE_LINES',
      '10001',
      /REFLECTIVE_LINES = 10001.*at most 10000/,
    ],
    ['PROJECTION_ATTRIBUTES', 'REFLECTIVE_LINES', '99.5', /a whole number/],
    [
      'PROJECTION_ATTRIBUTES',
      'PANCHROMATIC_SAMPLES',
      '80',
      /199 × 80 rows × columns of 15 m for the panchromatic/,
    ],
    [
      'PROJECTION_ATTRIBUTES',
      'THERMAL_LINES',
      '50',
      /50 × 80 rows × columns for the thermal bands/,
    ],
    ['PROJECTION_ATTRIBUTES', 'UTM_ZONE', '61', /UTM_ZONE = 61/],
    ['PROJECTION_ATTRIBUTES', 'DATUM', 'NAD27', /DATUM NAD27/],
    ['PROJECTION_ATTRIBUTES', 'MAP_PROJECTION', 'AEA', /MAP_PROJECTION AEA/],
    ['PROJECTION_ATTRIBUTES', 'ORIENTATION', 'NOM', /ORIENTATION NOM/],
  ])('is refused with %s %s = %s', async (group, key, value, message) => {
    expect(await refusal(having(group, key, value))).toMatch(message);
  });

  it('is refused from before the collections, and under another root', async () => {
    const old = collectionOne();
    delete old['METADATA_FILE_INFO']?.['COLLECTION_NUMBER'];
    expect(await refusal(old)).toMatch(
      /no COLLECTION_NUMBER: products from before the collections/,
    );
    const other = (folder: string): void =>
      writeFileSync(join(folder, 'LC08_TEST_MTL.txt'), mtlAs('txt', collectionTwo(), 'OTHER'));
    expect(await refusal(collectionTwo(), other)).toMatch(
      /_MTL\.txt starts with OTHER, expected LANDSAT_/,
    );
  });
});

describe('Landsat level 2', () => {
  it('has surface reflectance and surface temperature with its own constants', async () => {
    const product = await open(surface());
    expect(product.bands.map(({ id }) => id)).toEqual([
      ...Array.from({ length: 7 }, (_, index) => `SR_B${index + 1}`),
      'ST_B10',
    ]);
    const [first] = product.bands;
    const last = product.bands.at(-1);
    expect(first?.radiometry).toEqual({
      kind: 'scaled',
      multiplier: 2.75e-5,
      addend: -0.2,
      divisor: 1,
    });
    expect(last?.radiometry).toEqual({
      kind: 'scaled',
      multiplier: 0.00341802,
      addend: 17,
      divisor: 117,
    });
    expect(last?.descriptor).toEqual({
      kind: 'TOA Normalised Brightness Temperature',
      minimum: 10_600,
      maximum: 11_190,
    });
    expect(product.trueColour).toEqual({ red: 'SR_B4', green: 'SR_B3', blue: 'SR_B2' });
    expect(product.acquisition).toMatchObject({
      processingLevel: 'L2SP',
      processingVersion: 'LPGS_15.3.2',
    });
  });

  it('needs no panchromatic grid', async () => {
    const groups = surface();
    delete groups['PROJECTION_ATTRIBUTES']?.['GRID_CELL_SIZE_PANCHROMATIC'];
    delete groups['PROJECTION_ATTRIBUTES']?.['PANCHROMATIC_LINES'];
    await expect(open(groups)).resolves.toMatchObject({ grid: { height: 100 } });
  });
});

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
    const product = await open(collectionTwo(), (folder) =>
      renameAll(folder, (name) => (name.includes('MTL') ? name : rename(name))),
    );
    expect(
      product.bands.map(({ file }) => /_?(B\d+)\.tiff?$/i.exec(file)?.[1]?.toUpperCase()),
    ).toEqual(idsOfLevelOne);
    expect(product.fill?.file).toMatch(/QA_PIXEL/i);
  });

  it('is not put together from files of two products', async () => {
    const message = await refusal(collectionTwo(), (folder) =>
      renameAll(folder, (name) => name.replace('LC08_TEST_B6', 'LC08_OTHER_B6')),
    );
    expect(message).toMatch(
      /^LC08_TEST_B6\.TIF \(band B6\) is listed in LC08_TEST_MTL\.txt but missing/,
    );
    const twice = (folder: string): void => {
      renameAll(folder, (name) => name.replace('LC08_TEST_B', 'a_B'));
      for (const id of idsOfLevelOne) writeFileSync(join(folder, `b_${id}.TIF`), 'x');
    };
    expect(await refusal(collectionTwo(), twice)).toMatch(/B1\.TIF.*missing/);
    const second = (folder: string): void =>
      writeFileSync(join(folder, 'LC09_OTHER_MTL.txt'), mtlAs('txt', collectionTwo()));
    expect(await refusal(collectionTwo(), second)).toMatch(/metadata of 2 Landsat products/);
    const sameTwice = (folder: string): void => {
      renameAll(folder, (name) => name.replace('_B6.TIF', '_B6.tif'));
      writeFileSync(join(folder, 'LC08_TEST_B6.Tif'), 'x');
    };
    expect(await refusal(collectionTwo(), sameTwice)).toMatch(/_B6\.TIF is there 2 times/);
  });

  it('may hold other things: overviews, pictures, hidden files', async () => {
    const product = await open(collectionTwo(), (folder) => {
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
    expect((await open(collectionTwo(), without)).fill).toBeUndefined();
    const unnamed = having('PRODUCT_CONTENTS', 'FILE_NAME_QUALITY_L1_PIXEL');
    expect((await open(unnamed)).fill).toBeUndefined();
  });

  it('has to hold its files itself, and its metadata', async () => {
    const link = (name: string) => (folder: string) => {
      renameSync(join(folder, name), join(folder, '..', name));
      symlinkSync(join('..', name), join(folder, name));
    };
    for (const name of ['LC08_TEST_B4.TIF', 'LC08_TEST_QA_PIXEL.TIF', 'LC08_TEST_MTL.txt']) {
      expect(await refusal(collectionTwo(), link(name))).toMatch(`${name} is a symbolic link`);
    }
    expect(
      await refusal(collectionTwo(), (folder) =>
        writeFileSync(join(folder, 'LC08_TEST_B7.TIF'), ''),
      ),
    ).toMatch(/_B7\.TIF is empty/);
    expect(
      await refusal(collectionTwo(), (folder) => rmSync(join(folder, 'LC08_TEST_MTL.txt'))),
    ).toMatch(/no metadata: a file …_MTL\.txt/);
  });

  it.each(['json', 'xml'] as const)('may have its metadata as %s alone', async (form) => {
    const [product, expected] = [
      await open(collectionTwo(), undefined, [form]),
      await open(collectionTwo()),
    ];
    expect(product.bands.map(({ radiometry }) => radiometry)).toEqual(
      expected.bands.map(({ radiometry }) => radiometry),
    );
    expect([product.grid, product.acquisition]).toEqual([expected.grid, expected.acquisition]);
  });

  it('says where the forms of its metadata disagree, and uses the text', async () => {
    const product = await open(
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
    expect((await open(collectionTwo(), undefined, ['txt', 'json', 'xml'])).warnings).toEqual([]);
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
    const counts = { opened: 0, refused: 0 };
    await withFolder(async (folder) => {
      writeProduct(folder, collectionTwo(), [form]);
      const text = mtlAs(form, collectionTwo());
      for (let round = 0; round < 400; round++) {
        writeFileSync(join(folder, `LC08_TEST_MTL.${form}`), damage(text, next));
        const outcome = await openProduct(folder).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(ProductRefused);
          counts.refused++;
        } else counts.opened++;
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
    expect(await refusal(collectionTwo(), change)).toMatch(/LC08_TEST_MTL\.xml/);
  });
});
