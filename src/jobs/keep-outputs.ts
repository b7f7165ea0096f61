/** What becomes of the files that a child hands over. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, sep } from 'node:path';
import type { Output, Outputs } from '../processes/process.ts';
import type { Storage } from '../storage/storage.ts';
import type { Results, StoredOutput } from './job.ts';

/** Outputs by id, in the order of the request. */
export type Chosen = readonly (readonly [id: string, output: Output])[];

/** The outputs that were asked for, their files checked: what was not asked for stays in scratch and goes with it. */
export async function handedOver(
  outputs: Outputs,
  wanted: readonly string[],
  directory: string,
): Promise<Chosen> {
  const chosen = wanted.flatMap((id): [string, Output][] => {
    const output = outputs[id];
    return output === undefined ? [] : [[id, output]];
  });
  const files = chosen.flatMap(([, output]) => (output.kind === 'file' ? [output.file] : []));
  for (const file of files) await assertOwnFile(file, directory);
  const names = files.map((file) => basename(file));
  if (new Set(names).size < names.length)
    throw new Error(`Two outputs have one file name: ${names.join(', ')}.`);
  return chosen;
}

/** Moves files into the store, below `keys`. */
export async function keepOutputs(
  outputs: Chosen,
  keys: string,
  storage: Storage,
): Promise<Results> {
  const kept: [string, StoredOutput][] = [];
  for (const [id, output] of outputs)
    kept.push([id, output.kind === 'value' ? output : await keepFile(output, keys, storage)]);
  return Object.fromEntries(kept);
}

async function keepFile(
  { file, mediaType }: Extract<Output, { kind: 'file' }>,
  keys: string,
  storage: Storage,
): Promise<StoredOutput> {
  return { kind: 'file', ...(await storage.put(`${keys}/${basename(file)}`, file, mediaType)) };
}

/** The child may only hand over plain files of its own folder, under plain names. */
async function assertOwnFile(file: string, directory: string): Promise<void> {
  const isPlain = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(basename(file));
  const isInside = (await realpath(file)).startsWith((await realpath(directory)) + sep);
  if (isPlain && isInside && (await lstat(file)).isFile()) return;
  throw new Error(`The child handed over ${file}, which is not a plain file below ${directory}.`);
}
