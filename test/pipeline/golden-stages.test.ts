/** Stage by stage against the reference implementation, so that a difference in a mask can be located. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  descriptorVector,
  type BandDescriptor,
} from '../../src/cloudmask/embedding/descriptors.ts';
import { Quantiles } from '../../src/cloudmask/embedding/quantiles.ts';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import { msiBands } from '../../src/cloudmask/products/sentinel2-bands.ts';
import { Scene } from '../../src/cloudmask/scene.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { readNpz, type NpyArray } from '../support/npz.ts';
import { sharedProduct } from '../support/products.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { loadStarter } from '../support/starter-model.ts';

const patch = 512;
const plane = patch * patch;

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
  for (const [name, part] of [
    ['scene-s2-l1c-T31TDH', 'N0204'],
    ['scene-s2-l1c-T19UDP', 'N0510'],
  ] as const) {
    it(`equals ${name} at the borders and inside`, async () => {
      const expected = golden(name);
      const scene = await Scene.open(await openProduct(sharedProduct('s2-l1c', part)));
      try {
        const { width, height } = scene;
        await scene.load(0, height - 1);
        const cut = (rows: Uint32Array, columns: Uint32Array): Float32Array => {
          const values = new Float32Array(13 * rows.length * columns.length);
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

interface WindowCase {
  readonly name: string;
  readonly bands: readonly number[];
  readonly offset?: number;
  readonly corner?: boolean;
}

const windowCases: readonly WindowCase[] = [
  { name: 's2-l1c', bands: [...range(0, 13)] },
  { name: 's2-l1c-offset', bands: [...range(0, 13)], offset: -1000 },
  { name: 'rgbn', bands: [1, 2, 3, 7] },
  { name: 'shuffled-6', bands: [11, 0, 10, 4, 3, 12] },
  { name: 'nodata-corner', bands: [...range(0, 13)], corner: true },
];

describeWithShared('reference/golden', 'one window through the network', () => {
  let model: CloudModel;
  let dn: Uint16Array;
  beforeAll(async () => {
    model = await loadStarter();
    dn = golden('inputs')['dn']!.data as Uint16Array;
  });
  afterAll(() => model.close());

  function values({ bands, offset = 0, corner = false }: WindowCase): Float32Array<ArrayBuffer> {
    const target = new Float32Array(bands.length * plane);
    for (const [index, band] of bands.entries()) {
      for (let pixel = 0; pixel < plane; pixel++) {
        const outside = corner && Math.floor(pixel / patch) + (pixel % patch) < 400;
        target[index * plane + pixel] = outside ? 0 : (dn[band * plane + pixel]! + offset) / 10_000;
      }
    }
    return target;
  }

  for (const windowCase of windowCases) {
    it(`equals the reference for ${windowCase.name}`, async () => {
      const expected = golden(`window-starter-v0-${windowCase.name}`);
      const count = windowCase.bands.length;
      const window = {
        values: values(windowCase),
        descriptors: new Float32Array(count * 74),
        statistics: new Float32Array(count * 5),
        probabilities: new Float32Array(7 * plane),
      };
      const quantiles = new Quantiles(model.manifest.percentiles, plane);
      for (const [index, band] of windowCase.bands.entries()) {
        window.descriptors.set(descriptorVector(msiBands[band]!.descriptor, 32, 74), index * 74);
        quantiles.compute(
          window.values.subarray(index * plane, (index + 1) * plane),
          window.statistics,
          index * 5,
        );
      }
      const differences = {
        descriptors: largestDifference(window.descriptors, expected['descriptors']!.data),
        statistics: largestDifference(window.statistics, expected['statistics']!.data),
        probabilities: 0,
      };
      const { probabilities } = await model.predict(window);
      const every4th = Float32Array.from({ length: 7 * 128 * 128 }, (_, i) => {
        const [c, y, x] = [Math.floor(i / 16384), Math.floor(i / 128) % 128, i % 128];
        return probabilities[c * plane + y * 4 * patch + x * 4]!;
      });
      differences.probabilities = largestDifference(
        every4th,
        expected['probabilities_every_4th']!.data,
      );
      process.stdout.write(`${windowCase.name}: ${JSON.stringify(differences)}\n`);
      // float32 sines of arguments up to 1e3 differ in the last bit between libraries.
      expect(differences.descriptors).toBeLessThan(2e-7);
      expect(differences.statistics).toBe(0);
      expect(differences.probabilities).toBeLessThan(1e-4);
    });
  }

  it('names the bands as the reference describes them', () => {
    const text = readFileSync(sharedPath('reference/golden/descriptors.json'), 'utf8');
    const cases = JSON.parse(text) as Record<string, unknown[]>;
    const ours: BandDescriptor[] = msiBands.map(({ descriptor }) => descriptor);
    expect(JSON.stringify(cases['s2-l1c'])).toContain(String(ours[0]!.minimum));
    expect(cases['s2-l1c']).toHaveLength(ours.length);
  });
});
