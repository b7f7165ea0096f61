/* oxlint-disable typescript/no-non-null-assertion -- the loops over pixels stay inside their arrays */
/**
 * The ground: a lowland of fields with a river and lakes, wooded hills, bare rock and snow above.
 * Patterns have a fixed size in the default scene and shrink with smaller scenes, so that each holds
 * every kind of surface.
 */
import { fractalNoise, hashedNumber, quantile, smoothStep } from './noise.ts';
import type { PixelGrid } from './noise.ts';
import type { Sun } from './sun.ts';

/** Side in pixels for which the patterns are made (11 km). */
export const referenceSide = 1098;

/** What covers each pixel. All are shares from 0 to 1 unless said otherwise. */
export interface Surface {
  /** Height above the lowland, 0 to about 1 (`reliefMetres`). */
  readonly height: Float32Array;
  readonly water: Float32Array;
  /** 0 clear lake to 1 river with sediment. */
  readonly turbidity: Float32Array;
  readonly snow: Float32Array;
  readonly rock: Float32Array;
  readonly forest: Float32Array;
  /** 0 bare soil to 1 full crop, outside the forest. */
  readonly green: Float32Array;
  /** Factor on the reflectance, about 1. */
  readonly texture: Float32Array;
  /** Direct light on the slope by that on level ground. */
  readonly relief: Float32Array;
}

/** Difference in height of lowland and peaks in metres, in a scene of the reference side. */
export const reliefMetres = 2000;

/** Size of the patterns in pixels: the shorter side, but not more than the reference side. */
export function patternSize(grid: PixelGrid): number {
  return Math.min(grid.rows, grid.columns, referenceSide);
}

/** Makes the ground for a seed under a sun. */
export function makeSurface(grid: PixelGrid, seed: number, sun: Sun): Surface {
  const size = patternSize(grid);
  const base = fractalNoise(grid, {
    seed: seed + 1,
    wavelength: size * 0.6,
    octaves: 9,
    gain: 0.5,
  });
  const ridges = fractalNoise(grid, { seed: seed + 2, wavelength: size * 0.45, octaves: 8 });
  const moisture = fractalNoise(grid, { seed: seed + 3, wavelength: size * 0.14, octaves: 7 });
  const terrain = base.map((value, i) => 0.8 * value - 0.75 * Math.abs(2 * ridges[i]! - 1));
  const height = liftHills(terrain);
  const { water, turbidity } = makeWater(grid, seed, { terrain, height });
  const cover = coverHills(height, moisture);
  return {
    height,
    water,
    turbidity,
    ...cover,
    ...makeFields(grid, seed, moisture),
    relief: shadeSlopes(grid, height, sun),
  };
}

/** Flat below the middle of the terrain, rising to 1 at its peaks. */
function liftHills(terrain: Float32Array): Float32Array {
  const foot = quantile(terrain, 0.5);
  const peak = quantile(terrain, 0.997);
  return terrain.map((value) => Math.max(0, (value - foot) / (peak - foot)) ** 1.35);
}

interface Terrain {
  readonly terrain: Float32Array;
  readonly height: Float32Array;
}

/** Lakes in the deepest places, and a river that follows a contour of a smooth field. */
function makeWater(grid: PixelGrid, seed: number, { terrain, height }: Terrain) {
  const size = patternSize(grid);
  const course = fractalNoise(grid, {
    seed: seed + 4,
    wavelength: size * 0.5,
    octaves: 4,
    gain: 0.4,
  });
  const shore = quantile(terrain, 0.08);
  const soft = 0.01 * (quantile(terrain, 0.5) - shore);
  const middle = quantile(course, 0.5);
  const width = Math.max(1.2, size * 0.0055);
  const water = new Float32Array(terrain.length);
  const turbidity = new Float32Array(terrain.length);
  for (let i = 0; i < water.length; i++) {
    const right = (i + 1) % grid.columns === 0 ? course[i - 1]! : course[i + 1]!;
    const below = course[i + grid.columns] ?? course[i - grid.columns]!;
    const slope = Math.hypot(right - course[i]!, below - course[i]!) + 1e-6;
    const distance = Math.abs(course[i]! - middle) / slope;
    const breadth = width * smoothStep(0.25, 0, height[i]!);
    const river = smoothStep(breadth + 0.8, breadth - 0.8, distance) * Math.min(1, breadth);
    const lake = smoothStep(shore + soft, shore - soft, terrain[i]!);
    water[i] = Math.max(river, lake);
    turbidity[i] = Math.max(0, river - lake);
  }
  return { water, turbidity };
}

/** Forest on the slopes, rock above the tree line, snow above the snow line. */
function coverHills(height: Float32Array, moisture: Float32Array) {
  const forest = new Float32Array(height.length);
  const rock = new Float32Array(height.length);
  const wetness = quantile(moisture, 0.95) - quantile(moisture, 0.5);
  const middle = quantile(moisture, 0.5);
  const ragged = height.map((value, i) => value + 0.1 * ((moisture[i]! - middle) / wetness));
  const snowLine = quantile(ragged, 0.9);
  for (let i = 0; i < height.length; i++) {
    const wet = (moisture[i]! - middle) / wetness;
    const level = ragged[i]! / snowLine;
    forest[i] =
      smoothStep(0.25, 0.6, wet + 2.2 * Math.min(0.35, height[i]!)) * smoothStep(0.85, 0.7, level);
    rock[i] = smoothStep(0.72, 0.92, level);
  }
  const snow = ragged.map((value) => smoothStep(0.96 * snowLine, 1.06 * snowLine, value));
  return { forest, rock, snow };
}

/** Rows of fields: direction in radians, length and width of a field in pixels. */
const fieldPatterns = [
  { angle: 0.3, length: 24, width: 13 },
  { angle: 0.85, length: 34, width: 9 },
  { angle: -0.4, length: 17, width: 15 },
  { angle: 1.2, length: 40, width: 19 },
] as const;

/** Fields side by side, each with its own crop and colour; a smooth field says which pattern holds where. */
function makeFields(grid: PixelGrid, seed: number, moisture: Float32Array) {
  const { rows, columns, row0, column0 } = grid;
  const size = patternSize(grid);
  const region = fractalNoise(grid, { seed: seed + 5, wavelength: size * 0.2, octaves: 4 });
  const grain = fractalNoise(grid, { seed: seed + 6, wavelength: 12, octaves: 3, gain: 0.8 });
  const green = new Float32Array(rows * columns);
  const texture = new Float32Array(rows * columns);
  for (let i = 0; i < green.length; i++) {
    const kind = Math.min(3, Math.max(0, Math.floor(region[i]! * 14) - 5));
    const { angle, length, width } = fieldPatterns[kind]!;
    const x = column0 + (i % columns) + 30 * moisture[i]!;
    const y = row0 + Math.floor(i / columns);
    const row = Math.floor((y * Math.cos(angle) - x * Math.sin(angle)) / width);
    const shift = length * hashedNumber(row, kind, seed + 7);
    const along = x * Math.cos(angle) + y * Math.sin(angle) + shift;
    const crop = hashedNumber(Math.floor(along / length), row, seed + 8 + kind);
    green[i] = 0.15 + 0.85 * smoothStep(0.1, 0.7, crop);
    texture[i] = 0.86 + 0.22 * ((crop * 7) % 1) + 0.45 * (grain[i]! - 0.5);
  }
  return { green, texture };
}

/** Light on slopes: the cosine of its angle to the slope by that to level ground. */
function shadeSlopes(grid: PixelGrid, height: Float32Array, sun: Sun): Float32Array {
  const { rows, columns } = grid;
  const perPixel = (reliefMetres * patternSize(grid)) / referenceSide / 20;
  const tangent = Math.tan((sun.zenith * Math.PI) / 180);
  const east = tangent * Math.sin((sun.azimuth * Math.PI) / 180);
  const north = tangent * Math.cos((sun.azimuth * Math.PI) / 180);
  const relief = new Float32Array(rows * columns);
  for (let i = 0; i < relief.length; i++) {
    const column = i % columns;
    const left = column > 0 ? i - 1 : i;
    const right = column < columns - 1 ? i + 1 : i;
    const above = i >= columns ? i - columns : i;
    const below = i < relief.length - columns ? i + columns : i;
    const slopeEast = (height[right]! - height[left]!) * perPixel;
    const slopeNorth = (height[above]! - height[below]!) * perPixel;
    const facing = 1 - slopeEast * east - slopeNorth * north;
    const level = facing / Math.sqrt(1 + slopeEast * slopeEast + slopeNorth * slopeNorth);
    relief[i] = Math.min(1.7, Math.max(0.2, level));
  }
  return relief;
}
