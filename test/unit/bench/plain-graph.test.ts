/** The plain way has to be the same network: otherwise its cost says nothing. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { channels, configuration } from '../../../scripts/bench/official-architecture.ts';
import {
  plainEmbedding,
  plainNetwork,
  plainSegmenter,
  unscaledGain,
  type PlainOptions,
} from '../../../scripts/bench/plain-graph.ts';
import { sortedQuantiles } from '../../../scripts/bench/plain-quantiles.ts';
import { RandomTensors } from '../../../scripts/bench/random-tensors.ts';
import { Quantiles } from '../../../src/cloudmask/embedding/quantiles.ts';
import { buildSegmenter } from '../../../src/models/convert/segmenter-graph.ts';
import { buildSensei } from '../../../src/models/convert/sensei-graph.ts';
import type { Graph } from '../../../src/models/convert/graph.ts';
import { EmbeddingKernel } from '../../../src/models/embedding/embedding-kernel.ts';
import { random } from '../../support/random.ts';

const patch = 64;
const plane = patch * patch;
const bands = 4;
const classes = 7;
const options: PlainOptions = { segmenter: 'mit-b0', patch, bands, channels, classes };
const seed = 3;

type Values = Record<string, Float32Array>;

async function run(
  graph: Graph,
  inputs: Record<string, [Float32Array, number[]]>,
): Promise<Values> {
  const session = await InferenceSession.create(graph.encode());
  const feeds = Object.entries(inputs).map(
    ([name, [data, shape]]) => [name, new Tensor('float32', data, shape)] as const,
  );
  const found = await session.run(Object.fromEntries(feeds));
  return Object.fromEntries(
    Object.entries(found).map(([name, { data }]) => [name, data as Float32Array]),
  );
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('the plain graphs', () => {
  it('come to the embedding and the probabilities of ours', async () => {
    const next = random(1);
    const numbers = (length: number) => Float32Array.from({ length }, next);
    const values = numbers(bands * plane);
    const described = await run(buildSensei(configuration.sensei, new RandomTensors(seed)), {
      descriptors: [numbers(bands * 74), [bands, 74]],
      statistics: [numbers(bands * 5), [bands, 5]],
    });
    const { frequency, phase, gain, shift } = described as Record<
      'frequency' | 'phase' | 'gain' | 'shift',
      Float32Array
    >;
    const kernel = await EmbeddingKernel.create(patch, channels, bands);
    kernel.embed(values, { frequency, phase, gain, shift }, kernel.output);
    const embedding: [Float32Array, number[]] = [kernel.output, [1, channels, patch, patch]];
    const ours = await run(buildSegmenter({ ...options, batch: 1 }, new RandomTensors(seed)), {
      embedding,
    });

    // Other sources with the same seed: the weights depend on their names only.
    const plainGain = unscaledGain(gain, channels, new RandomTensors(seed));
    const inputs: Record<string, [Float32Array, number[]]> = {
      values: [values, [1, bands, patch, patch]],
      frequency: [frequency, [bands, channels]],
      phase: [phase, [bands, channels]],
      gain: [plainGain, [bands, channels]],
    };
    const embedded = await run(plainEmbedding(options, new RandomTensors(seed)), inputs);
    expect(largestDifference(embedded['embedding']!, kernel.output)).toBeLessThan(1e-5);
    const expected = ours['probabilities']!;
    const segmented = await run(plainSegmenter(options, new RandomTensors(seed)), { embedding });
    expect(largestDifference(segmented['probabilities']!, expected)).toBeLessThan(1e-5);
    const whole = await run(plainNetwork(options, new RandomTensors(seed)), inputs);
    expect(largestDifference(whole['probabilities']!, expected)).toBeLessThan(1e-4);
    expect(Math.max(...expected)).toBeGreaterThan(0.3);
  });
});

describe('sortedQuantiles', () => {
  it('equals the selection', () => {
    const values = Float32Array.from({ length: 1001 }, random(2));
    const positions = [0, 0.01, 0.1, 0.5, 0.9, 0.99, 1];
    const selected = new Float32Array(positions.length);
    new Quantiles(positions, values.length).compute(values, selected, 0);
    expect(largestDifference(sortedQuantiles(values, positions), selected)).toBeLessThan(1e-7);
  });
});
