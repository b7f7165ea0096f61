/** Landsat folders of the reference data, and how tests look at them. */
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import gdal from 'gdal-async';
import { anyData } from './raster.ts';

/** Scenes of the reference, and a part of their folders' names. */
export const landsatScenes = [
  {
    scene: 'landsat-LC08',
    folder: 'LC08_L1TP_016037_20170813_20200903_02_T1',
    strides: [64, 128, 256, 384, 512],
  },
  { scene: 'landsat-LC09', folder: 'LC09_L1TP', strides: [256, 384] },
] as const;

/** 1 where a folder has data: some reflective 30 m band is not 0 and the quality band does not say fill. */
export function landsatData(product: string): Uint8Array {
  const names = readdirSync(product);
  const reflective = names.filter((name) => /_(SR_B[1-7]|B[1-79])\.TIF$/.test(name));
  const data = anyData(reflective.map((name) => join(product, name)));
  const quality = names.find((name) => /_(QA_PIXEL|BQA)\.TIF$/.test(name));
  if (quality === undefined) return data;
  const dataset = gdal.open(join(product, quality));
  const { x, y } = dataset.rasterSize;
  const bits = new Uint16Array(x * y);
  dataset.bands.get(1).pixels.read(0, 0, x, y, bits);
  dataset.close();
  return data.map((value, index) => ((bits[index] ?? 0) & 1 ? 0 : value));
}

/** Copies a product folder into another, with changes to the text of its metadata and to the names of its files. */
export function copyProduct(
  product: string,
  target: string,
  edit: (metadata: string, name: string) => string = (metadata) => metadata,
  rename: (name: string) => string | undefined = (name) => name,
): void {
  for (const name of readdirSync(product)) {
    const renamed = rename(name);
    if (renamed === undefined) continue;
    const from = join(product, name);
    const to = join(target, renamed);
    if (/_MTL\.\w+$/.test(name)) {
      writeFileSync(to, edit(readFileSync(from, 'utf8'), basename(name)));
    } else {
      copyFileSync(from, to);
      chmodSync(to, 0o644);
    }
  }
}

/** Puts other values into an MTL in its text form. */
export function withValues(
  text: string,
  values: Readonly<Record<string, number | string>>,
): string {
  let edited = text;
  for (const [key, value] of Object.entries(values)) {
    edited = edited.replaceAll(new RegExp(`^(\\s*${key} = ).*$`, 'gm'), `$1${value}`);
  }
  return edited;
}
