/** Every Landsat folder of the reference data: a mask or the right refusal, and single pixels against the reference radiometry. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import type { Product } from '../../src/cloudmask/products/product.ts';
import { toLevels, toValues } from '../../src/cloudmask/radiometry/radiometry.ts';
import { ProductRefused } from '../../src/errors.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { RasterFile } from '../../src/raster/open-raster.ts';
import { mask } from '../support/golden-masks.ts';
import { corrections, landsatData, withCorrected, type Corrected } from '../support/landsat.ts';
import { sharedProduct } from '../support/products.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { loadStarter, remembering } from '../support/starter-model.ts';

interface ReferencePixel {
  readonly row: number;
  readonly col: number;
  readonly dn: number;
  readonly reflectance?: number;
  readonly bt_normalised?: number;
}

/** Values of all bands of a product at pixels of a reference: how many, and the largest difference. */
async function compare(
  product: Product,
  pixels: readonly { readonly bands: Readonly<Record<string, ReferencePixel>> }[],
): Promise<{ compared: number; largest: number }> {
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
      const wanted = expected.reflectance ?? expected.bt_normalised ?? Number.NaN;
      largest = Math.max(largest, Math.abs((value[0] ?? Number.NaN) - wanted));
      compared++;
    }
  }
  return { compared, largest };
}

describeWithShared('products/reference', 'reference radiometry of Landsat', () => {
  it.each([
    'LC08_L1TP_016037_20170813_20200903_02_T1',
    'LC09_L1TP_016037_20220819_20230401_02_T1',
    'LC08_L1TP_016037_20170813_20170814_01_RT',
  ])('holds for %s', async (name) => {
    const text = readFileSync(sharedPath('products/reference', `${name}.json`), 'utf8');
    const reference = JSON.parse(text) as {
      tolerance: number;
      pixels: { bands: Record<string, ReferencePixel> }[];
    };
    const check = async (folder: string): Promise<void> => {
      const { compared, largest } = await compare(await openProduct(folder), reference.pixels);
      process.stdout.write(`${name}: ${compared} values, largest difference ${largest}\n`);
      expect(compared).toBeGreaterThanOrEqual(11 * 18);
      expect(largest).toBeLessThan(reference.tolerance);
    };
    if (name in corrections) await withCorrected(name as Corrected, check);
    else await check(sharedProduct('landsat', name));
  });
});

describeWithShared('products/landsat', 'Landsat folders', () => {
  let model: CloudModel;
  beforeAll(async () => {
    model = remembering(await loadStarter());
  });
  afterAll(() => model.close());

  const masked = (product: string): ReturnType<typeof mask> =>
    mask(model, { product, style: '4-class', stride: 512, categorise: true });

  it.each([
    [
      'LC08_L1TP_016037_20170813_20170814_01_RT',
      /_B1\.TIF \(band B1\) has 259 × 255 .* 7781 × 7641/,
    ],
    [
      'LC08_L2SP_001062_20201031_20201106_02_T2',
      /_SR_B1\.TIF \(band SR_B1\) has 386 × 379 .* 7731 × 7581/,
    ],
    [
      'LO08_L1TP_016037_20170813_20200903_02_T1',
      /^LO08_\w+ holds no thermal bands \(TIRS\): needed are B10 and B11/,
    ],
  ])('refuse %s as it is', async (name, message) => {
    const refusal = await masked(sharedProduct('landsat', name)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ProductRefused);
    expect((refusal as Error).message).toMatch(message);
  });

  it.each(Object.keys(corrections) as Corrected[])(
    'mask %s with its sizes corrected',
    async (name) => {
      await withCorrected(name, async (folder) => {
        const ours = await masked(folder);
        const data = landsatData(folder);
        const classes = ours.bands[0] ?? new Uint8Array();
        expect([ours.height, ours.width]).toEqual([
          corrections[name].REFLECTIVE_LINES,
          corrections[name].REFLECTIVE_SAMPLES,
        ]);
        expect(classes.map((value) => (value === 255 ? 0 : 1))).toEqual(data);
        const seen = new Set(classes);
        process.stdout.write(`${name}: classes ${[...seen].toSorted((a, b) => a - b).join(' ')}\n`);
        expect(seen.size).toBeGreaterThan(2);
      });
    },
  );

  it('mask the product of Collection 1 nearly as that of Collection 2', async () => {
    const two = await masked(sharedProduct('landsat', 'LC08_L1TP_016037_20170813_20200903_02_T1'));
    await withCorrected('LC08_L1TP_016037_20170813_20170814_01_RT', async (folder) => {
      const one = await masked(folder);
      const both = [...(one.bands[0] ?? [])].map((value, i) => [value, two.bands[0]?.[i]] as const);
      const valid = both.filter(([a, b]) => a !== 255 && b !== 255);
      const share = valid.filter(([a, b]) => a === b).length / valid.length;
      process.stdout.write(`Collection 1 and 2: ${share.toFixed(4)} of the pixels are equal\n`);
      // Two more rows of the panchromatic band over the same height shift it by up to two of its pixels.
      expect(share).toBeGreaterThan(0.97);
    });
  });

  it('are what this suite knows', () => {
    const known = readdirSync(sharedPath('products/landsat')).map((name) => basename(name));
    expect(known.toSorted()).toEqual([
      'LC08_L1TP_016037_20170813_20170814_01_RT',
      'LC08_L1TP_016037_20170813_20200903_02_T1',
      'LC08_L2SP_001062_20201031_20201106_02_T2',
      'LC09_L1TP_016037_20220819_20230401_02_T1',
      'LO08_L1TP_016037_20170813_20200903_02_T1',
    ]);
  });

  it('give level 2 values by the constants of level 2', async () => {
    await withCorrected('LC08_L2SP_001062_20201031_20201106_02_T2', async (folder) => {
      const product = await openProduct(folder);
      const at = 200 * 379 + 190;
      for (const band of product.bands) {
        const raster = await RasterFile.open(join(band.file), product.driver);
        const dn = await raster.readRows(0, raster.header.height);
        raster.close();
        const value = Float32Array.of(dn[at]!);
        toValues(value, band.radiometry);
        const kelvin = dn[at]! * 0.00341802 + 149;
        const expected =
          band.id === 'ST_B10' ? (kelvin - 132) / (249 - 132) : dn[at]! * 2.75e-5 - 0.2;
        expect(dn[at]).toBeGreaterThan(0);
        expect(value[0]).toBeCloseTo(expected, 6);
      }
    });
  });
});
