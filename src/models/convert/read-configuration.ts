/** Reads `config.yaml` and the SEnSeIv2 file that it names, and refuses what the graph builder cannot build. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { parseDocument } from 'yaml';
import { ModelUnusable } from '../../errors.ts';
import type { ModelConfiguration, SenseiConfiguration } from './configuration.ts';
import { Fields } from './configuration-fields.ts';
import { readBlocks } from './sensei-blocks.ts';

const maxBytes = 2 ** 20;

/**
 * @param path `config.yaml`, or the folder that holds it; the SEnSeIv2 file has to lie beside it
 * @throws ModelUnusable naming the file and every fault.
 */
export async function readConfiguration(path: string): Promise<ModelConfiguration> {
  const file = (await isFolder(path)) ? join(path, 'config.yaml') : path;
  const { found, faults } = await readYaml(file);
  const fields = new Fields(found, faults);
  fields.only('MODEL_TYPE', 'Segformer');
  fields.only('MULTIMODAL', false);
  fields.only('NUM_CHANNELS', null);
  const general = {
    name: fields.text('NAME', /^\S.{0,199}$/u, 'a name'),
    patch: fields.integer('PATCH_SIZE', 32, 4096),
    classes: fields.integer('CLASSES', 2, 256),
    segmenter: fields.text('SEGFORMER_CONFIG', /^nvidia\/mit-b[0-5]$/, 'nvidia/mit-b0 to -b5'),
  };
  if (general.patch % 32 !== 0) faults.push('PATCH_SIZE has to be a multiple of 32');
  const named = fields.text('SEnSeIv2', /\.ya?ml$/, 'the name of a YAML file');
  refuse(file, faults);
  // Upstream writes a path of its own machine: only the last part means anything here.
  const sensei = await readSensei(join(dirname(file), basename(named.replaceAll('\\', '/'))));
  return { ...general, sensei };
}

async function readSensei(file: string): Promise<SenseiConfiguration> {
  const { found, faults } = await readYaml(file);
  const fields = new Fields(found, faults);
  const descriptors = fields.inside('descriptors');
  const style = descriptors.only('style', 'SEnSeIv2');
  const embeddings = descriptors.integer('N_embeddings', 1, 512);
  const size = descriptors.integer('final_size', 1, 4096);
  // Two wavelengths, then ten flags.
  if (size !== 2 * embeddings + 10) {
    faults.push(`descriptors.final_size has to be 2 · N_embeddings + 10, ${2 * embeddings + 10}`);
  }
  const blocks = readBlocks(fields);
  refuse(file, faults);
  const name = basename(file, extname(file));
  return { name, descriptors: { style, embeddings, size }, blocks };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function readYaml(file: string): Promise<{ found: unknown; faults: string[] }> {
  const text = await readText(file);
  // Version 1.2's core schema: no tag makes anything but plain data, and anchors cannot multiply.
  const document = parseDocument(text, { schema: 'core', merge: false, customTags: [] });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault != null) throw new ModelUnusable(`${file} is no YAML: ${fault.message}`);
  try {
    return { found: document.toJS({ maxAliasCount: 10, mapAsMap: true }) as unknown, faults: [] };
  } catch (error) {
    throw new ModelUnusable(`${file} has too many aliases.`, { cause: error });
  }
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) throw new ModelUnusable(`${file} has ${size} bytes: no configuration.`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof ModelUnusable) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ModelUnusable(
      `${file} cannot be read (${code}). A checkpoint needs its config.yaml and, beside it, the SEnSeIv2 file that it names.`,
      { cause: error },
    );
  }
}

function refuse(file: string, faults: readonly string[]): void {
  if (faults.length > 0) throw new ModelUnusable(`${file} cannot be used: ${faults.join('; ')}.`);
}
