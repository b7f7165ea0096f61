/** The embedding as its formula says, in float64, and what the tests put in. */
import type { EmbeddingParameters } from '../../../../src/models/embedding/embedding-kernel.ts';

/** All channels of some pixels: channels × pixels. */
export function plainEmbedding(
  values: Float32Array,
  { frequency, phase, gain, shift }: EmbeddingParameters,
  plane: number,
  pixels: readonly number[],
): Float64Array {
  const channels = shift.length;
  const bands = values.length / plane;
  const result = new Float64Array(channels * pixels.length);
  for (let channel = 0; channel < channels; channel++) {
    for (const [place, pixel] of pixels.entries()) {
      let sum = shift[channel]!;
      for (let band = 0; band < bands; band++) {
        const i = band * channels + channel;
        sum += gain[i]! * Math.sin(frequency[i]! * (values[band * plane + pixel]! + phase[i]!));
      }
      result[channel * pixels.length + place] = sum;
    }
  }
  return result;
}

/** Parameters of every kind that occurs, with frequencies up to ±`frequency`. */
export function someParameters(
  next: () => number,
  bands: number,
  channels: number,
  { frequency = 60, phase = 2, gain = 0.5 } = {},
): EmbeddingParameters {
  const within = (limit: number, length: number): Float32Array =>
    Float32Array.from({ length }, () => (2 * next() - 1) * limit);
  return {
    frequency: within(frequency, bands * channels),
    phase: within(phase, bands * channels),
    gain: within(gain, bands * channels),
    shift: within(1, channels),
  };
}

/** Every `step`th of `plane` pixels. */
export function everyPixel(plane: number, step = 1): number[] {
  return Array.from({ length: Math.ceil(plane / step) }, (_, i) => i * step);
}

/** The largest difference; NaN where only one of the two is NaN. */
export function largestDifference(
  output: Float32Array,
  expected: Float64Array,
  plane: number,
  pixels: readonly number[],
): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const channel = Math.floor(i / pixels.length);
    const ours = output[channel * plane + pixels[i % pixels.length]!]!;
    if (Number.isNaN(ours) && Number.isNaN(expected[i])) continue;
    largest = Math.max(largest, Math.abs(ours - expected[i]!));
  }
  return largest;
}
