/* oxlint-disable typescript/no-non-null-assertion -- the loops over pixels stay inside their arrays */
/** The camera: coarser pixels, noise, the edge of its swath, and digital numbers (DN). */
import { randomNumbers } from './noise.ts';
import type { PixelGrid } from './noise.ts';

/** DN by reflectance, before the offset. */
export const quantification = 10_000;

/** Largest DN that 15 bits hold. */
const largestNumber = 32_767;

/** Mean of blocks of factor × factor pixels. Rows and columns must be multiples of the factor. */
export function aggregate(field: Float32Array, grid: PixelGrid, factor: number): Float32Array {
  if (factor === 1) return field;
  const columns = grid.columns / factor;
  const result = new Float32Array((grid.rows / factor) * columns);
  const weight = 1 / (factor * factor);
  for (let row = 0; row < grid.rows; row++) {
    const target = Math.floor(row / factor) * columns;
    for (let column = 0; column < grid.columns; column++) {
      const at = target + Math.floor(column / factor);
      result[at]! += weight * field[row * grid.columns + column]!;
    }
  }
  return result;
}

/** The oblique edge of the swath: what lies beyond it has no data. */
export interface SwathEdge {
  /** Metres that a place, in metres right of and below the upper left corner, lies beyond the edge. */
  beyond(right: number, down: number): number;
}

/** An edge that cuts off the lower right corner: a third of the right side, a seventh of the bottom. */
export function swathEdge(grid: PixelGrid): SwathEdge {
  const width = grid.columns * 10;
  const height = grid.rows * 10;
  const slope = width / 7 / (height / 3);
  const steepness = Math.hypot(1, slope);
  return {
    beyond: (right, down) => (right - width + (down - (height * 2) / 3) * slope) / steepness,
  };
}

/** How one band is turned into DN. */
export interface Digitising {
  /** Metres of a pixel's side. */
  readonly resolution: number;
  readonly columns: number;
  /** Added to reflectance × quantification: 1000 where the metadata's offset is −1000. */
  readonly added: number;
  readonly seed: number;
  /** Undefined: data everywhere. */
  readonly edge: SwathEdge | undefined;
  /** Metres that this band sees beyond the edge (its line of sight differs a little). */
  readonly reach: number;
}

/** DN of reflectances, with noise: at least 1 before the offset is added, 0 where there is no data. */
export function digitalNumbers(reflectance: Float32Array, how: Digitising): Uint16Array {
  const { resolution, columns, edge } = how;
  const random = randomNumbers(how.seed);
  const result = new Uint16Array(reflectance.length);
  for (let i = 0; i < result.length; i++) {
    const value = reflectance[i]!;
    // The sum of three even spreads is close to a bell curve with standard deviation 0.5.
    const noise = (random() + random() + random() - 1.5) * (0.0016 + 0.007 * value);
    const counts = Math.round((value + noise) * quantification);
    result[i] = Math.min(largestNumber, Math.max(1, counts) + how.added);
  }
  if (edge == null) return result;
  for (let i = 0; i < result.length; i++) {
    const right = ((i % columns) + 0.5) * resolution;
    const down = (Math.floor(i / columns) + 0.5) * resolution;
    if (edge.beyond(right, down) > how.reach) result[i] = 0;
  }
  return result;
}
