/** What enters the network against the reference implementation, so that a difference in a mask can be located. */
import { expect, it } from 'vitest';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import { Scene } from '../../src/cloudmask/scene.ts';
import { readNpz, type NpyArray } from '../support/npz.ts';
import { sharedProduct } from '../support/products.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';

function golden(name: string): Record<string, NpyArray> {
  return readNpz(sharedPath(`reference/golden/${name}.npz`));
}

function range(from: number, to: number, step = 1): Uint32Array {
  return Uint32Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}

function largestDifference(ours: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(ours.length).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < ours.length; i++) {
    largest = Math.max(largest, Math.abs((ours[i] ?? NaN) - (expected[i] ?? NaN)));
  }
  return largest;
}

describeWithShared('reference/golden', 'values that enter the network', () => {
  for (const [name, kind, part] of [
    ['scene-s2-l1c-T31TDH', 's2-l1c', 'N0204'],
    ['scene-s2-l1c-T19UDP', 's2-l1c', 'N0510'],
    ['scene-s2-l2a-T29RKH', 's2-l2a', 'N0509'],
  ] as const) {
    it(`equals ${name} at the borders and inside`, async () => {
      const expected = golden(name);
      const scene = await Scene.open(await openProduct(sharedProduct(kind, part)));
      try {
        const { width, height } = scene;
        await scene.load(0, height - 1);
        const cut = (rows: Uint32Array, columns: Uint32Array): Float32Array => {
          const values = new Float32Array(
            scene.product.bands.length * rows.length * columns.length,
          );
          scene.cut(rows, columns, values);
          return values;
        };
        const all = { rows: range(0, height), columns: range(0, width) };
        const parts = {
          first_rows: cut(range(0, 7), all.columns),
          last_rows: cut(range(height - 7, height), all.columns),
          first_cols: cut(all.rows, range(0, 7)),
          last_cols: cut(all.rows, range(width - 7, width)),
          every_9th: cut(range(0, height, 9), range(0, width, 9)),
        };
        const differences = Object.entries(parts).map(([key, values]) =>
          largestDifference(values, expected[key]!.data),
        );
        process.stdout.write(
          `${name}: largest difference ${Math.max(...differences).toExponential(1)}\n`,
        );
        // The reference rounds to float32 before the offset, we after it: one last place of a float32 near 1.
        expect(Math.max(...differences)).toBeLessThan(1.2e-7);
      } finally {
        scene.close();
      }
    });
  }
});
