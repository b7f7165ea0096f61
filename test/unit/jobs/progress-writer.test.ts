import { describe, expect, it } from 'vitest';
import { ProgressWriter } from '../../../src/jobs/progress-writer.ts';

const unexpected = (error: unknown) => {
  throw error;
};

describe('ProgressWriter', () => {
  it('writes integers that never fall, the first at once, the last of a burst later, none after close', async () => {
    const written: [number, string][] = [];
    const writer = new ProgressWriter(
      async (percent, message) => void written.push([percent, message]),
      30,
      unexpected,
    );
    writer.note(10.9, 'a');
    writer.note(50, 'b');
    writer.note(20, 'c');
    await new Promise((resolve) => setTimeout(resolve, 80));
    writer.note(Number.NaN, 'd');
    writer.note(400, 'e');
    await writer.close();
    writer.note(100, 'late');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(written).toEqual([
      [10, 'a'],
      [50, 'c'],
      [50, 'd'],
    ]);
  });

  it('tells of a write that failed, and goes on with the next', async () => {
    const written: number[] = [];
    const troubles: unknown[] = [];
    const full = new Error('database or disk is full');
    const writer = new ProgressWriter(
      async (percent) => {
        if (percent < 50) throw full;
        written.push(percent);
      },
      0,
      (error) => troubles.push(error),
    );
    for (const percent of [10, 20, 60]) {
      writer.note(percent, 'x');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await writer.close();
    expect([troubles, written]).toEqual([[full, full], [60]]);
  });
});
