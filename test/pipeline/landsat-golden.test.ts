/**
 * Landsat 8 and 9 against the reference implementation: what enters the network, and whole masks of every style (classes
 * equal in at least 99.99 % of the pixels that have data, percentages within their rounding).
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import { styles, type OutputStyle } from '../../src/cloudmask/postprocess/styles.ts';
import { Scene } from '../../src/cloudmask/scene.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { mask, percentDifference, shareEqual } from '../support/golden-masks.ts';
import { landsatData, landsatScenes } from '../support/landsat.ts';
import { readNpz, type NpyArray } from '../support/npz.ts';
import { sharedProduct } from '../support/products.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { loadStarter, remembering } from '../support/starter-model.ts';

const styleNames = Object.keys(styles) as OutputStyle[];

function golden(name: string): Record<string, NpyArray> {
  return readNpz(sharedPath('reference/golden', `${name}.npz`));
}

function range(from: number, to: number, step = 1): Uint32Array {
  return Uint32Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}

function largestDifference(ours: Float32Array, expected: NpyArray): number {
  expect(ours.length).toBe(expected.data.length);
  return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.data[i]!)), 0);
}

describeWithShared('reference/golden', 'Landsat values that enter the network', () => {
  it.each(landsatScenes)('equal those of $scene', async ({ scene: name, folder }) => {
    const expected = golden(`scene-${name}`);
    const scene = await Scene.open(await openProduct(sharedProduct('landsat', folder)));
    try {
      const { width, height } = scene;
      await scene.load(0, height - 1);
      const bands = scene.product.bands.length;
      const cut = (rows: Uint32Array, columns: Uint32Array): Float32Array => {
        const values = new Float32Array(bands * rows.length * columns.length);
        scene.cut(rows, columns, values);
        return values;
      };
      const [rows, columns] = [range(0, height), range(0, width)];
      const differences = {
        first_rows: largestDifference(cut(range(0, 7), columns), expected['first_rows']!),
        last_rows: largestDifference(
          cut(range(height - 7, height), columns),
          expected['last_rows']!,
        ),
        first_cols: largestDifference(cut(rows, range(0, 7)), expected['first_cols']!),
        last_cols: largestDifference(cut(rows, range(width - 7, width)), expected['last_cols']!),
        every_9th: largestDifference(
          cut(range(0, height, 9), range(0, width, 9)),
          expected['every_9th']!,
        ),
      };
      const most = Math.max(...Object.values(differences));
      process.stdout.write(`scene-${name}: largest difference ${most.toExponential(1)}\n`);
      // The reference rounds to float32 once, we before the radiometry too: two last places of a float32 near 1.
      expect(most).toBeLessThan(2.4e-7);
    } finally {
      scene.close();
    }
  });
});

describeWithShared('reference/golden', 'Landsat masks of the reference implementation', () => {
  const table: string[] = [];
  let model: CloudModel;
  beforeAll(async () => {
    model = remembering(await loadStarter());
  });
  afterAll(async () => {
    await model.close();
    process.stdout.write(
      `\nscene         stride  style           share equal\n${table.join('\n')}\n`,
    );
  });

  for (const { scene, folder, strides } of landsatScenes) {
    it.each(strides)(`equal ${scene} at stride %i in every style`, async (stride) => {
      const expected = golden(`mask-starter-v0-${scene}-stride${stride}`);
      const product = sharedProduct('landsat', folder);
      const data = landsatData(product);
      for (const style of styleNames) {
        const ours = await mask(model, { product, style, stride, categorise: true });
        const share = shareEqual(ours.bands[0] ?? new Uint8Array(), expected[style]!, data);
        table.push(
          `${scene.padEnd(12)}  ${String(stride).padStart(6)}  ${style.padEnd(14)}  ${share.toFixed(6)}`,
        );
        expect(share).toBeGreaterThanOrEqual(0.9999);
      }
    });

    it(`give the percentages of ${scene} at stride 384 within rounding`, async () => {
      const expected = golden(`mask-starter-v0-${scene}-stride384`);
      const product = sharedProduct('landsat', folder);
      for (const style of styleNames) {
        const ours = await mask(model, { product, style, stride: 384, categorise: false });
        expect(ours.bands).toHaveLength(styles[style].classes.length);
        // Half a percent by rounding, and 1e-4 of probability for the network.
        expect(percentDifference(ours, expected[`${style}_percent_every_4th`]!)).toBeLessThan(0.51);
      }
    });
  }
});
