import { settingsTable } from '../config/config.ts';

/** Prints the README's table of settings. */
export function settingsCommand(): void {
  process.stdout.write(`${settingsTable()}\n`);
}
