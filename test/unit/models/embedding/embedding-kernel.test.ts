import { describe, expect, it } from 'vitest';
import {
  cellWidths,
  maximumTableError,
  tableError,
} from '../../../../src/models/embedding/cell-widths.ts';
import { EmbeddingKernel } from '../../../../src/models/embedding/embedding-kernel.ts';
import { random } from '../../../support/random.ts';
import {
  everyPixel,
  largestDifference,
  plainEmbedding,
  someParameters,
} from './plain-embedding.ts';

const patch = 64;
const plane = patch * patch;
const pixels = everyPixel(plane);
const tolerance = 3e-6;

/** Reflectances: a third whole DN, a third anything, a third one value; no-data, clouds and saturation among them. */
function someValues(next: () => number, bands: number): Float32Array {
  const makers = [
    () => (Math.round(next() * 6000) - 1000) / 10_000,
    () => next() * 0.8,
    () => -0.5,
  ] as const;
  return Float32Array.from({ length: bands * plane }, (_, i) => {
    const kind = Math.floor(i / plane) % 3;
    const lot = next();
    if (kind === 2 || lot > 0.03) return makers[kind]!();
    return lot < 0.01 ? -0.1 : lot < 0.02 ? 6.5535 : 2 + next();
  });
}

async function differenceOf(
  values: Float32Array,
  parameters: ReturnType<typeof someParameters>,
): Promise<number> {
  const channels = parameters.shift.length;
  const kernel = await EmbeddingKernel.create(patch, channels, values.length / plane);
  const target = new Float32Array(channels * plane);
  kernel.embed(values, parameters, target);
  const expected = plainEmbedding(values, parameters, plane, pixels);
  return largestDifference(target, expected, plane, pixels);
}

describe('EmbeddingKernel', () => {
  for (let bands = 1; bands <= 16; bands++) {
    it(`equals the formula for ${bands} bands`, async () => {
      const next = random(bands);
      const parameters = someParameters(next, bands, 32);
      expect(await differenceOf(someValues(next, bands), parameters)).toBeLessThan(tolerance);
    });
  }

  for (const channels of [4, 40, 64]) {
    it(`equals the formula for ${channels} channels`, async () => {
      const next = random(channels);
      const parameters = someParameters(next, 4, channels);
      expect(await differenceOf(someValues(next, 4), parameters)).toBeLessThan(tolerance);
    });
  }

  it('equals the formula for high frequencies and arguments up to 10,000', async () => {
    const next = random(1);
    const parameters = someParameters(next, 5, 32, { frequency: 500, phase: 20 });
    expect(await differenceOf(someValues(next, 5), parameters)).toBeLessThan(tolerance);
  });

  it('equals the formula where all parameters are 0', async () => {
    const none = { frequency: 0, phase: 0, gain: 0 };
    const parameters = someParameters(random(2), 3, 32, none);
    expect(await differenceOf(someValues(random(2), 3), parameters)).toBe(0);
  });

  it('equals the formula where values lie too far apart for a table', async () => {
    const next = random(3);
    const values = someValues(next, 3);
    values[17] = 1e4;
    values[18] = -30_000.5;
    const parameters = someParameters(next, 3, 32, { frequency: 500, gain: 0.1 });
    expect(await differenceOf(values, parameters)).toBeLessThan(tolerance);
  });

  it('gives NaN for NaN and infinite values, and for no other', async () => {
    const next = random(4);
    for (const [place, value] of [
      [5, NaN],
      [plane + 700, NaN],
      [plane + 701, Infinity],
      [2 * plane + 4095, NaN],
      [3 * plane, -Infinity],
    ] as const) {
      const values = someValues(next, 4);
      values[place] = value;
      expect(await differenceOf(values, someParameters(next, 4, 32))).toBeLessThan(tolerance);
    }
  });

  it('survives values and parameters that are not numbers at all', async () => {
    const parameters = someParameters(random(5), 3, 32);
    const values = new Float32Array(3 * plane).fill(NaN);
    expect(await differenceOf(values, parameters)).toBe(0);
    const values2 = someValues(random(5), 3).fill(3.4e38, 0, 9).fill(-3.4e38, 9, 12);
    const notANumber = { ...parameters, frequency: parameters.frequency.map(() => NaN) };
    expect(await differenceOf(values2, notANumber)).toBe(0);
  });

  it('gives the same for arrays of its own memory, without touching a second window', async () => {
    const next = random(6);
    const [first, second] = [someValues(next, 5), someValues(next, 3)];
    const [forFirst, forSecond] = [someParameters(next, 5, 32), someParameters(next, 3, 32)];
    const kernel = await EmbeddingKernel.create(patch, 32, 5);
    const target = new Float32Array(32 * plane);
    kernel.embed(first, forFirst, target);
    const own = kernel.values.subarray(0, 3 * plane);
    own.set(second);
    kernel.embed(own, forSecond, kernel.output);
    const expected = plainEmbedding(second, forSecond, plane, pixels);
    expect(largestDifference(kernel.output, expected, plane, pixels)).toBeLessThan(tolerance);
    own.set(first.subarray(0, own.length));
    kernel.embed(first, forFirst, kernel.output);
    expect(kernel.output).toEqual(target);
  });

  it('refuses what does not fit', async () => {
    await expect(EmbeddingKernel.create(60, 32, 3)).rejects.toThrow(RangeError);
    await expect(EmbeddingKernel.create(64, 30, 3)).rejects.toThrow(RangeError);
    const kernel = await EmbeddingKernel.create(patch, 32, 3);
    const target = new Float32Array(32 * plane);
    const embed = (bands: number, parametersOf: number): void =>
      kernel.embed(
        new Float32Array(bands * plane),
        someParameters(random(1), parametersOf, 32),
        target,
      );
    expect(() => embed(4, 4)).toThrow(RangeError);
    expect(() => embed(3, 2)).toThrow(RangeError);
    expect(() => embed(2.5, 3)).toThrow(RangeError);
  });
});

describe('cellWidths', () => {
  it('keeps the error of the tables within the bound', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = random(seed);
      const bands = 1 + Math.floor(next() * 16);
      const limits = { frequency: 10 ** (4 * next() - 1), gain: 10 ** (3 * next() - 2) };
      const parameters = someParameters(next, bands, 32, limits);
      const widths = cellWidths(parameters, bands);
      expect(tableError(parameters, widths)).toBeLessThanOrEqual(maximumTableError);
    }
  });
});
