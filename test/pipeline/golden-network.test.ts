/**
 * The engine against the reference implementation, stage by stage: descriptors → statistics → frequency,
 * phase, gain → embedding → logits → softmax, for the starter and for a random checkpoint of the official
 * architecture. Prints the largest difference of each stage.
 */
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  descriptorVector,
  type BandDescriptor,
} from '../../src/cloudmask/embedding/descriptors.ts';
import { Quantiles } from '../../src/cloudmask/embedding/quantiles.ts';
import { readCheckpoint } from '../../src/models/checkpoint/checkpoint.ts';
import { batchNorm } from '../../src/models/convert/batch-norm.ts';
import { readConfiguration } from '../../src/models/convert/read-configuration.ts';
import { buildSegmenter } from '../../src/models/convert/segmenter-graph.ts';
import { buildSensei } from '../../src/models/convert/sensei-graph.ts';
import { TensorSource } from '../../src/models/convert/tensor-source.ts';
import { EmbeddingKernel } from '../../src/models/embedding/embedding-kernel.ts';
import { readNpz, type NpyArray } from '../support/npz.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';

const patch = 512;
const plane = patch * patch;
const channels = 32;
const percentiles = [0.01, 0.1, 0.5, 0.9, 0.99];

interface GoldenDescriptor {
  readonly band_type: string;
  readonly min_wavelength: number;
  readonly max_wavelength: number;
}

/** Which bands of the inputs a case has: indices of `dn`, `thermal` 0 and 1 as 100 and 101, fill as −1. */
const cases: Readonly<
  Record<string, { bands: readonly number[]; offset?: number; corner?: true }>
> = {
  's2-l1c': { bands: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] },
  's2-l1c-offset': { bands: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], offset: -1000 },
  's2-l2a': { bands: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12] },
  'landsat-89': { bands: [0, 1, 2, 3, 8, 11, 12, 2, 10, 100, 101] },
  rgbn: { bands: [1, 2, 3, 7] },
  'shuffled-6': { bands: [11, 0, 10, 4, 3, 12] },
  'fill-3': { bands: [1, 2, 3, -1, -1] },
  'nodata-corner': { bands: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], corner: true },
};

const checkpoints = {
  'starter-v0': {
    file: 'models/starter-v0/starter-v0.pt',
    configuration: 'models/starter-v0',
    values: 4_134_405,
  },
  'b2-random': {
    file: 'reference/golden/b2-random.pt',
    configuration: 'reference',
    values: 27_815_365 + 1600,
  },
} as const;

function largest(ours: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(ours.length).toBe(expected.length);
  let most = 0;
  for (let i = 0; i < ours.length; i++) {
    const difference = Math.abs((ours[i] ?? NaN) - (expected[i] ?? NaN));
    if (!(difference <= most)) most = difference;
  }
  return most;
}

/** Every `step`-th row and column of `count` planes of `side²`. */
function every(step: number, values: Float32Array, count: number, side: number): Float32Array {
  const size = side / step;
  return Float32Array.from({ length: count * size * size }, (_, i) => {
    const [c, y, x] = [Math.floor(i / (size * size)), Math.floor(i / size) % size, i % size];
    return values[(c * side + y * step) * side + x * step]!;
  });
}

describeWithShared('reference/golden', 'the engine against the reference', () => {
  const table: string[] = [];
  let inputs: Record<string, NpyArray>;
  let descriptors: Record<string, GoldenDescriptor[]>;
  beforeAll(() => {
    inputs = readNpz(sharedPath('reference/golden/inputs.npz'));
    const text = readFileSync(sharedPath('reference/golden/descriptors.json'), 'utf8');
    descriptors = JSON.parse(text) as Record<string, GoldenDescriptor[]>;
  });
  afterAll(() => {
    process.stdout.write(`\nlargest differences to the reference\n${table.join('\n')}\n`);
  });

  function valuesOf(name: string): Float32Array<ArrayBuffer> {
    const { bands, offset = 0, corner } = cases[name]!;
    const values = new Float32Array(bands.length * plane);
    for (const [index, band] of bands.entries()) {
      const source = band >= 100 ? inputs['thermal']! : inputs['dn']!;
      const from = (band % 100) * plane;
      for (let pixel = 0; pixel < plane; pixel++) {
        const isOutside = corner && Math.floor(pixel / patch) + (pixel % patch) < 400;
        const value = band < 0 ? -0.5 : (source.data[from + pixel]! + offset) / 10_000;
        values[index * plane + pixel] = isOutside ? 0 : value;
      }
    }
    return values;
  }

  for (const [checkpoint, { file, configuration, values: valueCount }] of Object.entries(
    checkpoints,
  )) {
    let sensei: InferenceSession;
    let segmenter: InferenceSession;
    let scale: Float64Array;
    let kernel: EmbeddingKernel;

    it(`reads, builds and loads ${checkpoint}`, async () => {
      const { tensors } = await readCheckpoint(sharedPath(file));
      const settings = await readConfiguration(sharedPath(configuration, 'config.yaml'));
      const source = new TensorSource(tensors);
      const graph = buildSensei(settings.sensei, source).encode();
      const options = { ...settings, channels, batch: 1, withLogits: true };
      sensei = await InferenceSession.create(graph);
      segmenter = await InferenceSession.create(buildSegmenter(options, source).encode(), {
        enableMemPattern: false,
      });
      source.finish();
      // Parameters, and the running statistics of both BatchNorms.
      expect(source.parameters).toBe(valueCount);
      scale = batchNorm(source, 'senseiv2.blocks.3.norm', channels).scale;
      kernel = await EmbeddingKernel.create(patch, channels, 16);
    });

    it.each(Object.keys(cases))(`${checkpoint} equals the reference for %s`, async (name) => {
      const golden = readNpz(sharedPath(`reference/golden/window-${checkpoint}-${name}.npz`));
      const expected = (key: string): NpyArray['data'] => golden[key]!.data;
      const { bands } = cases[name]!;
      const values = valuesOf(name);
      const differences: Record<string, number> = {};

      const described = new Float32Array(bands.length * 74);
      for (const [i, band] of descriptors[name]!.entries()) {
        const descriptor: BandDescriptor = {
          kind: band.band_type as BandDescriptor['kind'],
          minimum: band.min_wavelength,
          maximum: band.max_wavelength,
        };
        // A fill band is all zeros; no product of ours has one.
        if (bands[i]! >= 0) described.set(descriptorVector(descriptor, 32, 74), i * 74);
      }
      differences['descriptors'] = largest(described, expected('descriptors'));

      const statistics = new Float32Array(bands.length * 5);
      const quantiles = new Quantiles(percentiles, plane);
      for (const i of bands.keys()) {
        quantiles.compute(values.subarray(i * plane, (i + 1) * plane), statistics, i * 5);
      }
      differences['statistics'] = largest(statistics, expected('statistics'));

      const found = await sensei.run({
        descriptors: new Tensor('float32', described, [bands.length, 74]),
        statistics: new Tensor('float32', statistics, [bands.length, 5]),
      });
      const output = (key: string): Float32Array => found[key]!.data as Float32Array;
      differences['frequency'] = largest(output('frequency'), expected('frequency'));
      differences['phase'] = largest(output('phase'), expected('phase_offset'));
      const unfolded = output('gain').map((gain, i) => gain / scale[i % channels]!);
      differences['gain'] = largest(unfolded, expected('gain'));

      const embedding = new Float32Array(channels * plane);
      kernel.embed(
        values,
        {
          frequency: output('frequency'),
          phase: output('phase'),
          gain: output('gain'),
          shift: output('shift'),
        },
        embedding,
      );
      const every8th = every(8, embedding, channels, patch);
      differences['embedding'] = largest(every8th, expected('embedding_every_8th'));

      const results = await segmenter.run({
        embedding: new Tensor('float32', embedding, [1, channels, patch, patch]),
      });
      const probabilities = results['probabilities']!.data as Float32Array;
      differences['logits'] = largest(results['logits']!.data as Float32Array, expected('logits'));
      differences['softmax'] = largest(
        every(4, probabilities, 7, patch),
        expected('probabilities_every_4th'),
      );
      const equal = expected('classes').filter((value, pixel) => {
        let best = 0;
        for (let c = 1; c < 7; c++) {
          if (probabilities[c * plane + pixel]! > probabilities[best * plane + pixel]!) best = c;
        }
        return best === value;
      }).length;
      const shown = Object.entries(differences).map(([k, v]) => `${k} ${v.toExponential(1)}`);
      table.push(
        `${checkpoint} ${name}: ${shown.join('  ')}  classes ${(equal / plane).toFixed(6)}`,
      );

      expect(differences['descriptors']).toBeLessThan(2e-7);
      expect(differences['statistics']).toBe(0);
      expect(differences['softmax']).toBeLessThan(1e-4);
      expect(equal / plane).toBeGreaterThanOrEqual(0.9999);
    });
  }
});
