/** The stages of one window, ours against the plain way, on one core. */
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { Quantiles } from '../../src/cloudmask/embedding/quantiles.ts';
import {
  EmbeddingKernel,
  type EmbeddingParameters,
} from '../../src/models/embedding/embedding-kernel.ts';
import { openSession } from '../../src/models/session.ts';
import type { Finding, Section } from './findings.ts';
import { measureInTurns, type Cost } from './measure.ts';
import { channels, classes, configuration, percentiles } from './official-architecture.ts';
import { unscaledGain } from './plain-graph.ts';
import { sortedQuantiles } from './plain-quantiles.ts';
import type { RandomModel } from './random-model.ts';
import type { SampleWindow } from './window.ts';

/** Largest difference of probabilities up to which both ways count as the same network. */
const sameUpTo = 1e-4;

const { patch } = configuration;
const plane = patch * patch;

export interface StagesRequest {
  readonly model: RandomModel;
  readonly window: SampleWindow;
  /** How often each way is measured. */
  readonly rounds: number;
}

/** Everything that both ways work on. */
interface Bench {
  readonly window: SampleWindow;
  readonly statistics: Float32Array<ArrayBuffer>;
  readonly quantiles: Quantiles;
  readonly kernel: EmbeddingKernel;
  readonly sensei: InferenceSession;
  readonly segmenter: InferenceSession;
  readonly plainEmbedding: InferenceSession;
  readonly plainSegmenter: InferenceSession;
  readonly plainNetwork: InferenceSession;
  readonly probabilities: { readonly ours: Result; readonly plain: Result };
  /** The gain before the scale of the BatchNorm. */
  readonly unscaled: (gain: Float32Array) => Float32Array<ArrayBuffer>;
}

type Result = Float32Array<ArrayBuffer>;

/** Measures all stages. Fails when the two ways do not come to the same probabilities. */
export async function measureStages(request: StagesRequest): Promise<Section> {
  const bench = await openBench(request);
  const { rounds } = request;
  const difference = await agree(bench);
  const parameters = await describe(bench);
  const network = await compareNetworks(bench, rounds);
  const embedding = await compareEmbeddings(bench, parameters, rounds);
  const quantiles = await compareQuantiles(bench, rounds);
  const window = await measureInTurns(
    { ours: () => ourWindow(bench), plain: () => plainWindow(bench) },
    rounds,
  );
  const frequency = parameters.frequency.reduce(
    (most, value) => Math.max(most, Math.abs(value)),
    0,
  );
  return {
    title: `Stages of one window: ${bench.window.bands} bands × ${patch}², one thread, medians of ${rounds}`,
    findings: [
      byRatio('network: decode head folded / plain', network, 0.6),
      byTime('embedding: kernel / ONNX operators', embedding, 0.08),
      byTime('quantiles: radix selection / sort', quantiles, 0.025),
      byRatio('whole window', window, 0.4),
    ],
    notes: [
      { name: 'largest difference of probabilities', value: difference.toExponential(1) },
      { name: 'largest frequency of the embedding', value: frequency.toFixed(1) },
    ],
  };
}

function open(file: string): Promise<InferenceSession> {
  return openSession(file, { device: 'cpu', threads: 1 });
}

async function openBench({ model, window }: StagesRequest): Promise<Bench> {
  return {
    window,
    statistics: new Float32Array(window.bands * percentiles.length),
    quantiles: new Quantiles(percentiles, plane),
    kernel: await EmbeddingKernel.create(patch, channels, window.bands),
    sensei: await open(model.ours('sensei')),
    segmenter: await open(model.ours('segmenter')),
    plainEmbedding: await open(model.plain('embedding')),
    plainSegmenter: await open(model.plain('segmenter')),
    plainNetwork: await open(model.plain('network')),
    probabilities: {
      ours: new Float32Array(classes.length * plane),
      plain: new Float32Array(classes.length * plane),
    },
    unscaled: (gain) => unscaledGain(gain, channels, model.tensors()),
  };
}

/** Largest difference between the two ways' probabilities of the window. */
async function agree(bench: Bench): Promise<number> {
  await ourWindow(bench);
  await plainWindow(bench);
  const { ours, plain } = bench.probabilities;
  const largest = ours.reduce((most, value, i) => {
    const difference = Math.abs(value - (plain[i] ?? NaN));
    return difference <= most ? most : difference;
  }, 0);
  if (largest <= sameUpTo) return largest;
  throw new Error(`The two ways differ by ${largest}: nothing can be compared.`);
}

function ourQuantiles({ quantiles, window, statistics }: Bench): void {
  for (let band = 0; band < window.bands; band++) {
    const values = window.values.subarray(band * plane, (band + 1) * plane);
    quantiles.compute(values, statistics, band * percentiles.length);
  }
}

function plainQuantiles({ window, statistics }: Bench): void {
  for (let band = 0; band < window.bands; band++) {
    const values = window.values.subarray(band * plane, (band + 1) * plane);
    statistics.set(sortedQuantiles(values, percentiles), band * percentiles.length);
  }
}

/** The descriptor network, which both ways share: a few thousand numbers. */
async function describe({ sensei, window, statistics }: Bench): Promise<EmbeddingParameters> {
  const { bands, descriptors } = window;
  const found = await sensei.run({
    descriptors: new Tensor('float32', descriptors, [bands, descriptors.length / bands]),
    statistics: new Tensor('float32', statistics, [bands, percentiles.length]),
  });
  const values = (name: string): Float32Array => found[name]?.data as Float32Array;
  return {
    frequency: values('frequency'),
    phase: values('phase'),
    gain: values('gain'),
    shift: values('shift'),
  };
}

async function ourWindow(bench: Bench): Promise<void> {
  ourQuantiles(bench);
  const parameters = await describe(bench);
  bench.kernel.embed(bench.window.values, parameters, bench.kernel.output);
  await segment(bench.segmenter, bench.kernel.output, bench.probabilities.ours);
}

async function plainWindow(bench: Bench): Promise<void> {
  plainQuantiles(bench);
  const feeds = plainFeeds(bench, await describe(bench));
  await bench.plainNetwork.run(feeds, resultInto(bench.probabilities.plain));
}

function plainFeeds({ window, unscaled }: Bench, parameters: EmbeddingParameters) {
  const { bands, values } = window;
  const row = (data: Float32Array): Tensor => new Tensor('float32', data, [bands, channels]);
  return {
    values: new Tensor('float32', values, [1, bands, patch, patch]),
    frequency: row(parameters.frequency),
    phase: row(parameters.phase),
    gain: row(unscaled(parameters.gain)),
  };
}

function resultInto(target: Result): Record<string, Tensor> {
  return { probabilities: new Tensor('float32', target, [1, classes.length, patch, patch]) };
}

async function segment(
  session: InferenceSession,
  embedding: Float32Array,
  target: Result,
): Promise<void> {
  const input = new Tensor('float32', embedding, [1, channels, patch, patch]);
  await session.run({ embedding: input }, resultInto(target));
}

type Costs = Record<'ours' | 'plain', Cost>;

function compareNetworks(bench: Bench, rounds: number): Promise<Costs> {
  const { segmenter, plainSegmenter, probabilities } = bench;
  // Not in the kernel's memory, so that it stays as it is.
  const embedding = bench.kernel.output.slice();
  return measureInTurns(
    {
      ours: () => segment(segmenter, embedding, probabilities.ours),
      plain: () => segment(plainSegmenter, embedding, probabilities.plain),
    },
    rounds,
  );
}

function compareEmbeddings(
  bench: Bench,
  parameters: EmbeddingParameters,
  rounds: number,
): Promise<Costs> {
  const { kernel, window, plainEmbedding } = bench;
  const feeds = plainFeeds(bench, parameters);
  const embedding = new Tensor('float32', new Float32Array(channels * plane), [
    1,
    channels,
    patch,
    patch,
  ]);
  const target = new Float32Array(channels * plane);
  return measureInTurns(
    {
      ours: () => kernel.embed(window.values, parameters, target),
      plain: async () => {
        await plainEmbedding.run(feeds, { embedding });
      },
    },
    3 * rounds,
  );
}

function compareQuantiles(bench: Bench, rounds: number): Promise<Costs> {
  return measureInTurns(
    { ours: () => ourQuantiles(bench), plain: () => plainQuantiles(bench) },
    3 * rounds,
  );
}

function byRatio(name: string, { ours, plain }: Costs, atMost: number): Finding {
  const ratio = ours.cpuSeconds / plain.cpuSeconds;
  return { name, ours, plain, ratio, target: `ratio ≤ ${atMost}`, isMet: ratio <= atMost };
}

function byTime(name: string, { ours, plain }: Costs, atMost: number): Finding {
  const ratio = ours.cpuSeconds / plain.cpuSeconds;
  const target = `≤ ${1000 * atMost} CPU-ms`;
  return { name, ours, plain, ratio, target, isMet: ours.cpuSeconds <= atMost };
}
