/** The whole of `models add`: find the checkpoint, fetch it, check it, convert it, put the model in its place. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { DomainError, ModelUnusable } from '../../errors.ts';
import { isModel } from '../model-ids.ts';
import { findConfiguration, findSource, type CheckpointSource } from './checkpoint-source.ts';
import { assertDigest, digestOf, type Digest } from './digest.ts';
import { download, removePart, type DownloadRequest } from './download.ts';
import { installModel, type Installation } from './install-model.ts';
import type { InstalledManifest } from './installed-models.ts';
import { knownModels, type KnownModel } from './known-models.ts';
import { ModelPlace } from './model-place.ts';
import { shownUrl } from './shown-url.ts';

export interface AddRequest extends Pick<
  DownloadRequest,
  'signal' | 'progress' | 'notice' | 'idleMs' | 'retryDelaysMs'
> {
  readonly id: string;
  readonly modelsDirectory: string;
  /** Absolute path of a file or folder, or an address. */
  readonly from: string | undefined;
  /** Absolute path of a `config.yaml`. */
  readonly config: string | undefined;
  /** Of the weights; a known model has its own. */
  readonly licence: string | undefined;
  /** Processing levels that it learned from, undefined where nobody has said; a known model has its own. */
  readonly trainedOn: readonly string[] | undefined;
  /** Replaces a model of this id. */
  readonly isForced: boolean;
  /** Tells what is done now, where it takes a while. */
  readonly stage?: (message: string) => void;
  readonly createdBy: string;
  readonly convert: Installation['convert'];
  /** For tests. */
  readonly known?: readonly KnownModel[];
}

const maxBytes = 4 * 2 ** 30;

/**
 * Adds a model. Nothing half-made stays, whatever happens; a part of a download waits to be gone on with.
 * @throws ModelUnusable, CheckpointRefused or Cancelled, in words for the user.
 */
export async function addModel(request: AddRequest): Promise<InstalledManifest> {
  const place = new ModelPlace(request.modelsDirectory, request.id);
  const known = (request.known ?? knownModels).find(({ id }) => id === request.id);
  await assertFree(place, request.isForced);
  const source = await findSource(request.from, known);
  const configuration = await findConfiguration(source, request.config, known);
  try {
    await mkdir(request.modelsDirectory, { recursive: true });
    return await place.locked(async () => {
      await assertFree(place, request.isForced);
      const { checkpoint, digest } = await bring(request, place, source, known);
      request.stage?.('Reading and converting the checkpoint …');
      const manifest = await installModel({
        place,
        checkpoint,
        digest,
        configuration,
        title: known?.title ?? configuration.name,
        licence: known?.licence ?? request.licence ?? 'not stated',
        trainedOn: known?.trainedOn ?? request.trainedOn,
        source: sourceText(source, known),
        createdBy: request.createdBy,
        convert: request.convert,
        signal: request.signal,
      });
      await removePart(place.part);
      return manifest;
    });
  } catch (error) {
    throw inWords(error, request.modelsDirectory);
  }
}

async function assertFree(place: ModelPlace, isForced: boolean): Promise<void> {
  if (!existsSync(place.folder)) return;
  if (!(await isModel(place.folder))) {
    throw new ModelUnusable(`${place.folder} is there and is no model: choose another id.`);
  }
  if (isForced) return;
  throw new ModelUnusable(
    `There is already a model "${place.id}" in ${place.modelsDirectory}. With --force it is replaced.`,
  );
}

/** The checkpoint as a file on this machine; a known one is checked, whatever it came from. */
async function bring(
  request: AddRequest,
  place: ModelPlace,
  source: CheckpointSource,
  known: KnownModel | undefined,
): Promise<{ checkpoint: string; digest: Digest }> {
  if (source.kind === 'url') {
    const { signal, progress, notice, idleMs, retryDelaysMs } = request;
    await download({
      url: source.url,
      part: place.part,
      bytes: known?.bytes,
      maxBytes,
      signal,
      progress,
      notice,
      ...(idleMs !== undefined && { idleMs }),
      ...(retryDelaysMs !== undefined && { retryDelaysMs }),
    });
  }
  const checkpoint = source.kind === 'url' ? place.part : source.file;
  const digest = await digestOf(checkpoint, request.signal);
  try {
    if (known !== undefined) assertDigest(nameOf(source), digest, known);
  } catch (error) {
    if (source.kind === 'url') await removePart(place.part);
    throw error;
  }
  return { checkpoint, digest };
}

function nameOf(source: CheckpointSource): string {
  return source.kind === 'url' ? shownUrl(source.url) : source.file;
}

function sourceText(source: CheckpointSource, known: KnownModel | undefined): string {
  if (source.kind === 'url') return shownUrl(source.url);
  const file = `the file ${basename(source.file)}`;
  return known === undefined ? file : `${known.url} (from ${file}, checked)`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'there is no space left on the device',
  EDQUOT: 'the quota is used up',
  EACCES: 'the permission is missing',
  EPERM: 'the permission is missing',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'a part of the path is no folder',
};

/** Faults of the disk, for a person. */
function inWords(error: unknown, modelsDirectory: string): unknown {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (error instanceof DomainError || reason === undefined) return error;
  return new ModelUnusable(
    `The model cannot be written to MODELS_DIR ${modelsDirectory}: ${reason}.`,
    { cause: error },
  );
}
