/** A BatchNorm at inference is a scale and a shift per channel. */
import type { TensorSource } from './tensor-source.ts';

const epsilon = 1e-5;

export interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** scale = γ / √(variance + ε), shift = β − scale · mean, in float64. */
export function batchNorm(tensors: TensorSource, prefix: string, channels: number): Affine {
  const take = (name: string): Float32Array => tensors.take(`${prefix}.${name}`, [channels]);
  const [gamma, beta, mean, variance] = [
    take('weight'),
    take('bias'),
    take('running_mean'),
    take('running_var'),
  ];
  const scale = Float64Array.from(
    gamma,
    (value, i) => value / Math.sqrt((variance[i] ?? 0) + epsilon),
  );
  const shift = scale.map((value, i) => (beta[i] ?? 0) - value * (mean[i] ?? 0));
  return { scale, shift };
}
