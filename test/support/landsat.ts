/** Landsat folders of the reference data, and how tests look at them. */
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import gdal from 'gdal-async';
import { withFolder } from './folder.ts';
import { sharedProduct } from './products.ts';
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
function withValues(text: string, values: Readonly<Record<string, number | string>>): string {
  let edited = text;
  for (const [key, value] of Object.entries(values)) {
    edited = edited.replaceAll(new RegExp(`^(\\s*${key} = ).*$`, 'gm'), `$1${value}`);
  }
  return edited;
}

/** The two folders whose images are smaller than their metadata say, and what their metadata should say. */
export const corrections = {
  LC08_L1TP_016037_20170813_20170814_01_RT: {
    PANCHROMATIC_LINES: 519,
    PANCHROMATIC_SAMPLES: 509,
    REFLECTIVE_LINES: 259,
    REFLECTIVE_SAMPLES: 255,
    THERMAL_LINES: 259,
    THERMAL_SAMPLES: 255,
    GRID_CELL_SIZE_PANCHROMATIC: '450.00',
    GRID_CELL_SIZE_REFLECTIVE: '900.00',
    GRID_CELL_SIZE_THERMAL: '900.00',
    CORNER_UL_PROJECTION_X_PRODUCT: '472035.000',
    CORNER_UL_PROJECTION_Y_PRODUCT: '3787065.000',
  },
  LC08_L2SP_001062_20201031_20201106_02_T2: {
    REFLECTIVE_LINES: 386,
    REFLECTIVE_SAMPLES: 379,
    THERMAL_LINES: 386,
    THERMAL_SAMPLES: 379,
    GRID_CELL_SIZE_REFLECTIVE: '600.00',
    GRID_CELL_SIZE_THERMAL: '600.00',
    CORNER_UL_PROJECTION_X_PRODUCT: '143985.000',
    CORNER_UL_PROJECTION_Y_PRODUCT: '-204585.000',
  },
} as const;

/** Name of such a folder. */
export type Corrected = keyof typeof corrections;

/** Runs `use` with a copy of a folder whose text metadata are corrected; the other forms are left out. */
export function withCorrected<T>(name: Corrected, use: (folder: string) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    copyProduct(
      sharedProduct('landsat', name),
      folder,
      (metadata) => withValues(metadata, corrections[name]),
      (file) => (/_MTL\.(json|xml)$/.test(file) ? undefined : file),
    );
    return use(folder);
  });
}
