/** `models add | list | verify | use | remove`: the models below MODELS_DIR. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig, type Config } from '../config/config.ts';
import { writeDefaultModel } from '../config/default-model.ts';
import { invocationFolder } from '../config/invocation-folder.ts';
import { ModelUnusable } from '../errors.ts';
import { convertCheckpoint } from '../models/convert/convert.ts';
import { addModel } from '../models/install/add-model.ts';
import { isUrl } from '../models/install/checkpoint-source.ts';
import {
  installedIds,
  installedModels,
  type InstalledManifest,
} from '../models/install/installed-models.ts';
import { knownModels } from '../models/install/known-models.ts';
import { ModelPlace } from '../models/install/model-place.ts';
import { processingLevel } from '../models/manifest.ts';
import { openModelFolder } from '../models/model-folder.ts';
import { version } from '../version.ts';
import { downloadBar } from './download-bar.ts';
import { modelsJson, modelsTable } from './models-table.ts';
import { UsageError } from './usage-error.ts';

const modelsHelp = `Usage: npm run models -- <command>

  add <id> [options]     adds a model from a PyTorch checkpoint
  list [--json]          the models that there are; * marks the one in use
  verify [<id>]          checks size and SHA-256 of a model's files, or of all
  use <id>               makes a model the default (the setting MODEL wins over it)
  remove <id>            removes a model that is not in use

  --from <path or url>   add: the checkpoint, a folder that holds it, or its address
  --config <config.yaml> add: the model's configuration, with the SEnSeIv2 file beside it
                         (default: config.yaml beside the checkpoint)
  --licence <name>       add: licence of the weights, noted in model.json
  --trained-on <levels>  add: processing levels of the products that it learned from, as in L1 or
                         L1C,L2A; results of others say that they are outside its training
  --force                add: replaces a model of the same id
  --help                 prints this

Known by name, with their address, checksum and configuration:
${knownModels.map(({ id, licence, bytes }) => `  ${id} (${licence}, ${(bytes / 1e6).toFixed(0)} MB)`).join('\n')}

Models lie below MODELS_DIR. An interrupted download goes on when the command is repeated.
`;

type Given = ReturnType<typeof parse>;

/** Exit code 1 without a message: the output has said what is wrong. */
type Answer = Promise<boolean>;

const commands: ReadonlyMap<string, (given: Given, config: Config) => Answer> = new Map([
  ['add', add],
  ['list', list],
  ['verify', verify],
  ['use', use],
  ['remove', remove],
]);

/**
 * Runs the command. Relative paths are relative to the folder in which it was typed.
 * @throws UsageError for arguments that make no sense; faults of models rise.
 */
export async function modelsCommand(args: readonly string[]): Promise<void> {
  const given = parse(args);
  if (given.values.help === true) {
    process.stdout.write(modelsHelp);
    return;
  }
  const name = given.positionals[0];
  const command = commands.get(name ?? '');
  if (command === undefined) {
    const found = name === undefined ? 'models needs a command.' : `There is no command "${name}".`;
    throw new UsageError(found, modelsHelp);
  }
  if (!(await command(given, readConfig()))) process.exitCode = 1;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        config: { type: 'string' },
        licence: { type: 'string' },
        'trained-on': { type: 'string' },
        force: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), modelsHelp);
  }
}

type Option = Exclude<keyof Given['values'], 'help'>;

/** The one id of a command; other arguments than `options` are faults, never ignored. */
function idOf(given: Given, options: readonly Option[], isNeeded = true): string | undefined {
  const [name, id, ...rest] = given.positionals;
  const extra = Object.keys(given.values).filter((key) => !options.includes(key as Option));
  const stranger = rest[0] ?? (extra[0] === undefined ? undefined : `--${extra[0]}`);
  if (stranger !== undefined)
    throw new UsageError(`${name} does not take ${stranger}.`, modelsHelp);
  if (isNeeded && id === undefined) throw new UsageError(`${name} needs an id.`, modelsHelp);
  return id;
}

async function add(given: Given, config: Config): Answer {
  const id = idOf(given, ['from', 'config', 'licence', 'trained-on', 'force']) ?? '';
  const { from, config: configuration, licence, force } = given.values;
  const trainedOn = levelsOf(given.values['trained-on']);
  const folder = invocationFolder();
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const bar = downloadBar();
  try {
    const manifest = await addModel({
      id,
      modelsDirectory: config.modelsDirectory,
      from: from === undefined || isUrl(from) ? from : resolve(folder, from),
      config: configuration === undefined ? undefined : resolve(folder, configuration),
      licence,
      trainedOn,
      isForced: force === true,
      createdBy: `senseiv2-cloudmask-server ${version}, conversion of a checkpoint to ONNX`,
      convert: convertCheckpoint,
      signal: interrupt.signal,
      progress: bar.update,
      notice: bar.notice,
      stage: bar.stage,
    });
    bar.stop();
    process.stdout.write(report(manifest, config));
    return true;
  } finally {
    bar.stop();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** The levels that `--trained-on` names. */
function levelsOf(text: string | undefined): readonly string[] | undefined {
  const levels = text?.split(',');
  const strange = levels?.find((level) => !processingLevel.test(level));
  if (strange === undefined) return levels;
  throw new UsageError(
    `--trained-on has the level "${strange}"; accepted are levels like L1, L1C or L2A, with commas between them.`,
    modelsHelp,
  );
}

/** Longest list of ignored keys on the terminal; `model.json` has all. */
const shownKeys = 100;

function report(manifest: InstalledManifest, config: Config): string {
  const { id, architecture, checkpoint, ignored_keys: ignored } = manifest;
  const files = Object.entries(manifest.files).map(
    ([name, { bytes }]) => `${name} (${bytes.toLocaleString('en')} bytes)`,
  );
  const lines = [
    `${id} is in ${resolve(config.modelsDirectory, id)}`,
    `  architecture  ${architecture.sensei} + ${architecture.segmenter}`,
    `  parameters    ${manifest.parameters.toLocaleString('en')}`,
    `  checkpoint    ${checkpoint.bytes.toLocaleString('en')} bytes, SHA-256 ${checkpoint.sha256}`,
    `  files         ${files.join(', ')}`,
    `  licence       ${manifest.licence}`,
    ...ignoredLines(ignored),
    `Use it with: npm run models -- use ${id}`,
  ];
  return `${lines.join('\n')}\n`;
}

function ignoredLines(ignored: readonly string[]): string[] {
  if (ignored.length === 0) return [];
  const more = ignored.length - shownKeys;
  return [
    `  ignored       ${ignored.length} keys that only training used:`,
    ...ignored.slice(0, shownKeys).map((key) => `                ${key}`),
    ...(more > 0 ? [`                and ${more} more, listed in model.json`] : []),
  ];
}

async function list(given: Given, config: Config): Answer {
  const stranger = idOf(given, ['json'], false);
  if (stranger !== undefined) throw new UsageError('list takes no id.', modelsHelp);
  const models = await installedModels(config.modelsDirectory);
  const text = given.values.json === true ? modelsJson : modelsTable;
  process.stdout.write(text(models, config));
  return true;
}

async function verify(given: Given, config: Config): Answer {
  const id = idOf(given, [], false);
  const ids = id === undefined ? await installedIds(config.modelsDirectory) : [id];
  if (ids.length === 0) {
    throw new ModelUnusable(`There is no model in MODELS_DIR ${config.modelsDirectory}.`);
  }
  let isSound = true;
  for (const each of ids) {
    try {
      await openModelFolder(config.modelsDirectory, each);
      process.stdout.write(`${each}: all files are as model.json says\n`);
    } catch (error) {
      if (!(error instanceof ModelUnusable)) throw error;
      isSound = false;
      process.stderr.write(`${each}: ${error.message}\n`);
    }
  }
  return isSound;
}

async function use(given: Given, config: Config): Answer {
  const id = idOf(given, []) ?? '';
  await openModelFolder(config.modelsDirectory, id);
  await writeDefaultModel(config.modelsDirectory, id);
  process.stdout.write(`${id} is the default model. A running server takes it after a restart.\n`);
  const { modelId } = readConfig();
  if (modelId !== id) {
    process.stderr.write(`The setting MODEL is ${modelId}, and wins as long as it is set.\n`);
  }
  return true;
}

async function remove(given: Given, config: Config): Answer {
  const id = idOf(given, []) ?? '';
  const ids = await installedIds(config.modelsDirectory);
  if (!ids.includes(id)) {
    const there = ids.join(', ') || 'none';
    throw new ModelUnusable(
      `There is no model "${id}" in ${config.modelsDirectory}. Models there: ${there}.`,
    );
  }
  if (id === config.modelId) {
    throw new ModelUnusable(
      `The model "${id}" is in use. Choose another one first: npm run models -- use <id>, or set MODEL.`,
    );
  }
  const place = new ModelPlace(config.modelsDirectory, id);
  await place.locked(() => place.remove());
  process.stdout.write(`${id} is removed.\n`);
  return true;
}
