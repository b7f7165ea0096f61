import { describe, expect, it } from 'vitest';
import { reflect, resampling } from '../../../../src/cloudmask/resampling/axis.ts';

function resample(source: readonly number[], target: number): number[] {
  const { taps, indices, weights } = resampling(source.length, target);
  return Array.from({ length: target }, (_, i) => {
    let sum = 0;
    for (let k = i * taps; k < (i + 1) * taps; k++) sum += source[indices[k]!]! * weights[k]!;
    return sum;
  });
}

describe('resampling', () => {
  it('doubles by quarters, the border reflected about the edge pixel', () => {
    expect(resample([0, 4, 8], 6)).toEqual([1, 1, 3, 5, 7, 7]);
  });

  it('keeps a line a line away from the borders, at factor 6', () => {
    const values = resample([0, 6, 12, 18, 24], 30);
    for (let i = 3; i < 27; i++) expect(values[i]).toBeCloseTo(i - 2.5, 10);
  });

  it('is the identity between equal sizes', () => {
    const axis = resampling(4, 4);
    expect(axis.identity).toBe(true);
    expect(resample([3, 1, 4, 1], 4)).toEqual([3, 1, 4, 1]);
  });

  it('smooths before it halves', () => {
    // σ = 0.5: the Gaussian 0.0002638, 0.1065, 0.7866, 0.1065, 0.0002638, then the mean of two neighbours.
    const halved = resample([0, 0, 0, 0, 1, 0, 0, 0, 0, 0], 5);
    const expected = [0, 0.0533, 0.4465, 0.000131, 0].map((value) => value);
    expect(halved[2]).toBeCloseTo(expected[2]!, 3);
    expect(halved[1]).toBeCloseTo(expected[1]!, 2);
    expect(halved.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0.5, 2);
  });

  it('keeps a constant at any factor, also one that is not whole', () => {
    for (const [source, target] of [
      [517, 259],
      [259, 255],
      [100, 7],
    ] as const) {
      const values = resample(
        Array.from({ length: source }, () => 3),
        target,
      );
      for (const value of values) expect(value).toBeCloseTo(3, 12);
    }
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
