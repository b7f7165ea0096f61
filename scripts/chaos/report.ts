/** The table of a run: kind of kill × how often × jobs that it met × how they ended. */
import type { Strike } from './strikes.ts';

const head = ['struck', 'how', 'times', 'kill -9', 'jobs met', 'successful', 'failed', 'dismissed'];

/** As markdown. `outcomes`: state of each job in the end. A job that was met twice counts twice. */
export function table(strikes: readonly Strike[], outcomes: ReadonlyMap<string, string>): string {
  const rows = [...new Set(strikes.map(keyOf))].toSorted().map((key) => {
    const same = strikes.filter((strike) => keyOf(strike) === key);
    return [...key.split('\t'), ...figures(same, outcomes)];
  });
  const all = [...rows, ['all', '', ...figures(strikes, outcomes)]];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...all.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |\n`;
  const rule = `|${widths.map((width, column) => ruleOf(width, column)).join('|')}|\n`;
  return line(head) + rule + all.map(line).join('');
}

function keyOf({ target, name }: Strike): string {
  return `${target}\t${name}`;
}

function figures(strikes: readonly Strike[], outcomes: ReadonlyMap<string, string>): string[] {
  const met = strikes.flatMap(({ jobIds }) => jobIds);
  const ended = (status: string) => met.filter((id) => outcomes.get(id) === status).length;
  return [
    strikes.length,
    killsIn(strikes),
    met.length,
    ended('successful'),
    ended('failed'),
    ended('dismissed'),
  ].map(String);
}

export function killsIn(strikes: readonly Strike[]): number {
  return strikes.reduce((sum, { kills }) => sum + kills, 0);
}

/** Words to the left, figures to the right. */
function pad(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}

function ruleOf(width: number, column: number): string {
  return column < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`;
}
