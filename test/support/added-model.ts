/** A checkpoint that `npm run models -- add --from` has installed in a folder of its own, loaded for tests. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { CloudModel } from '../../src/models/model.ts';
import { loadOnnxModel } from '../../src/models/onnx-model.ts';
import { remembering } from './starter-model.ts';

const main = resolve(import.meta.dirname, '../../src/main.ts');

export interface Checkpoint {
  readonly modelId: string;
  readonly file: string;
  readonly configuration: string;
  /** Processing levels, with commas between them. */
  readonly trainedOn?: string;
}

/** To be closed, which removes the folder as well. */
export async function loadAdded({
  modelId,
  file,
  configuration,
  trainedOn,
}: Checkpoint): Promise<CloudModel> {
  const modelsDirectory = await mkdtemp(join(tmpdir(), 'cloudmask-models-'));
  const args = ['models', 'add', modelId, '--from', file, '--config', configuration];
  if (trainedOn !== undefined) args.push('--trained-on', trainedOn);
  await promisify(execFile)(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], MODELS_DIR: modelsDirectory },
  });
  const threads = availableParallelism();
  const model = await loadOnnxModel({ modelsDirectory, modelId, threads, device: 'cpu' });
  const close = async (): Promise<void> => {
    await model.close();
    await rm(modelsDirectory, { recursive: true });
  };
  return { ...remembering(model), close };
}
