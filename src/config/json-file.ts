import { readFileSync } from 'node:fs';
import { Fault } from './parse.ts';

/** The value in a JSON file that holds secrets. @throws Fault */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // A syntax error would quote the file.
    const reason =
      error instanceof SyntaxError ? 'is no JSON' : (error as NodeJS.ErrnoException).code;
    throw new Fault(`the path of a readable JSON file (${reason})`);
  }
}
