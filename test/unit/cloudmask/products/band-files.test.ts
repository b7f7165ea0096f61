import { renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bandFiles } from '../../../../src/cloudmask/products/band-files.ts';
import { levelOneBands } from '../../../../src/cloudmask/products/landsat-bands.ts';
import { openProduct } from '../../../../src/cloudmask/products/open-product.ts';
import { msiBands } from '../../../../src/cloudmask/products/sentinel2-bands.ts';
import type { Product } from '../../../../src/cloudmask/products/product.ts';
import { Scene } from '../../../../src/cloudmask/scene.ts';
import { ProductRefused } from '../../../../src/errors.ts';
import {
  editDocument,
  writeJpeg2000,
  writeLandsat,
  writeSentinel2,
  type RasterChanges,
} from '../../../support/band-files.ts';
import { withFolder } from '../../../support/folder.ts';

type Write = (folder: string, changes?: RasterChanges) => Promise<void>;

/** Opens a folder after a test had its hands on it. */
function open(write: Write, change: (folder: string) => void = () => undefined): Promise<Product> {
  return withFolder(async (folder) => {
    await write(folder);
    change(folder);
    return openProduct(folder);
  });
}

async function refusal(product: Promise<Product>): Promise<string> {
  const error = await product.catch((caught: unknown) => caught);
  if (error instanceof ProductRefused) return error.message;
  throw new Error('The product was not refused.', { cause: error });
}

const withRasters =
  (write: Write, changes: RasterChanges): Write =>
  (folder) =>
    write(folder, changes);

/** Replaces the first place of a text in `bands.json`. */
const edited =
  (from: string | RegExp, to: string) =>
  (folder: string): void =>
    editDocument(folder, (text) => {
      const changed = text.replace(from, to);
      if (changed === text) throw new Error(`bands.json has no ${String(from)}.`);
      return changed;
    });

describe('a folder of single band files', () => {
  it('is recognised by its document only', () => {
    expect(bandFiles.recognises(['B02.jp2', 'bands.json'])).toBe(true);
    expect(bandFiles.recognises(['B02.jp2', 'band.json'])).toBe(false);
  });

  it('gives a Sentinel-2 product with grids from the files and radiometry from the document', async () => {
    const { bands, ...product } = await open(writeSentinel2);
    const grid = {
      crs: 'EPSG:32633',
      width: 60,
      height: 66,
      originX: 600_000,
      originY: 5_300_040,
      pixelWidth: 10,
      pixelHeight: -10,
    };
    expect(product).toEqual({
      kind: 'sentinel2-l1c',
      id: 'S2B_33UWP_20240525_0_L1C',
      driver: 'GTiff',
      grid,
      trueColour: { red: 'B04', green: 'B03', blue: 'B02' },
      acquisition: {
        datetime: '2024-05-25T10:05:59.000Z',
        platform: 'sentinel-2b',
        constellation: 'sentinel-2',
        instruments: ['msi'],
        processingLevel: 'L1C',
        processingVersion: '05.10',
        sunElevation: 60,
      },
      warnings: ['A warning.'],
    });
    expect(bands.map(({ id }) => id)).toEqual(msiBands.map(({ id }) => id));
    expect({ ...bands[0], file: '' }).toEqual({
      id: 'B01',
      file: '',
      driver: 'GTiff',
      grid: { ...grid, width: 10, height: 11, pixelWidth: 60, pixelHeight: -60 },
      descriptor: msiBands[0]?.descriptor,
      radiometry: { kind: 'quantified', offset: -1000, quantification: 10_000, noDataLevel: -1000 },
      decidesNoData: false,
    });
    expect(bands.filter((band) => band.decidesNoData).map(({ id }) => id)).toEqual([
      'B02',
      'B03',
      'B04',
      'B08',
    ]);
  });

  it('gives a Landsat product with its fine panchromatic band and its fill', async () => {
    const { bands, fill, grid } = await open(writeLandsat);
    expect(bands.map(({ id }) => id)).toEqual(levelOneBands.map(({ id }) => id));
    expect(bands[7]?.grid).toEqual({
      ...grid,
      width: 79,
      height: 99,
      originX: grid.originX + 7.5,
      originY: grid.originY - 7.5,
      pixelWidth: 15,
      pixelHeight: -15,
    });
    expect({ ...fill, file: '' }).toEqual({
      id: 'QA_PIXEL',
      file: '',
      driver: 'GTiff',
      grid,
      bits: 1,
    });
  });

  it('opens files of several formats in one product', async () => {
    await withFolder(async (folder) => {
      await writeSentinel2(folder);
      writeJpeg2000(join(folder, 'B02.tif'), join(folder, 'B02.jp2'));
      edited(/"B02.tif",\s*"driver": "GTiff"/, '"B02.jp2", "driver": "JP2OpenJPEG"')(folder);
      const scene = await Scene.open(await openProduct(folder));
      expect([scene.width, scene.height]).toEqual([60, 66]);
      scene.close();
    });
  });

  it.each<[string, RasterChanges, RegExp]>([
    ['sizes are not 1 : 2 : 6', { B01: { width: 11 } }, /11 × 11 .*60 m bands beside 66 × 60/],
    [
      'a band of a group has another size',
      { B06: { height: 32 } },
      /^B06\.tif .* 32 × 30 .*33 × 30/,
    ],
    ['a tile is too large', { B02: { width: 11_004, height: 11_004 } }, /at most 10980/],
    ['a band is in another zone', { B12: { epsg: 32_634 } }, /^B12\.tif .*EPSG:32634.*EPSG:32633/],
    ['a band has no reference system', { B12: { epsg: undefined } }, /^B12\.tif has no position/],
    ['a band is shifted', { B08: { originX: 600_010 } }, /^B08\.tif .*corner at 600010/],
    ['a band has other pixels', { B8A: { pixel: 10 } }, /^B8A\.tif .*pixels of 10 × -10.*20 × -20/],
    ['a band is of bytes', { B04: { type: 'Byte' } }, /^B04\.tif .*type Byte.*UInt16/],
    ['a file has three bands', { B04: { bandCount: 3 } }, /^B04\.tif .*holds 3 bands/],
  ])('is refused when %s', async (_what, changes, message) => {
    expect(await refusal(open(withRasters(writeSentinel2, changes)))).toMatch(message);
  });

  it.each<[string, RasterChanges, RegExp]>([
    ['the panchromatic band is not about twice', { B8: { width: 70 } }, /99 × 70 .*about twice/],
    ['the panchromatic pixels are not half', { B8: { pixel: 30 } }, /^B8\.tif .*pixels of 30/],
    ['the panchromatic band lies elsewhere', { B8: { originX: 600_030 } }, /^B8\.tif .*corner/],
    ['a thermal band has another size', { B10: { width: 20 } }, /50 × 20 .*thermal/],
    ['the second thermal band has another size', { B11: { width: 20 } }, /^B11\.tif/],
    ['the quality band has another size', { QA_PIXEL: { width: 20 } }, /^QA_PIXEL\.tif/],
    ['the quality band has no position', { QA_PIXEL: { epsg: undefined } }, /^QA_PIXEL\.tif/],
    ['the scene is too large', { B1: { width: 10_001 } }, /at most 10000/],
  ])('of Landsat is refused when %s', async (_what, changes, message) => {
    expect(await refusal(open(withRasters(writeLandsat, changes)))).toMatch(message);
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    ['a file is missing', (folder) => rmSync(join(folder, 'B11.tif')), /^B11\.tif is missing/],
    ['a file is empty', (folder) => truncateSync(join(folder, 'B11.tif')), /^B11\.tif is empty/],
    [
      'a file is a link',
      (folder) => {
        renameSync(join(folder, 'B11.tif'), join(folder, 'other.tif'));
        symlinkSync('other.tif', join(folder, 'B11.tif'));
      },
      /^B11\.tif is a symbolic link/,
    ],
    [
      'a file is a VRT by another name',
      (folder) =>
        writeFileSync(
          join(folder, 'B03.tif'),
          '<VRTDataset rasterXSize="60" rasterYSize="66"><VRTRasterBand dataType="UInt16" band="1"/></VRTDataset>',
        ),
      /^B03\.tif cannot be opened as GTiff/,
    ],
    ['a file has another format', edited('"GTiff"', '"JP2OpenJPEG"'), /^B01\.tif cannot be opened/],
    [
      'the document is a link',
      (folder) => {
        renameSync(join(folder, 'bands.json'), join(folder, 'other.json'));
        symlinkSync('other.json', join(folder, 'bands.json'));
      },
      /^bands\.json is a symbolic link/,
    ],
  ])('is refused when %s', async (_what, change, message) => {
    expect(await refusal(open(writeSentinel2, change))).toMatch(message);
  });

  it.each<[string, string | RegExp, string]>([
    ['the unknown field extra', '"kind": "sentinel2-l1c"', '"extra": 1, "kind": "sentinel2-l1c"'],
    ['the unknown field bands[0].path', '"id": "B01"', '"path": "/etc/passwd", "id": "B01"'],
    ['the unknown field radiometry.x', '"kind": "quantified"', '"x": 0, "kind": "quantified"'],
    ['the unknown field acquisition.x', '"platform"', '"x": 0, "platform"'],
    [
      'the unknown field __proto__',
      '"kind": "sentinel2-l1c"',
      '"__proto__": {}, "kind": "sentinel2-l1c"',
    ],
    ['"other" as format', '"senseiv2-band-files"', '"other"'],
    ['2 as version', '"version": 1', '"version": 2'],
    ['"sentinel3" as kind', '"kind": "sentinel2-l1c"', '"kind": "sentinel3"'],
    ['"../up" as id', '"id": "S2B_33UWP_20240525_0_L1C"', '"id": "../up"'],
    ['"../B01.tif" as bands[0].file', '"B01.tif"', '"../B01.tif"'],
    ['"/vsicurl/x.tif" as bands[0].file', '"B01.tif"', '"/vsicurl/x.tif"'],
    ['"VRT" as bands[0].driver', '"GTiff"', '"VRT"'],
    ['one file for two bands', '"B01.tif"', '"B02.tif"'],
    ['the bands B02, B02', '"id": "B01"', '"id": "B02"'],
    ['"0" as radiometry.offset', '"offset": -1000', '"offset": "0"'],
    ['null as radiometry.offset', '"offset": -1000', '"offset": null'],
    ['0 as radiometry.quantification', '"quantification": 10000', '"quantification": 0'],
    ['"linear" as radiometry.kind', '"kind": "quantified"', '"kind": "linear"'],
    ['nothing as radiometry.noDataLevel', /,\s*"noDataLevel": -1000/, ''],
    ['"yesterday" as acquisition.datetime', '"2024-05-25T10:05:59.000Z"', '"yesterday"'],
    ['no object as acquisition', /"acquisition": \{[^}]*\}/, '"acquisition": []'],
    ['[1] as warnings', /"warnings": \[[^\]]*\]/, '"warnings": [1]'],
    ['no object as its content', /^[^]*$/, '[]'],
  ])('is refused with %s in its document', async (found, from, to) => {
    expect(await refusal(open(writeSentinel2, edited(from, to)))).toContain(
      `bands.json has ${found}`,
    );
  });

  it('is refused when its document is no JSON, or is too large', async () => {
    expect(await refusal(open(writeSentinel2, edited('{', '')))).toBe('bands.json is not JSON.');
    const padding = `{${' '.repeat(1024 * 1024)}`;
    expect(await refusal(open(writeSentinel2, edited('{', padding)))).toMatch(/at most 1048576/);
  });

  it('is refused with values of another kind of product', async () => {
    const scaled = '"kind": "scaled", "multiplier": 1, "addend": 0, "divisor": 1 }';
    const changed = edited(/"kind": "quantified"[^}]*\}/, scaled);
    expect(await refusal(open(writeSentinel2, changed))).toBe(
      'bands.json has scaled values for B01; expected is quantified.',
    );
  });
});
