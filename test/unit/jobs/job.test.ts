import { describe, expect, it } from 'vitest';
import { predecessors, successors } from '../../../src/jobs/job.ts';
import { ProgressWriter } from '../../../src/jobs/progress-writer.ts';

describe('successors', () => {
  it('lets nothing follow a dismissal, and only a dismissal follow an end', () => {
    expect(successors.dismissed).toEqual([]);
    expect([successors.successful, successors.failed]).toEqual([['dismissed'], ['dismissed']]);
    expect(predecessors('dismissed')).toEqual(['accepted', 'running', 'successful', 'failed']);
    expect(predecessors('successful')).toEqual(['running']);
  });
});

describe('ProgressWriter', () => {
  it('writes integers that never fall, the first at once, the last of a burst later, none after close', async () => {
    const written: [number, string][] = [];
    const writer = new ProgressWriter(
      async (percent, message) => void written.push([percent, message]),
      30,
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
});
