import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folder of this project (the one with `package.json`), for the sources as for the built program. */
export function projectFolder(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('The project folder with package.json was not found.');
  return projectFolder(parent);
}
