/** Values of single pixels that were computed independently of us, and how ours differ from them. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'vitest';
import { openProduct } from '../../../src/cloudmask/products/open-product.ts';
import { toLevels, toValues } from '../../../src/cloudmask/radiometry/radiometry.ts';
import { RasterFile } from '../../../src/raster/open-raster.ts';
import { sharedPath } from '../shared.ts';
import type { ReferencePixels } from './kind-under-test.ts';

/** The file of the reference data for a folder. */
export function readReference(folder: string): ReferencePixels {
  const name = `${basename(folder, '.SAFE')}.json`;
  return JSON.parse(
    readFileSync(sharedPath('products/reference', name), 'utf8'),
  ) as ReferencePixels;
}

/** Values of all bands of a product at the pixels of a reference: how many, and the largest difference. */
export async function compareValues(
  folder: string,
  { pixels }: ReferencePixels,
  noDataValue: number,
): Promise<{ compared: number; largest: number }> {
  const product = await openProduct(folder);
  let compared = 0;
  let largest = 0;
  for (const band of product.bands) {
    const raster = await RasterFile.open(band.file, product.driver);
    const dn = await raster.readRows(0, raster.header.height);
    raster.close();
    for (const { bands } of pixels) {
      const expected = bands[band.id];
      if (expected === undefined) continue;
      const at = expected.row * raster.header.width + expected.col;
      expect(dn[at]).toBe(expected.dn);
      const level = new Float64Array(1);
      toLevels(dn, at, level, band.radiometry);
      const value = Float32Array.from(level);
      toValues(value, band.radiometry);
      const wanted = expected.reflectance ?? expected.bt_normalised ?? noDataValue;
      largest = Math.max(largest, Math.abs((value[0] ?? Number.NaN) - wanted));
      compared++;
    }
  }
  return { compared, largest };
}
