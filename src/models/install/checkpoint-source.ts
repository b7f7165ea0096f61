/** From `--from` and `--config` to a checkpoint and its configuration. Nothing is fetched here. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelUnusable } from '../../errors.ts';
import type { ModelConfiguration } from '../convert/configuration.ts';
import { readConfiguration } from '../convert/read-configuration.ts';
import type { KnownModel } from './known-models.ts';

export type CheckpointSource =
  { readonly kind: 'file'; readonly file: string } | { readonly kind: 'url'; readonly url: string };

/**
 * @param from absolute path of a file or a folder, or an address; undefined takes the known model's
 * @throws ModelUnusable saying what was looked for.
 */
export async function findSource(
  from: string | undefined,
  known: KnownModel | undefined,
): Promise<CheckpointSource> {
  if (from === undefined && known === undefined) {
    throw new ModelUnusable(
      'This id is not one of the models that can be added by name. Give its checkpoint with --from <file, folder or url>.',
    );
  }
  if (from === undefined || isUrl(from)) return urlSource(from ?? known?.url ?? '');
  const found = await stat(from).catch((error: NodeJS.ErrnoException) => {
    throw new ModelUnusable(`--from: ${from} cannot be read (${error.code}).`, { cause: error });
  });
  return { kind: 'file', file: found.isDirectory() ? await checkpointIn(from) : from };
}

/** True for what is an address and no path. */
export function isUrl(from: string): boolean {
  return /^https?:\/\//i.test(from);
}

function urlSource(url: string): CheckpointSource {
  if (!URL.canParse(url)) throw new ModelUnusable(`--from: "${url}" is no address.`);
  const { username, password } = new URL(url);
  if (username !== '' || password !== '') {
    throw new ModelUnusable('--from: an address with a user or a password is not accepted.');
  }
  return { kind: 'url', url };
}

async function checkpointIn(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /\.pth?$/.test(name));
  const name = names.includes('weights.pt') ? 'weights.pt' : names[0];
  if (name === undefined) throw new ModelUnusable(`--from: ${folder} has no file *.pt.`);
  if (name !== 'weights.pt' && names.length > 1) {
    throw new ModelUnusable(
      `--from: ${folder} has several checkpoints (${names.join(', ')}): name one.`,
    );
  }
  return join(folder, name);
}

/**
 * The configuration that was named, or else the one beside the checkpoint, or else the known model's.
 * @throws ModelUnusable when there is none, or when it cannot be used.
 */
export async function findConfiguration(
  source: CheckpointSource,
  config: string | undefined,
  known: KnownModel | undefined,
): Promise<ModelConfiguration> {
  if (config !== undefined) return readConfiguration(config);
  const beside = source.kind === 'file' ? join(dirname(source.file), 'config.yaml') : undefined;
  if (beside !== undefined && (await exists(beside))) return readConfiguration(beside);
  if (known !== undefined) return known.configuration;
  throw new ModelUnusable(
    'The checkpoint needs its configuration: give it with --config <config.yaml>, or put config.yaml and the SEnSeIv2 file beside the checkpoint.',
  );
}

async function exists(file: string): Promise<boolean> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found !== undefined;
}
