import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  collectionOne,
  collectionTwo,
  having,
  landsatRefusal,
  mtlAs,
  openLandsat,
  surface,
} from '../../../support/landsat-folder.ts';

const idsOfLevelOne = ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9', 'B10', 'B11'];

describe('Landsat level 1', () => {
  it.each([
    ['Collection 2', collectionTwo(), 'QA_PIXEL', 'LPGS_15.3.1'],
    ['Collection 1', collectionOne(), 'BQA', 'LPGS_2.7.0'],
  ])('is opened in %s', async (_, groups, quality, processingVersion) => {
    const product = await openLandsat(groups);
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
    const product = await openLandsat(collectionTwo());
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
    const { bands } = await openLandsat(
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
    const { acquisition } = await openLandsat(
      having('PRODUCT_CONTENTS', 'PROCESSING_LEVEL', level),
    );
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
    expect((await openLandsat(polar)).grid.crs).toBe('EPSG:3031');
    const other = {
      ...polar,
      LEVEL1_PROJECTION_PARAMETERS: { ...parameters, TRUE_SCALE_LAT: '71.0' },
    };
    expect(await landsatRefusal(other)).toMatch(
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
    expect(await landsatRefusal(having(group, key, value))).toMatch(message);
  });

  it('is refused from before the collections, and under another root', async () => {
    const old = collectionOne();
    delete old['METADATA_FILE_INFO']?.['COLLECTION_NUMBER'];
    expect(await landsatRefusal(old)).toMatch(
      /no COLLECTION_NUMBER: products from before the collections/,
    );
    const other = (folder: string): void =>
      writeFileSync(join(folder, 'LC08_TEST_MTL.txt'), mtlAs('txt', collectionTwo(), 'OTHER'));
    expect(await landsatRefusal(collectionTwo(), other)).toMatch(
      /_MTL\.txt starts with OTHER, expected LANDSAT_/,
    );
  });
});

describe('Landsat level 2', () => {
  it('has surface reflectance and surface temperature with its own constants', async () => {
    const product = await openLandsat(surface());
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
    await expect(openLandsat(groups)).resolves.toMatchObject({ grid: { height: 100 } });
  });
});
