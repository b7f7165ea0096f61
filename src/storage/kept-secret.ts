import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The configured secret, or one that is made once and kept in a file of the data folder, readable by its owner only. */
export async function keptSecret(
  dataDirectory: string,
  fileName: 'link-secret' | 'callback-secret' | 'secret-key',
  configured?: string,
): Promise<string> {
  if (configured !== undefined) return configured;
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
