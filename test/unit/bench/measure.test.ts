import { describe, expect, it } from 'vitest';
import { printable } from '../../../scripts/bench/findings.ts';
import { measure, measureInTurns, median, medianCost } from '../../../scripts/bench/measure.ts';

describe('median', () => {
  it('is the middle value, or the mean of the two middle ones', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('takes CPU and wall seconds each by themselves', () => {
    const costs = [
      { cpuSeconds: 1, wallSeconds: 9 },
      { cpuSeconds: 2, wallSeconds: 7 },
      { cpuSeconds: 3, wallSeconds: 8 },
    ];
    expect(medianCost(costs)).toEqual({ cpuSeconds: 2, wallSeconds: 8 });
  });
});

describe('measure', () => {
  it('counts the seconds of the clock, and of the processor while it works', async () => {
    const { wallSeconds, cpuSeconds } = await measure(() => {
      const end = performance.now() + 50;
      while (performance.now() < end);
    });
    expect(wallSeconds).toBeGreaterThanOrEqual(0.05);
    expect(cpuSeconds).toBeGreaterThan(0);
  });
});

describe('measureInTurns', () => {
  it('warms every way up and then lets them take turns', async () => {
    const order: string[] = [];
    const costs = await measureInTurns(
      { ours: () => void order.push('ours'), plain: () => void order.push('plain') },
      2,
    );
    expect(order).toEqual(['ours', 'plain', 'ours', 'plain', 'ours', 'plain']);
    expect(Object.keys(costs)).toEqual(['ours', 'plain']);
  });
});

describe('printable', () => {
  it('puts findings into columns and notes below', () => {
    const text = printable({
      title: 'Stages',
      findings: [
        {
          name: 'network',
          ours: { cpuSeconds: 0.5, wallSeconds: 0.6 },
          plain: { cpuSeconds: 1, wallSeconds: 1234 },
          ratio: 0.5,
          target: 'ratio ≤ 0.6',
          isMet: true,
        },
      ],
      notes: [{ name: 'difference', value: '1e-7' }],
    });
    expect(text).toBe(`
Stages
------
           ours          plain          ratio  target
          CPU-s  wall s  CPU-s  wall s
network  0.5000  0.6000   1.00    1234  0.500  ratio ≤ 0.6  met
difference  1e-7
`);
  });
});
