/**
 * Order-1 (bilinear) resampling along one axis, pixel centres at half coordinates, borders reflected about
 * the centre of the edge pixel. Equal to what the network was trained with (scikit-image's order-1 resize).
 */

/** For each target index: two source indices and the weight of the second. */
export interface AxisSampling {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly weight: Float64Array;
  /** True when source and target indices are the same: nothing has to be computed. */
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
 * Sampling of `target` positions from `source` samples over the same extent; source ≤ target.
 * src = (dst + 0.5) · source / target − 0.5.
 */
export function upsampling(source: number, target: number): AxisSampling {
  const first = new Uint32Array(target);
  const second = new Uint32Array(target);
  const weight = new Float64Array(target);
  for (let index = 0; index < target; index++) {
    const position = ((index + 0.5) * source) / target - 0.5;
    const below = Math.floor(position);
    first[index] = reflect(below, source);
    second[index] = reflect(below + 1, source);
    weight[index] = position - below;
  }
  return { first, second, weight, identity: source === target };
}
