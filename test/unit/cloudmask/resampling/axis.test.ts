import { describe, expect, it } from 'vitest';
import { reflect, upsampling } from '../../../../src/cloudmask/resampling/axis.ts';

function resample(source: readonly number[], target: number): number[] {
  const { first, second, weight } = upsampling(source.length, target);
  return Array.from(
    { length: target },
    (_, i) => source[first[i]!]! * (1 - weight[i]!) + source[second[i]!]! * weight[i]!,
  );
}

describe('upsampling', () => {
  it('doubles by quarters, the border reflected about the edge pixel', () => {
    expect(resample([0, 4, 8], 6)).toEqual([1, 1, 3, 5, 7, 7]);
  });

  it('keeps a line a line away from the borders, at factor 6', () => {
    const values = resample([0, 6, 12, 18, 24], 30);
    for (let i = 3; i < 27; i++) expect(values[i]).toBeCloseTo(i - 2.5, 10);
  });

  it('is the identity between equal sizes', () => {
    const axis = upsampling(4, 4);
    expect(axis.identity).toBe(true);
    expect(resample([3, 1, 4, 1], 4)).toEqual([3, 1, 4, 1]);
  });

  it('spreads a single pixel', () => {
    expect(resample([7], 6)).toEqual([7, 7, 7, 7, 7, 7]);
  });
});

describe('reflect', () => {
  it('has the period 2(n − 1)', () => {
    expect([-4, -3, -2, -1, 0, 1, 2, 3, 4, 5].map((i) => reflect(i, 3))).toEqual([
      0, 1, 2, 1, 0, 1, 2, 1, 0, 1,
    ]);
  });
});
