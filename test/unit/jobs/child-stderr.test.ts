import { expect, it } from 'vitest';
import { StderrLines } from '../../../src/jobs/child-stderr.ts';

function linesOf(...texts: string[]): string[] {
  const told: string[] = [];
  const lines = new StderrLines((line) => told.push(line));
  for (const text of texts) lines.add(text);
  lines.end();
  return told;
}

it('makes lines of whatever pieces come, and leaves out empty ones', () => {
  expect(linesOf('one\ntw', 'o\r\n\n  \nthr', 'ee')).toEqual(['one', 'two', 'three']);
  expect(linesOf('')).toEqual([]);
});

it('keeps neither a line without end nor lines without end', () => {
  expect(linesOf('x'.repeat(10_000), 'y\n')).toEqual(['x'.repeat(2000)]);
  const many = linesOf('line\n'.repeat(10_000));
  expect(many).toHaveLength(200);
  expect(many.at(-1)).toBe('(what follows is not logged)');
});
