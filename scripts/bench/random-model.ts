/**
 * Networks of the official architecture with random weights: ours as a model folder, the plain ones beside it. Weights
 * do not change what a network costs. Kept in the data folder until the code that builds them changes.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildSegmenter } from '../../src/models/convert/segmenter-graph.ts';
import { buildSensei } from '../../src/models/convert/sensei-graph.ts';
import type { ModelManifest } from '../../src/models/manifest.ts';
import { modelFiles } from '../../src/models/model-files.ts';
import { channels, classes, configuration, percentiles } from './official-architecture.ts';
import { plainEmbedding, plainNetwork, plainSegmenter, type PlainOptions } from './plain-graph.ts';
import { RandomTensors } from './random-tensors.ts';

export const randomModelId = 'random-mit-b2';

/** Bands of a Sentinel-2 L1C product. */
const bandCount = 13;

const seed = 2024;

const plainFiles = {
  embedding: 'plain-embedding.onnx',
  segmenter: 'plain-segmenter.onnx',
  network: 'plain-network.onnx',
} as const;

export interface RandomModel {
  /** Holds a folder `randomModelId`. */
  readonly modelsDirectory: string;
  /** Path of a network of ours. */
  readonly ours: (network: keyof typeof modelFiles) => string;
  /** Path of a plain network. */
  readonly plain: (network: keyof typeof plainFiles) => string;
  /** The same weights as in the files. */
  readonly tensors: () => RandomTensors;
}

/** Makes the networks below a folder, or finds them there. */
export async function randomModel(
  folder: string,
  tell: (message: string) => void,
): Promise<RandomModel> {
  const key = await sourceKey();
  const finished = path.join(folder, key);
  const present = await readdir(folder).catch((): string[] => []);
  if (!present.includes(key)) {
    tell('Building networks of the official architecture with random weights …');
    await rm(folder, { recursive: true, force: true });
    const unfinished = path.join(folder, 'unfinished');
    await build(unfinished);
    await rename(unfinished, finished);
  }
  return {
    modelsDirectory: finished,
    ours: (network) => path.join(finished, randomModelId, modelFiles[network]),
    plain: (network) => path.join(finished, plainFiles[network]),
    tensors: () => new RandomTensors(seed),
  };
}

/** A name for what the networks are made by. */
async function sourceKey(): Promise<string> {
  const converter = path.resolve(import.meta.dirname, '../../src/models/convert');
  const here = [
    'random-model.ts',
    'random-tensors.ts',
    'plain-graph.ts',
    'official-architecture.ts',
  ];
  const files = [
    ...(await readdir(converter)).toSorted().map((name) => path.join(converter, name)),
    ...here.map((name) => path.join(import.meta.dirname, name)),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

async function build(folder: string): Promise<void> {
  const { patch, segmenter, sensei } = configuration;
  const options = { segmenter, patch, channels, classes: classes.length };
  const tensors = new RandomTensors(seed);
  const ours = {
    [modelFiles.sensei]: buildSensei(sensei, tensors),
    [modelFiles.segmenter]: buildSegmenter({ ...options, batch: 1 }, tensors),
  };
  const model = path.join(folder, randomModelId);
  await mkdir(model, { recursive: true });
  const files: Record<string, { bytes: number; sha256: string }> = {};
  for (const [name, graph] of Object.entries(ours)) {
    const bytes = graph.encode();
    files[name] = {
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    await writeFile(path.join(model, name), bytes);
  }
  await writeFile(path.join(model, 'model.json'), JSON.stringify(manifestOf(files), null, 2));
  await buildPlain(folder, { ...options, bands: bandCount }, tensors);
}

async function buildPlain(
  folder: string,
  options: PlainOptions,
  tensors: RandomTensors,
): Promise<void> {
  const graphs = {
    embedding: plainEmbedding(options, tensors),
    segmenter: plainSegmenter(options, tensors),
    network: plainNetwork(options, tensors),
  } as const;
  for (const [name, graph] of Object.entries(graphs)) {
    const file = plainFiles[name as keyof typeof plainFiles];
    await writeFile(path.join(folder, file), graph.encode());
  }
}

function manifestOf(files: ModelManifest['files']): ModelManifest {
  const { name, patch, segmenter, sensei } = configuration;
  return {
    id: randomModelId,
    title: name,
    architecture: { sensei: sensei.name, segmenter },
    classes,
    descriptors: sensei.descriptors,
    percentiles,
    patch,
    embedding_channels: channels,
    files,
    licence: 'none: random numbers',
    source: 'random numbers',
    created_by: 'npm run bench',
    card: 'none',
  };
}
