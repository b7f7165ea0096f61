/** A table of attacks and what happened, printed when all were tried. */
import { afterAll } from 'vitest';
import { unpackBytes } from './unpacked.ts';

/** What is tried, the archive, and what its refusal has to say. */
export type Attack = readonly [string, () => Buffer, RegExp];

/** Makes the function that tries an archive and says what happened. */
export function attackTable(group: string): (title: string, bytes: Buffer) => Promise<string> {
  const rows: string[] = [];
  afterAll(() => {
    process.stdout.write(`\nattack × what happened\n${rows.join('\n')}\n`);
  });
  return async (title, bytes) => {
    const result = await unpackBytes(bytes);
    const outcome = 'refusal' in result ? result.refusal : `UNPACKED as ${result.kind}`;
    rows.push(`${`${group}: ${title}`.padEnd(48)} ${outcome}`);
    return outcome;
  };
}
