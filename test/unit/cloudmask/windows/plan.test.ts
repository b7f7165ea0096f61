import { describe, expect, it } from 'vitest';
import { finalBefore, planAxis, windowIndices } from '../../../../src/cloudmask/windows/plan.ts';

describe('planAxis', () => {
  // Size, stride, windows, pixels before, smallest and largest count: the table of the model's facts.
  it.each([
    [10980, 512, 22, 142, 1, 1],
    [10980, 384, 29, 142, 1, 2],
    [10980, 256, 43, 142, 1, 2],
    [10980, 128, 86, 206, 2, 4],
    [10980, 64, 172, 238, 4, 8],
    [5490, 512, 11, 71, 1, 1],
    [300, 512, 1, 106, 1, 1],
  ])('plans %i pixels at stride %i', (size, stride, windows, before, fewest, most) => {
    const plan = planAxis(size, 512, stride);
    expect({
      windows: plan.starts.length,
      before: plan.before,
      fewest: Math.min(...plan.counts),
      most: Math.max(...plan.counts),
    }).toEqual({ windows, before, fewest, most });
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
