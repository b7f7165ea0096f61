/** Small products of single band files, made by tests: Sentinel-2 level 1C and Landsat level 1, of one value each. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import gdal from 'gdal-async';
import {
  qualityBandId,
  writeBandFiles,
  type BandFile,
  type BandProduct,
} from '../../src/cloudmask/products/band-document.ts';
import { levelOneBands } from '../../src/cloudmask/products/landsat-bands.ts';
import { groupFactor, msiBands } from '../../src/cloudmask/products/sentinel2-bands.ts';
import { msiRadiometry } from '../../src/cloudmask/products/sentinel2-radiometry.ts';
import type { Radiometry } from '../../src/cloudmask/radiometry/radiometry.ts';

/** What a band file is; position and pixel size in m. */
export interface RasterForm {
  readonly width: number;
  readonly height: number;
  readonly pixel: number;
  readonly originX: number;
  readonly originY: number;
  readonly epsg: number | undefined;
  readonly type: string;
  readonly bandCount: number;
}

/** Writes a GeoTIFF without pixels (all 0), which costs a few bytes whatever its size. */
function writeTiff(file: string, form: RasterForm): void {
  const { width, height, pixel, originX, originY, epsg, type, bandCount } = form;
  const dataset = gdal.open(file, 'w', 'GTiff', width, height, bandCount, type, ['SPARSE_OK=TRUE']);
  dataset.geoTransform = [originX, pixel, 0, originY, 0, -pixel];
  if (epsg !== undefined) dataset.srs = gdal.SpatialReference.fromEPSG(epsg);
  dataset.close();
}

/** Turns a GeoTIFF into JPEG 2000. */
export function writeJpeg2000(from: string, to: string): void {
  const source = gdal.open(from);
  gdal.drivers.get('JP2OpenJPEG').createCopy(to, source, ['REVERSIBLE=YES', 'QUALITY=100']).close();
  source.close();
}

/** Changes to band files by id. */
export type RasterChanges = Readonly<Record<string, Partial<RasterForm>>>;

const tile = { originX: 600_000, originY: 5_300_040, epsg: 32_633, type: 'UInt16', bandCount: 1 };

const acquisition = {
  datetime: '2024-05-25T10:05:59.000Z',
  platform: 'sentinel-2b',
  constellation: 'sentinel-2',
  instruments: ['msi'],
  processingLevel: 'L1C',
  processingVersion: '05.10',
  sunElevation: 60,
} as const;

/** A level 1C product of 60 × 66 pixels at 10 m, in a folder. */
export async function writeSentinel2(folder: string, changes: RasterChanges = {}): Promise<void> {
  const product: BandProduct = {
    kind: 'sentinel2-l1c',
    id: 'S2B_33UWP_20240525_0_L1C',
    acquisition,
    bands: msiBands.map(({ id }) => ({ id, radiometry: msiRadiometry(-1000, 10_000) })),
    warnings: ['A warning.'],
  };
  const forms = msiBands.map(({ id, group }) => {
    const factor = groupFactor[group];
    const size = { width: 60 / factor, height: 66 / factor, pixel: 10 * factor };
    return [id, { ...tile, ...size, ...changes[id] }] as const;
  });
  await write(folder, product, forms);
}

const scaled: Radiometry = { kind: 'scaled', multiplier: 2e-5, addend: -0.1, divisor: 0.8 };

/** A level 1 product of 40 × 50 pixels at 30 m with its quality band, in a folder. */
export async function writeLandsat(folder: string, changes: RasterChanges = {}): Promise<void> {
  const product: BandProduct = {
    kind: 'landsat',
    id: 'LC09_TEST',
    acquisition: { ...acquisition, platform: 'landsat-9', constellation: 'landsat' },
    bands: levelOneBands.map(({ id }) => ({ id, radiometry: scaled })),
    warnings: [],
  };
  const forms = [...levelOneBands.map(({ id }) => id), qualityBandId].map((id) => {
    const isFine = id === 'B8';
    const size = isFine
      ? { width: 79, height: 99, pixel: 15 }
      : { width: 40, height: 50, pixel: 30 };
    const shift = isFine ? { originX: tile.originX + 7.5, originY: tile.originY - 7.5 } : {};
    return [id, { ...tile, ...size, ...shift, ...changes[id] }] as const;
  });
  await write(folder, product, forms);
}

async function write(
  folder: string,
  product: BandProduct,
  forms: readonly (readonly [id: string, form: RasterForm])[],
): Promise<void> {
  const files = new Map<string, BandFile>();
  for (const [id, form] of forms) {
    const file = `${id}.tif`;
    writeTiff(join(folder, file), form);
    files.set(id, { file, driver: 'GTiff' });
  }
  await writeBandFiles(folder, product, files);
}

/** Changes the text of a folder's `bands.json`. */
export function editDocument(folder: string, edit: (text: string) => string): void {
  const file = join(folder, 'bands.json');
  writeFileSync(file, edit(readFileSync(file, 'utf8')));
}
