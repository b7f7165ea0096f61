/** From a checkpoint on this machine to a model folder. */
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Cancelled, CheckpointRefused } from '../../errors.ts';
import { readCheckpoint } from '../checkpoint/checkpoint.ts';
import type { ModelConfiguration } from '../convert/configuration.ts';
import type { ConvertedModel } from '../convert/convert.ts';
import type { StateDict } from '../convert/state-dict.ts';
import { readManifest, type ModelManifest } from '../manifest.ts';
import { modelCard } from './card.ts';
import type { Digest } from './digest.ts';
import type { InstalledManifest } from './installed-models.ts';
import { syncFolder, type ModelPlace } from './model-place.ts';

export interface Installation {
  /** Locked by the caller. */
  readonly place: ModelPlace;
  /** The checkpoint's file. */
  readonly checkpoint: string;
  readonly digest: Digest;
  readonly configuration: ModelConfiguration;
  readonly title: string;
  readonly licence: string;
  /** Processing levels as in `model.json`; undefined where nobody has said. */
  readonly trainedOn: readonly string[] | undefined;
  /** Where the checkpoint comes from, in words or as an address. */
  readonly source: string;
  /** Which program converts. */
  readonly createdBy: string;
  readonly convert: (tensors: StateDict, configuration: ModelConfiguration) => ConvertedModel;
  readonly signal: AbortSignal;
}

/** Outputs of the network in order. */
const sevenClasses = ['land', 'water', 'snow', 'thin', 'thick', 'shadow', 'no data'];

/**
 * Converts the checkpoint and puts the model in its place, whole or not at all.
 * @throws CheckpointRefused when it does not fit, Cancelled when `signal` says so.
 */
export async function installModel(installation: Installation): Promise<InstalledManifest> {
  const { place, configuration, signal } = installation;
  const shape = shapeOf(configuration);
  const { tensors, ignoredKeys } = await readCheckpoint(installation.checkpoint);
  assertGoing(signal);
  const { files, summary } = installation.convert(tensors, configuration);
  // Conversion keeps the thread busy: only now a signal that came meanwhile is delivered.
  await new Promise(setImmediate);
  assertGoing(signal);
  const manifest: InstalledManifest = {
    id: place.id,
    title: installation.title,
    architecture: summary.architecture,
    ...shape,
    embedding_channels: summary.embeddingChannels,
    ...(installation.trainedOn !== undefined && { trained_on: installation.trainedOn }),
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, digestOfBytes(bytes)])),
    licence: installation.licence,
    source: installation.source,
    created_by: installation.createdBy,
    card: 'card.md',
    parameters: parametersOf(tensors),
    checkpoint: installation.digest,
    ignored_keys: ignoredKeys,
  };
  await writeFolder(place.staging, manifest, files);
  assertGoing(signal);
  await place.publish();
  return manifest;
}

/** Trained values: what BatchNorm counted is none. */
function parametersOf(tensors: StateDict): number {
  return [...tensors]
    .filter(([key]) => !/\.(running_mean|running_var|num_batches_tracked)$/.test(key))
    .reduce((sum, [, { data }]) => sum + data.length, 0);
}

/** What the pipeline has to know of the network's inputs and outputs. */
function shapeOf({
  classes,
  patch,
  sensei,
  name,
}: ModelConfiguration): Pick<ModelManifest, 'classes' | 'descriptors' | 'percentiles' | 'patch'> {
  if (classes !== sevenClasses.length) {
    throw new CheckpointRefused(
      `${name} has ${classes} classes; supported are models with the seven classes ${sevenClasses.join(', ')}. ` +
        'The order of the classes of other models is not certain.',
    );
  }
  const statistics = sensei.blocks.find((block) => block.type === 'GLOBAL_STATS');
  if (statistics === undefined) {
    throw new CheckpointRefused(
      `${sensei.name} has no GLOBAL_STATS block; such models are not supported.`,
    );
  }
  const { descriptors } = sensei;
  return { classes: sevenClasses, descriptors, percentiles: statistics.percentiles, patch };
}

async function writeFolder(
  folder: string,
  manifest: InstalledManifest,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  await mkdir(folder);
  for (const [name, bytes] of files) await writeSynced(join(folder, name), bytes);
  await writeSynced(join(folder, manifest.card), modelCard(manifest));
  await writeSynced(join(folder, 'model.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await syncFolder(folder);
  // What cannot be read back must not take its place.
  await readManifest(folder);
}

async function writeSynced(file: string, content: Uint8Array | string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function digestOfBytes(bytes: Uint8Array): Digest {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function assertGoing(signal: AbortSignal): void {
  if (signal.aborted) throw new Cancelled('The command was interrupted; no model was added.');
}
