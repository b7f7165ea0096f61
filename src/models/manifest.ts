/** `model.json`: what a model folder says about its model. Checked before anything is loaded. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { ModelUnusable } from '../errors.ts';
import { modelFiles } from './model-files.ts';

export interface ModelManifest {
  readonly id: string;
  readonly title: string;
  readonly architecture: { readonly sensei: string; readonly segmenter: string };
  /** Names of the network's outputs in order. */
  readonly classes: readonly string[];
  readonly descriptors: {
    readonly style: 'SEnSeIv2';
    /** Sines and cosines for each of the two wavelengths. */
    readonly embeddings: number;
    /** Length of a descriptor vector. */
    readonly size: number;
  };
  /** Positions of the quantiles, 0–1. */
  readonly percentiles: readonly number[];
  /** Side of a window in pixels. */
  readonly patch: number;
  /** Channels of the band embedding, which the segmenter takes. */
  readonly embedding_channels: number;
  /** Processing levels that it was trained with, or how they begin: `L1` is L1C and L1TP. Absent: not known. */
  readonly trained_on?: readonly string[];
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly licence: string;
  readonly source: string;
  readonly created_by: string;
  readonly card: string;
}

const fileEntry = {
  type: 'object',
  required: ['bytes', 'sha256'],
  properties: {
    bytes: { type: 'integer', minimum: 1 },
    sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
};

/** How a processing level is written. */
export const processingLevel = /^L[0-9][0-9A-Z]*$/;

const networks = Object.values(modelFiles);

const text = { type: 'string', minLength: 1 };

const schema = {
  type: 'object',
  required: [
    'id',
    'title',
    'architecture',
    'classes',
    'descriptors',
    'percentiles',
    'patch',
    'embedding_channels',
    'files',
    'licence',
    'source',
    'created_by',
    'card',
  ],
  properties: {
    id: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]*$' },
    title: text,
    architecture: {
      type: 'object',
      required: ['sensei', 'segmenter'],
      properties: { sensei: text, segmenter: text },
    },
    classes: { type: 'array', items: text, minItems: 2, uniqueItems: true },
    descriptors: {
      type: 'object',
      required: ['style', 'embeddings', 'size'],
      properties: {
        style: { type: 'string', enum: ['SEnSeIv2'] },
        embeddings: { type: 'integer', minimum: 1 },
        size: { type: 'integer', minimum: 1 },
      },
    },
    percentiles: { type: 'array', items: { type: 'number', minimum: 0, maximum: 1 }, minItems: 1 },
    patch: { type: 'integer', minimum: 32, maximum: 4096, multipleOf: 32 },
    embedding_channels: { type: 'integer', minimum: 1, maximum: 1024 },
    trained_on: {
      type: 'array',
      items: { type: 'string', pattern: processingLevel.source },
      minItems: 1,
    },
    files: {
      type: 'object',
      required: networks,
      additionalProperties: fileEntry,
      properties: Object.fromEntries(networks.map((name) => [name, fileEntry])),
    },
    licence: text,
    source: text,
    created_by: text,
    card: text,
  },
};

const validate = new Ajv({ allErrors: true }).compile<ModelManifest>(schema);

/**
 * Reads and checks `model.json` of a model folder.
 * @throws ModelUnusable naming the file and every fault.
 */
export async function readManifest(folder: string): Promise<ModelManifest> {
  const file = join(folder, 'model.json');
  const manifest = parse(file, await read(file));
  if (validate(manifest)) return manifest;
  const faults = (validate.errors ?? []).map(
    (fault) => `${fault.instancePath || 'the document'} ${fault.message}`,
  );
  throw new ModelUnusable(`${file} is not a model description: ${faults.join('; ')}.`);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ModelUnusable(
      `${file} cannot be read. MODEL names a folder below MODELS_DIR that holds a model.json.`,
      { cause: error },
    );
  }
}

function parse(file: string, content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    throw new ModelUnusable(`${file} is not valid JSON.`, { cause: error });
  }
}
