/** Reflectance of native pixels against the reference radiometry, computed independently in double precision. */
import { basename } from 'node:path';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import { toLevels, toValues } from '../../src/cloudmask/radiometry/radiometry.ts';
import { RasterFile } from '../../src/raster/open-raster.ts';
import { sharedProducts } from '../support/products.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';

interface ReferencePixels {
  readonly tolerance: number;
  readonly pixels: readonly {
    readonly bands: Readonly<
      Record<string, { row: number; col: number; dn: number; reflectance: number | null }>
    >;
  }[];
}

describeWithShared('products/reference', 'reference radiometry', () => {
  it.each([...sharedProducts('s2-l1c'), ...sharedProducts('s2-l2a')])(
    'holds for %s',
    async (folder) => {
      const file = sharedPath('products/reference', basename(folder).replace(/\.SAFE$/, '.json'));
      const reference = JSON.parse(readFileSync(file, 'utf8')) as ReferencePixels;
      const product = await openProduct(folder);
      let compared = 0;
      let largest = 0;
      for (const band of product.bands) {
        const raster = await RasterFile.open(band.file, product.driver);
        const dn = await raster.readRows(0, raster.header.height);
        raster.close();
        for (const pixel of reference.pixels) {
          const expected = pixel.bands[band.id];
          if (expected === undefined) continue;
          const at = expected.row * raster.header.width + expected.col;
          expect(dn[at]).toBe(expected.dn);
          const level = new Float64Array(1);
          toLevels(dn, at, level, band.radiometry);
          const value = Float32Array.from(level);
          toValues(value, band.radiometry);
          // No data enters the network as −0.1.
          largest = Math.max(largest, Math.abs((value[0] ?? NaN) - (expected.reflectance ?? -0.1)));
          compared++;
        }
      }
      process.stdout.write(`${product.id}: ${compared} values, largest difference ${largest}\n`);
      expect(compared).toBeGreaterThanOrEqual(product.bands.length * 15);
      expect(largest).toBeLessThan(reference.tolerance);
    },
  );
});
