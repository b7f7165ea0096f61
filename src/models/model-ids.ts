/** Which folders of MODELS_DIR hold models. Other things may lie beside them, such as the code that trains models. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Ids of the models below a folder, in order. Rejects with the system's error when it cannot be read. */
export async function modelIds(modelsDirectory: string): Promise<string[]> {
  const entries = await readdir(modelsDirectory, { withFileTypes: true });
  // Names with a dot are work of the models command: downloads, and models that are being made.
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
  const areModels = await Promise.all(names.map((name) => isModel(join(modelsDirectory, name))));
  return names.filter((_, index) => areModels[index]).toSorted();
}

/** A folder with a manifest or a network: a model, be it damaged. */
export async function isModel(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.some((name) => name === 'model.json' || name.endsWith('.onnx'));
}
