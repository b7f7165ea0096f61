/** Windows of 512 pixels: against the reference implementation, and the time they take. */
import { describe, expect, it } from 'vitest';
import { EmbeddingKernel } from '../../../../src/models/embedding/embedding-kernel.ts';
import { readNpz } from '../../../support/npz.ts';
import { random } from '../../../support/random.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';
import {
  everyPixel,
  largestDifference,
  plainEmbedding,
  someParameters,
} from './plain-embedding.ts';

const patch = 512;
const plane = patch * patch;
const channels = 32;

/** 13 smooth bands, four of them in whole DN. */
function smoothValues(): Float32Array {
  return Float32Array.from({ length: 13 * plane }, (_, i) => {
    const [band, row, column] = [Math.floor(i / plane), (i >> 9) % patch, i % patch];
    const value = 0.4 + 0.3 * Math.sin(row / (20 + band)) * Math.sin(column / 31 + band);
    return band < 4 ? Math.round(value * 10_000) / 10_000 : value;
  });
}

describe('EmbeddingKernel with windows of 512 pixels', () => {
  it('equals the formula for 13 bands, in place and again', async () => {
    const kernel = await EmbeddingKernel.create(patch, channels, 13);
    kernel.values.set(smoothValues());
    const parameters = someParameters(random(1), 13, channels, { frequency: 8, gain: 1 });
    kernel.embed(kernel.values, parameters, kernel.output);
    const first = kernel.output.slice();
    kernel.embed(kernel.values, parameters, kernel.output);
    expect(kernel.output).toEqual(first);
    const pixels = everyPixel(plane, 97);
    const expected = plainEmbedding(kernel.values, parameters, plane, pixels);
    expect(largestDifference(kernel.output, expected, plane, pixels)).toBeLessThan(3e-6);
  });

  it('equals the formula where noise and high frequencies leave too few rows', async () => {
    const next = random(2);
    const values = Float32Array.from({ length: 4 * plane }, () => next() * 1.4 - 0.1);
    const parameters = someParameters(next, 4, channels, { frequency: 500 });
    const kernel = await EmbeddingKernel.create(patch, channels, 4);
    kernel.embed(values, parameters, kernel.output);
    const pixels = everyPixel(plane, 97);
    const expected = plainEmbedding(values, parameters, plane, pixels);
    expect(largestDifference(kernel.output, expected, plane, pixels)).toBeLessThan(3e-6);
  });
});

/** The bands of a golden case: indices of `dn`, from 13 on of `thermal`; −1 is a fill band. */
const cases: Readonly<Record<string, readonly number[]>> = {
  's2-l1c': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  's2-l1c-offset': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  's2-l2a': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12],
  'landsat-89': [0, 1, 2, 3, 8, 11, 12, 2, 10, 13, 14],
  rgbn: [1, 2, 3, 7],
  'shuffled-6': [11, 0, 10, 4, 3, 12],
  'fill-3': [1, 2, 3, -1, -1],
  'nodata-corner': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
};

describeWithShared('reference/golden', 'EmbeddingKernel and the reference implementation', () => {
  const { dn, thermal } = readNpz(sharedPath('reference/golden/inputs.npz'));

  function inputOf(name: string): Float32Array {
    const offset = name === 's2-l1c-offset' ? 1000 : 0;
    const bands = cases[name]!;
    const values = new Float32Array(bands.length * plane).fill(-0.5);
    for (const [band, source] of bands.entries()) {
      if (source < 0) continue;
      const [all, from] = source < 13 ? [dn!.data, source] : [thermal!.data, source - 13];
      for (let i = 0; i < plane; i++) {
        const isCut = name === 'nodata-corner' && (i >> 9) + (i % patch) < 400;
        values[band * plane + i] = isCut ? 0 : (all[from * plane + i]! - offset) / 10_000;
      }
    }
    return values;
  }

  /** Scale and shift that lead from the sums to the golden embedding: the BatchNorm of one channel. */
  function batchNorm(sums: Float64Array, golden: ArrayLike<number>): [number, number] {
    const n = sums.length;
    const [meanX, meanY] = [
      sums.reduce((a, b) => a + b) / n,
      Array.from(golden).reduce((a, b) => a + b) / n,
    ];
    let [xx, xy] = [0, 0];
    for (let i = 0; i < n; i++) {
      xx += (sums[i]! - meanX) ** 2;
      xy += (sums[i]! - meanX) * (golden[i]! - meanY);
    }
    const scale = xx === 0 ? 1 : xy / xx;
    return [scale, meanY - scale * meanX];
  }

  const pixels = everyPixel(64 * 64).map((i) => (i >> 6) * 8 * patch + (i % 64) * 8);
  for (const checkpoint of ['starter-v0', 'b2-random']) {
    for (const name of Object.keys(cases)) {
      it(`agrees for ${checkpoint} ${name}`, async () => {
        const golden = readNpz(sharedPath(`reference/golden/window-${checkpoint}-${name}.npz`));
        const values = inputOf(name);
        const array = (key: string): Float32Array => golden[key]!.data as Float32Array;
        const bare = {
          frequency: array('frequency'),
          phase: array('phase_offset'),
          gain: array('gain'),
          shift: new Float32Array(channels),
        };
        const sums = plainEmbedding(values, bare, plane, pixels);
        const embedding = array('embedding_every_8th');
        const count = pixels.length;
        const norms = Array.from({ length: channels }, (_, channel) => {
          const [from, to] = [channel * count, (channel + 1) * count];
          return batchNorm(sums.subarray(from, to), embedding.subarray(from, to));
        });
        const parameters = {
          ...bare,
          gain: bare.gain.map((gain, i) => gain * norms[i % channels]![0]),
          shift: Float32Array.from(norms, ([, shift]) => shift),
        };
        const kernel = await EmbeddingKernel.create(patch, channels, values.length / plane);
        kernel.embed(values, parameters, kernel.output);
        const formula = plainEmbedding(values, parameters, plane, pixels);
        const toFormula = largestDifference(kernel.output, formula, plane, pixels);
        const reference = Float64Array.from(embedding);
        const toReference = largestDifference(kernel.output, reference, plane, pixels);
        expect(toFormula).toBeLessThan(3e-6);
        expect(toReference).toBeLessThan(5e-6);
      });
    }
  }
});
