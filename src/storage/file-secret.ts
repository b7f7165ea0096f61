import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A secret that is made once and kept in a file of the data folder, readable by its owner only. */
export async function fileSecret(dataDirectory: string, fileName: string): Promise<string> {
  const file = join(dataDirectory, fileName);
  try {
    await writeFile(file, randomBytes(32).toString('base64url'), {
      flag: 'wx',
      mode: 0o600,
      flush: true,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
