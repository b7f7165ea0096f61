import { describe, expect, it } from 'vitest';
import { finalBefore, planAxis, windowIndices } from '../../../../src/cloudmask/windows/plan.ts';

describe('planAxis', () => {
  // The table of the model's facts; counts are the smallest and the largest.
  it.each([
    { size: 10980, stride: 512, windows: 22, before: 142, counts: [1, 1] },
    { size: 10980, stride: 384, windows: 29, before: 142, counts: [1, 2] },
    { size: 10980, stride: 256, windows: 43, before: 142, counts: [1, 2] },
    { size: 10980, stride: 128, windows: 86, before: 206, counts: [2, 4] },
    { size: 10980, stride: 64, windows: 172, before: 238, counts: [4, 8] },
    { size: 5490, stride: 512, windows: 11, before: 71, counts: [1, 1] },
    { size: 300, stride: 512, windows: 1, before: 106, counts: [1, 1] },
  ])('plans $size pixels at stride $stride', ({ size, stride, ...expected }) => {
    const { starts, before, counts } = planAxis(size, 512, stride);
    expect({
      windows: starts.length,
      before,
      counts: [Math.min(...counts), Math.max(...counts)],
    }).toEqual(expected);
  });

  it('covers every pixel of every size at every stride, and ends inside the padded scene', () => {
    for (const stride of [64, 128, 256, 384, 512]) {
      for (let size = 1; size <= 1600; size += 1) {
        const plan = planAxis(size, 512, stride);
        expect(Math.min(...plan.counts)).toBeGreaterThan(0);
        expect((plan.starts.at(-1) ?? 0) + 512).toBeLessThanOrEqual(size + 2 * plan.before + 1);
      }
    }
  });

  it('adds one window where a multiple of the stride would leave the last pixels uncovered', () => {
    expect(planAxis(7680, 512, 384).starts.slice(-2)).toEqual([7296, 7680]);
    expect(planAxis(7680, 512, 256).starts.at(-1)).toBe(7424);
  });
});

describe('windowIndices', () => {
  it('reflects about the edge pixel without repeating it', () => {
    const plan = { ...planAxis(5, 12, 12), before: 3 };
    expect([...windowIndices(plan, 0)]).toEqual([3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1, 0]);
  });

  it('repeats the only pixel of an axis of one', () => {
    expect(new Set(windowIndices(planAxis(1, 512, 384), 0))).toEqual(new Set([0]));
  });
});

describe('finalBefore', () => {
  it('is the first pixel of the next window, and the end after the last', () => {
    const plan = planAxis(1098, 512, 384);
    expect(plan.starts.map((_, index) => finalBefore(plan, index))).toEqual([
      384 - plan.before,
      768 - plan.before,
      1098,
    ]);
  });
});
