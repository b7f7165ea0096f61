/** What was measured, and how it is printed. */
import type { Cost } from './measure.ts';

/** One thing done our way and the plain way in the same run. */
export interface Finding {
  readonly name: string;
  readonly ours: Cost;
  /** What `ours` is compared with. */
  readonly plain: Cost;
  /** Ours by plain. */
  readonly ratio: number;
  /** What was aimed at, in words. */
  readonly target: string;
  readonly isMet: boolean;
}

/** Figures of a kind of their own, such as the seconds of each stage. */
export interface Note {
  readonly name: string;
  readonly value: string;
}

export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
  readonly notes: readonly Note[];
}

const headings = ['', 'ours', '', 'plain', '', 'ratio', 'target', ''];
const units = ['', 'CPU-s', 'wall s', 'CPU-s', 'wall s', '', '', ''];

/** A section as text: a table of the findings and the notes below it. */
export function printable({ title, findings, notes }: Section): string {
  const lines = ['', title, '-'.repeat(title.length)];
  if (findings.length > 0) lines.push(...table([headings, units, ...findings.map(cells)]));
  const width = Math.max(0, ...notes.map(({ name }) => name.length));
  lines.push(...notes.map(({ name, value }) => `${name.padEnd(width)}  ${value}`));
  return `${lines.join('\n')}\n`;
}

function cells({ name, ours, plain, ratio, target, isMet }: Finding): string[] {
  const costs = [ours, plain].flatMap(({ cpuSeconds, wallSeconds }) => [cpuSeconds, wallSeconds]);
  return [name, ...costs.map(seconds), ratio.toFixed(3), target, isMet ? 'met' : 'MISSED'];
}

/** Three figures, whatever the size. */
function seconds(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 1 ? value.toFixed(2) : value.toFixed(4);
}

/** The columns of names, targets and verdicts. */
const isText = (column: number): boolean => column === 0 || column > 5;

/** Columns side by side; numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isText(column) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
