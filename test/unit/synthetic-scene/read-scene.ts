import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import gdal from 'gdal-async';
import { bands } from '../../../scripts/synthetic-scene/bands.ts';
import type { SyntheticScene } from '../../../scripts/synthetic-scene/scene.ts';

export const bandNames = bands.map(({ name }) => name);

/** One band as GDAL sees its file. */
export interface BandImage {
  readonly rows: number;
  readonly columns: number;
  readonly driver: string;
  readonly type: string | null;
  readonly bandCount: number;
  readonly epsg: string | null;
  readonly geoTransform: number[] | null;
  readonly numbers: Uint16Array;
}

export function readBand(scene: SyntheticScene, band: string): BandImage {
  const granules = path.join(scene.folder, 'GRANULE');
  const images = path.join(granules, readdirSync(granules)[0]!, 'IMG_DATA');
  const file = readdirSync(images).find((name) => name.endsWith(`_${band}.jp2`));
  const dataset = gdal.open(path.join(images, file!));
  const { x, y } = dataset.rasterSize;
  const raster = dataset.bands.get(1);
  const image = {
    rows: y,
    columns: x,
    driver: dataset.driver.description,
    type: raster.dataType,
    bandCount: dataset.bands.count(),
    epsg: dataset.srs?.getAuthorityCode('PROJCS') ?? null,
    geoTransform: dataset.geoTransform,
    numbers: raster.pixels.read(0, 0, x, y, new Uint16Array(x * y)),
  };
  dataset.close();
  return image;
}

/** Reflectance of a band on its own grid; NaN where it has no data. */
export function reflectance(scene: SyntheticScene, band: string, offset: number): Float64Array {
  return Float64Array.from(readBand(scene, band).numbers, (number) =>
    number === 0 ? Number.NaN : (number + offset) / 10_000,
  );
}

/** Median of a band over the pixels that are wholly of one true class. */
export function medianOfClass(scene: SyntheticScene, band: string, truthClass: number): number {
  const values = reflectance(scene, band, -1000);
  const factor = Math.sqrt(scene.truth.length / values.length);
  const columns = scene.columns / factor;
  const chosen = values.filter((_, i) => {
    for (let k = 0; k < factor * factor; k++) {
      const row = Math.floor(i / columns) * factor + Math.floor(k / factor);
      const column = (i % columns) * factor + (k % factor);
      if (scene.truth[row * scene.columns + column] !== truthClass) return false;
    }
    return true;
  });
  return chosen.toSorted()[Math.floor(chosen.length / 2)] ?? Number.NaN;
}

/** A metadata file as an object, names without their prefix. */
export function readXml(file: string) {
  const parser = new XMLParser({ ignoreAttributes: false, removeNSPrefix: true });
  return parser.parse(readFileSync(file)) as Record<string, never>;
}
