import { parseArgs } from 'node:util';
import { settingsTable } from '../config/config.ts';

/** Prints the README's table of settings. */
export function settingsCommand(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' } },
  });
  const help = 'Prints every setting as a markdown table. Takes no options.';
  process.stdout.write(`${values.help ? help : settingsTable()}\n`);
}
