/**
 * Order-1 resampling along one axis over the same extent, pixel centres at half coordinates, borders reflected about
 * the centre of the edge pixel. Equal to what the network was trained with (scikit-image's order-1 resize).
 */

/** Each target sample is a weighted sum of `taps` source samples. */
export interface AxisSampling {
  readonly taps: number;
  /** `targets × taps` source indices. */
  readonly indices: Uint32Array;
  /** `targets × taps` weights; those of a target sum to 1. */
  readonly weights: Float64Array;
  /** True when source and target are the same: nothing has to be computed. */
  readonly identity: boolean;
}

/** Index `i` on an axis of `size` samples that is mirrored at its ends without repeating the edge. */
export function reflect(i: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const inside = ((i % period) + period) % period;
  return inside < size ? inside : period - inside;
}

/**
 * Sampling of `target` positions from `source` samples: src = (dst + 0.5) · source / target − 0.5, linear between
 * neighbours. Towards fewer samples a Gaussian of σ = (source / target − 1) / 2, cut at 4 σ, goes first.
 */
export function resampling(source: number, target: number): AxisSampling {
  if (source === target) return identity(target);
  const kernel = smoothing(source / target);
  const radius = (kernel.length - 1) / 2;
  const taps = kernel.length + 1;
  const indices = new Uint32Array(target * taps);
  const weights = new Float64Array(target * taps);
  for (let index = 0; index < target; index++) {
    const position = ((index + 0.5) * source) / target - 0.5;
    const below = Math.floor(position);
    const fraction = position - below;
    for (let tap = 0; tap < taps; tap++) {
      indices[index * taps + tap] = reflect(below - radius + tap, source);
      const asFirst = (kernel[tap] ?? 0) * (1 - fraction);
      const asSecond = (kernel[tap - 1] ?? 0) * fraction;
      weights[index * taps + tap] = asFirst + asSecond;
    }
  }
  return { taps, indices, weights, identity: false };
}

function identity(size: number): AxisSampling {
  return {
    taps: 1,
    indices: Uint32Array.from({ length: size }, (_, index) => index),
    weights: new Float64Array(size).fill(1),
    identity: true,
  };
}

/** The Gaussian before linear sampling, normalised; a single 1 where nothing is lost. */
function smoothing(factor: number): number[] {
  const sigma = Math.max(0, (factor - 1) / 2);
  const radius = Math.floor(4 * sigma + 0.5);
  if (radius === 0) return [1];
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
