/** Architectures that no checkpoint was made for: built from their name alone, against the plain formulas. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { CheckpointRefused } from '../../../../src/errors.ts';
import { mixTransformer } from '../../../../src/models/convert/mix-transformer.ts';
import { buildSegmenter } from '../../../../src/models/convert/segmenter-graph.ts';
import { plainSegformer } from '../../../support/plain-segformer.ts';
import { random } from '../../../support/random.ts';
import { RandomTensors } from '../../../../scripts/bench/random-tensors.ts';

const patch = 64;
const channels = 32;
const classes = 7;

describe('buildSegmenter', () => {
  it.each(['nvidia/mit-b0', 'nvidia/mit-b1', 'nvidia/mit-b3'])(
    'equals the plain formulas for %s',
    async (segmenter) => {
      const tensors = new RandomTensors(11);
      const options = { segmenter, patch, channels, classes, batch: 1 };
      const session = await InferenceSession.create(buildSegmenter(options, tensors).encode());
      const next = random(5);
      const input = Float32Array.from({ length: channels * patch * patch }, () => 2 * next() - 1);
      const { probabilities } = await session.run({
        embedding: new Tensor('float32', input, [1, channels, patch, patch]),
      });
      const expected = plainSegformer(input, patch, mixTransformer(segmenter), (name) => {
        const tensor = tensors.made.get(name);
        if (tensor === undefined) throw new Error(`The graph did not ask for ${name}.`);
        return tensor.data;
      });
      const found = probabilities!.data as Float32Array;
      const differences = expected.map((value, i) => Math.abs(value - found[i]!));
      const largest = differences.reduce((most, value) => Math.max(most, value), 0);
      const spread = expected.reduce((most, value) => Math.max(most, value), 0);
      process.stdout.write(`${segmenter}: largest difference ${largest.toExponential(1)}\n`);
      // The weights decide something, and float32 against float64 differs by rounding only.
      expect(spread).toBeGreaterThan(0.3);
      expect(largest).toBeLessThan(1e-5);
      await session.release();
    },
    60_000,
  );

  it('names the encoders that there are for one that there is not', () => {
    const options = { segmenter: 'mit-b9', patch, channels, classes, batch: 1 };
    expect(() => buildSegmenter(options, new RandomTensors(1))).toThrow(CheckpointRefused);
    expect(() => buildSegmenter(options, new RandomTensors(1))).toThrow(/mit-b0, mit-b1, mit-b2/);
  });

  it('stores equal constants once', () => {
    const options = { segmenter: 'mit-b0', patch, channels, classes, batch: 1 };
    const one = buildSegmenter(options, new RandomTensors(1)).encode();
    const again = buildSegmenter(options, new RandomTensors(1)).encode();
    expect(Buffer.compare(one, again)).toBe(0);
    // All weights of MiT-B0 and the folded head take 13.6 MB at 4 bytes each; names and shapes little more.
    expect(one.length).toBeLessThan(14.2e6);
  });
});
