/** `mask <product> <out.tif>`: the pipeline without a server. */
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { makeCloudMask, type CloudMaskResult } from '../cloudmask/cloudmask.ts';
import type { MaskParameters, Statistics } from '../cloudmask/output/statistics.ts';
import { styles, type OutputStyle } from '../cloudmask/postprocess/styles.ts';
import { readConfig, type Config } from '../config/config.ts';
import { invocationFolder } from '../config/invocation-folder.ts';
import { deviceChoices, type DeviceChoice } from '../models/device.ts';
import { loadOnnxModel } from '../models/onnx-model.ts';
import { UsageError } from './usage-error.ts';

const strides = [64, 128, 256, 384, 512] as const;
const styleNames = Object.keys(styles) as OutputStyle[];

const maskHelp = `Usage: npm run mask -- <product> <out.tif> [options]

Makes the cloud mask of a product, without a server. <product> is its folder, with or without .SAFE, or its metadata
file.

  --output-style <name>       ${styleNames.join(' | ')} (default 4-class)
  --stride <pixels>           ${strides.join(' | ')} (default 384); cost grows with 1/stride²
  --categorise <true|false>   true: one band of class values; false: percent, one band for each class
  --model <id>                a model below MODELS_DIR (default: MODEL)
  --device <name>             ${deviceChoices.join(' | ')} (default: MODEL_DEVICE)
  --json                      prints the statistics document instead of a summary
  --help                      prints this
`;

interface MaskOptions {
  readonly product: string;
  readonly target: string;
  readonly parameters: MaskParameters;
  readonly model: string;
  readonly device: DeviceChoice;
  readonly json: boolean;
}

/**
 * Runs the command. Relative paths are relative to the folder in which it was typed.
 * @throws UsageError for arguments that make no sense; what the pipeline throws rises.
 */
export async function maskCommand(args: readonly string[]): Promise<void> {
  const given = parse(args);
  if (given.values.help === true) {
    process.stdout.write(maskHelp);
    return;
  }
  const config = readConfig();
  const options = readOptions(given, config);
  const { statistics } = await runMask(options, config);
  if (options.json) process.stdout.write(`${JSON.stringify(statistics, null, 2)}\n`);
  else process.stdout.write(summary(options.target, statistics));
}

function readOptions(
  { values, positionals }: ReturnType<typeof parse>,
  config: Config,
): MaskOptions {
  const [product, target, ...rest] = positionals;
  if (product == null || target == null || rest.length > 0) {
    throw new UsageError('mask takes a product and the name of the result.', maskHelp);
  }
  if (!/\.tiff?$/i.test(target)) {
    throw new UsageError(
      `The result is called "${target}"; its name has to end in .tif.`,
      maskHelp,
    );
  }
  const folder = invocationFolder();
  return {
    product: resolve(folder, product),
    target: resolve(folder, target),
    parameters: {
      output_style: oneOf('--output-style', values['output-style'] ?? '4-class', styleNames),
      stride: oneOf('--stride', Number(values.stride ?? 384), strides),
      categorise: oneOf('--categorise', values.categorise ?? 'true', ['true', 'false']) === 'true',
    },
    device: oneOf('--device', values.device ?? config.modelDevice, deviceChoices),
    model: values.model ?? config.modelId,
    json: values.json === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'output-style': { type: 'string' },
        stride: { type: 'string' },
        categorise: { type: 'string' },
        model: { type: 'string' },
        device: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), maskHelp);
  }
}

function oneOf<T extends string | number>(
  option: string,
  found: string | number,
  accepted: readonly T[],
): T {
  const value = accepted.find((candidate) => candidate === found);
  if (value !== undefined) return value;
  throw new UsageError(`${option} is "${found}"; accepted: ${accepted.join(', ')}.`, maskHelp);
}

/** Works in a fresh folder beside the target, so that the result appears all at once or not at all. */
async function runMask(options: MaskOptions, config: Config): Promise<CloudMaskResult> {
  await mkdir(dirname(options.target), { recursive: true });
  const existing = await stat(options.target).catch(() => undefined);
  if (existing?.isDirectory() === true) {
    throw new UsageError(`${options.target} is a folder; the result needs a file name.`, maskHelp);
  }
  const directory = await mkdtemp(join(dirname(options.target), '.mask-'));
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const bar = progressBar();
  try {
    const model = await loadOnnxModel({
      modelsDirectory: config.modelsDirectory,
      modelId: options.model,
      threads: availableParallelism(),
      device: options.device,
    });
    if (model.warning !== undefined) process.stderr.write(`${model.warning}\n`);
    try {
      const { product, parameters } = options;
      const request = { product, parameters, directory, filesUrl: '.' };
      const result = await makeCloudMask(request, model, {
        signal: interrupt.signal,
        progress: (percent, message) => bar.update(percent, message),
      });
      await rename(join(directory, result.files.cloud_mask), options.target);
      return result;
    } finally {
      await model.close();
    }
  } finally {
    bar.stop();
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await rm(directory, { recursive: true, force: true });
  }
}

/** On a terminal only, and on stderr: stdout is for the result. */
function progressBar(): { update(percent: number, message: string): void; stop(): void } {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: '{bar} {percentage} %  {message}', hideCursor: true });
  bar.start(100, 0, { message: '' });
  return { update: (percent, message) => bar.update(percent, { message }), stop: () => bar.stop() };
}

function summary(target: string, statistics: Statistics): string {
  const shares = statistics.classes.map(
    ({ name, share }) => `  ${name.padEnd(14)} ${(100 * share).toFixed(2).padStart(6)} %`,
  );
  const { windows, seconds } = statistics;
  const lines = [
    `${basename(target)}: ${statistics.product}, model ${statistics.model.id}`,
    ...shares,
    `  ${windows.run} windows run, ${windows.skipped} skipped, ${seconds['total']} s, ` +
      `${statistics.peak_memory_mb} MB at most`,
    ...(statistics.warnings ?? []).map((warning) => `  Note: ${warning}`),
    target,
  ];
  return `${lines.join('\n')}\n`;
}
