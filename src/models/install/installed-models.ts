/** The models below MODELS_DIR. */
import { join } from 'node:path';
import { ModelUnusable } from '../../errors.ts';
import { readManifest, type ModelManifest } from '../manifest.ts';
import { modelIds } from '../model-ids.ts';
import type { Digest } from './digest.ts';

/** `model.json` of a model that was made from a checkpoint: what it says beyond what running needs. */
export interface InstalledManifest extends ModelManifest {
  readonly parameters: number;
  readonly checkpoint: Digest;
  /** Keys of the checkpoint that only training used. */
  readonly ignored_keys: readonly string[];
}

export type InstalledModel =
  | { readonly id: string; readonly manifest: ModelManifest & Partial<InstalledManifest> }
  | { readonly id: string; readonly fault: string };

/** All models in order of their ids; with damaged ones, whose `model.json` cannot be read. */
export async function installedModels(modelsDirectory: string): Promise<readonly InstalledModel[]> {
  const ids = await installedIds(modelsDirectory);
  return Promise.all(
    ids.map(async (id) => {
      try {
        return { id, manifest: await readManifest(join(modelsDirectory, id)) };
      } catch (error) {
        if (!(error instanceof ModelUnusable)) throw error;
        return { id, fault: error.message };
      }
    }),
  );
}

/** Ids of the models; a folder that is not there holds none. */
export async function installedIds(modelsDirectory: string): Promise<readonly string[]> {
  return modelIds(modelsDirectory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new ModelUnusable(`MODELS_DIR ${modelsDirectory} cannot be read (${error.code}).`, {
      cause: error,
    });
  });
}
