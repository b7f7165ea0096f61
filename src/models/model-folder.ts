/** From the id of a model to its checked files. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ModelUnusable } from '../errors.ts';
import { readManifest, type ModelManifest } from './manifest.ts';
import { modelFiles } from './model-files.ts';
import { modelIds } from './model-ids.ts';

export interface ModelFolder {
  readonly manifest: ModelManifest;
  /** SHA-256 of the segmenter, which stands for the model in results. */
  readonly sha256: string;
  /** Absolute path of a file of the model. */
  readonly file: (name: string) => string;
}

/**
 * Finds model `id` below `modelsDirectory` and checks size and SHA-256 of its files before use.
 * @throws ModelUnusable naming what is missing or damaged, and which models there are.
 */
export async function openModelFolder(modelsDirectory: string, id: string): Promise<ModelFolder> {
  const known = await modelIds(modelsDirectory).catch((error: unknown) => {
    throw new ModelUnusable(`MODELS_DIR ${modelsDirectory} cannot be read.`, { cause: error });
  });
  if (!known.includes(id)) {
    const list = known.length === 0 ? 'none' : known.join(', ');
    throw new ModelUnusable(
      `There is no model "${id}" in ${modelsDirectory}. Models there: ${list}.`,
    );
  }
  const folder = join(modelsDirectory, id);
  const manifest = await readManifest(folder);
  if (manifest.id !== id) {
    throw new ModelUnusable(
      `${join(folder, 'model.json')} describes "${manifest.id}", not "${id}".`,
    );
  }
  for (const [name, expected] of Object.entries(manifest.files)) {
    await verify(join(folder, name), expected);
  }
  const sha256 = manifest.files[modelFiles.segmenter]?.sha256 ?? '';
  return { manifest, sha256, file: (name) => join(folder, name) };
}

async function verify(file: string, expected: { bytes: number; sha256: string }): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw new ModelUnusable(`${file} is missing.`, { cause: error });
  });
  if (found.size !== expected.bytes) {
    throw new ModelUnusable(
      `${file} has ${found.size} bytes, model.json says ${expected.bytes}: it is damaged or not complete.`,
    );
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') !== expected.sha256) {
    throw new ModelUnusable(`${file} has another SHA-256 than model.json says: it is damaged.`);
  }
}
