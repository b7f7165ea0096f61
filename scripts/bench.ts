/**
 * `npm run bench`: what each stage and the whole cost, ours and the plain way in one run. Figures of different machines
 * or days say little; ratios measured in one run say something.
 */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { printable, type Section } from './bench/findings.ts';
import { measureBusy } from './bench/busy.ts';
import { describeMachine, machineText } from './bench/machine.ts';
import { besideOthers } from './bench/other-programs.ts';
import { measureLoad } from './bench/load.ts';
import { measurePipeline } from './bench/pipeline.ts';
import { randomModel, randomModelId } from './bench/random-model.ts';
import { benchScene, writeScene, type BenchScene } from './bench/scenes.ts';
import { measureScaling } from './bench/scaling.ts';
import { measureStages } from './bench/stages.ts';
import { limitBytes, measureTile } from './bench/tile.ts';
import { sampleWindow } from './bench/window.ts';

const help = `Usage: npm run bench [-- <part> …] [options]

Measures this machine, ours against the plain way in the same run, and prints CPU seconds, wall seconds and ratios.
The networks have the official architecture (SEnSeIv2-medium with MiT-B2) and random weights.

Parts (default: all):
  stages        network, embedding, quantiles and the whole window on one core
  pipeline      windows a second from JPEG 2000 to COG, against the segmenter alone
  tile          a tile of 10,980 × 10,980 pixels under a limit of 2 GB; also with the starter model
  load          requests a second beside a bare HTTP server, with 5,000 and with 100,000 stored jobs
  scaling       jobs a second of one, two and four workers on PostgreSQL, what a job costs beside its child, wake-ups
  busy          latency of the API while jobs run, on SQLite and on PostgreSQL with two servers
  scene <folder> <n>
                measures nothing: writes a synthetic product of n × n copies of a landscape

Options:
  --model <id>  pipeline and tile with this model of MODELS_DIR only
  --quick       fewer repetitions, a smaller pipeline scene, and a tile of 3,294 × 3,294 pixels
  --json        prints one document instead of tables
  --help        prints this

Scenes and networks are kept in data/bench. Ends with 0 if everything was measured.
`;

const project = path.resolve(import.meta.dirname, '..');
const folder = path.join(project, 'data', 'bench');
const starterModelId = 'starter-v1';

interface Options {
  readonly parts: readonly string[];
  readonly model: string | undefined;
  readonly isQuick: boolean;
  readonly isJson: boolean;
}

/** A model and the folder that it is in. */
interface ChosenModel {
  readonly modelsDirectory: string;
  readonly modelId: string;
}

/** Progress goes to stderr: stdout is for results. */
const tell = (message: string): void => void process.stderr.write(`${message}\n`);

type Measurement = () => Promise<Section>;

/** What each part measures, one after the other. */
const parts: Readonly<Record<string, (options: Options) => Promise<Measurement[]>>> = {
  stages: async ({ isQuick }) => {
    const { folder: product } = await scene(1);
    const [model, window] = [await networks(), await sampleWindow(product, 300)];
    return [() => noted(() => measureStages({ model, window, rounds: isQuick ? 3 : 9 }))];
  },
  pipeline: async (options) => {
    const { folder: product } = await scene(options.isQuick ? 2 : 3);
    const [model] = await chosenModels(options);
    // With a core to spare nothing may hold the segmenter up; with none it shares its cores with decoding.
    const cores = availableParallelism();
    const request = { ...model, product, folder };
    const threads = [...new Set([Math.max(1, cores - 1), cores])];
    return (options.isQuick ? [512] : [512, 384, 256])
      .flatMap((stride) => threads.map((count) => ({ ...request, stride, threads: count })))
      .map((one) => () => noted(() => measurePipeline(one)));
  },
  load: async ({ isQuick }) => {
    const jobs = { few: 5000, many: 100_000 };
    const request = { folder, jobs, rounds: isQuick ? 1 : 5, seconds: isQuick ? 3 : 5 };
    return [() => noted(() => measureLoad(request))];
  },
  scaling: async ({ isQuick }) => {
    const { folder: product } = await scene(1);
    return [() => measureScaling({ folder, product, isQuick })];
  },
  busy: async ({ isQuick }) => {
    const { folder: product } = await scene(1);
    return [() => measureBusy({ folder, product, seconds: isQuick ? 5 : 30 })];
  },
  tile: async (options) => {
    const tile = await scene(options.isQuick ? 3 : 10);
    const models = await chosenModels(options);
    return models.map((model) => () => measureTile({ ...model, scene: tile, folder }));
  },
};

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === undefined) return;
  await mkdir(folder, { recursive: true });
  const machine = describeMachine();
  if (!options.isJson) process.stdout.write(machineText(machine));
  const sections: Section[] = [];
  for (const [name, measurements] of Object.entries(parts)) {
    if (!options.parts.includes(name)) continue;
    tell(`Measuring: ${name} …`);
    for (const measurement of await measurements(options)) {
      const section = await measurement().catch(fail);
      if (section === undefined) continue;
      sections.push(section);
      if (!options.isJson) process.stdout.write(printable(section));
    }
  }
  if (options.isJson) process.stdout.write(`${JSON.stringify({ machine, sections }, null, 2)}\n`);
}

/** What could not be measured does not keep the rest from it, but the exit code tells. */
function fail(error: unknown): undefined {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** Undefined when there is nothing more to do. */
function readOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return undefined;
  }
  const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}".\n\n${help}`);
  return {
    parts: positionals.length === 0 ? Object.keys(parts) : positionals,
    model: values.model,
    isQuick: values.quick,
    isJson: values.json,
  };
}

/** A section with a note on how quiet the machine was. */
async function noted(measured: () => Promise<Section>): Promise<Section> {
  const { result, note } = await besideOthers(measured);
  return { ...result, notes: [...result.notes, note] };
}

function scene(repeat: number): Promise<BenchScene> {
  return benchScene({ folder, repeat, limitBytes, tell });
}

function networks() {
  return randomModel(path.join(folder, 'networks'), tell);
}

/** The first is that of the official architecture, unless the user chose another. */
async function chosenModels({ model }: Options): Promise<[ChosenModel, ...ChosenModel[]]> {
  const modelsDirectory = process.env['MODELS_DIR'] || path.join(project, 'models');
  if (model !== undefined && model !== randomModelId) return [{ modelsDirectory, modelId: model }];
  const random = { modelsDirectory: (await networks()).modelsDirectory, modelId: randomModelId };
  return model === randomModelId
    ? [random]
    : [random, { modelsDirectory, modelId: starterModelId }];
}

const [first, place, repeat] = process.argv.slice(2);
try {
  if (first === 'scene' && place != null) await writeScene(path.resolve(place), Number(repeat));
  else await main(process.argv.slice(2));
} catch (error) {
  fail(error);
}
