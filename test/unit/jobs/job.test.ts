import { describe, expect, it } from 'vitest';
import { predecessors, successors } from '../../../src/jobs/job.ts';

describe('successors', () => {
  it('lets nothing follow a dismissal, and only a dismissal follow an end', () => {
    expect(successors.dismissed).toEqual([]);
    expect([successors.successful, successors.failed]).toEqual([['dismissed'], ['dismissed']]);
    expect(predecessors('dismissed')).toEqual(['accepted', 'running', 'successful', 'failed']);
    expect(predecessors('successful')).toEqual(['running']);
  });
});
