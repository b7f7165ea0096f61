import { describe, expect, it } from 'vitest';
import { Quantiles } from '../../../../src/cloudmask/embedding/quantiles.ts';
import { random } from '../../../support/random.ts';

/** The plain way: sort everything, interpolate in double precision. */
function sorted(values: Float32Array, positions: readonly number[]): number[] {
  const order = values.toSorted();
  return positions.map((position) => {
    const rank = Math.fround(position) * (values.length - 1);
    const below = Math.floor(rank);
    const low = order[below]!;
    const high = order[Math.min(below + 1, order.length - 1)]!;
    return low + (rank - below) * (high - low);
  });
}

const positions = [0, 0.01, 0.1, 0.5, 0.9, 0.99, 1];

describe('Quantiles', () => {
  it('equals sorting for random values of either sign, ties and constants', () => {
    const next = random(7);
    const makers: (() => number)[] = [
      () => next() * 2 - 1,
      () => Math.floor(next() * 5) / 10_000 - 0.1,
      () => 0.25,
      () => (next() < 0.5 ? -0.1 : next() ** 8),
    ];
    for (const length of [1, 2, 17, 5000]) {
      for (const make of makers) {
        const values = Float32Array.from({ length }, make);
        const found = new Float32Array(positions.length);
        new Quantiles(positions, length).compute(values, found, 0);
        const expected = sorted(values, positions);
        for (const [i, value] of expected.entries()) {
          expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(2 ** -23);
        }
      }
    }
  });

  it('writes to the place that it is given and can be used again', () => {
    const quantiles = new Quantiles([0.5], 3);
    const target = new Float32Array(2);
    quantiles.compute(Float32Array.of(3, 1, 2), target, 1);
    quantiles.compute(Float32Array.of(-5, -7, -6), target, 0);
    expect([...target]).toEqual([-6, 2]);
  });
});
