/** The model that is used when MODEL does not name one: `models use` writes its id to `<MODELS_DIR>/default`. */
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const fileName = 'default';

/** What the file says; undefined where there is none. Not checked. */
export function defaultModelId(modelsDirectory: string): string | undefined {
  try {
    return readFileSync(join(modelsDirectory, fileName), 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Makes `id` the default, all at once. */
export async function writeDefaultModel(modelsDirectory: string, id: string): Promise<void> {
  const file = join(modelsDirectory, fileName);
  await writeFile(`${file}.new`, `${id}\n`);
  await rename(`${file}.new`, file);
}
