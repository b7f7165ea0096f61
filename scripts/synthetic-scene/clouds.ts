/* oxlint-disable typescript/no-non-null-assertion -- the loops over pixels stay inside their arrays */
/**
 * Two layers of cloud, as optical thickness in visible light: water cloud (a large field and many small
 * ones, 1.3 to 2 km high) and cirrus (long streaks at 9 km), and the shadows that both cast.
 */
import { boxBlur, cropField, fractalNoise, quantile } from './noise.ts';
import type { PixelGrid } from './noise.ts';
import type { Sun } from './sun.ts';
import { patternSize, referenceSide } from './surface.ts';

/** Heights in metres of the base and the top of water clouds, and of the cirrus. */
export const cloudHeights = { base: 1300, top: 2000, cirrus: 9000 } as const;

/** Clouds of a scene, one value for each 10 m pixel. */
export interface Clouds {
  /** Optical thickness of the water clouds, 0 to about 60. */
  readonly water: Float32Array;
  /** Optical thickness of the cirrus, 0 to about 2. */
  readonly cirrus: Float32Array;
  /** Brightness of the clouds' tops by their slope towards the sun, about 1. */
  readonly shading: Float32Array;
  /** Share of the direct sunlight that passes the water clouds on its way to the ground. */
  readonly sunlight: Float32Array;
  /** The same for the cirrus. */
  readonly sunlightCirrus: Float32Array;
}

/** Whole rows and columns from a cloud at a height in metres to its shadow: away from the sun. */
interface Shift {
  readonly rows: number;
  readonly columns: number;
}

/** Where the shadow of a cloud lies. In a scene smaller than the reference all heights shrink with it. */
function shadowShift(grid: PixelGrid, heightMetres: number, sun: Sun): Shift {
  const height = (heightMetres * patternSize(grid)) / referenceSide;
  const pixels = (height * Math.tan((sun.zenith * Math.PI) / 180)) / 10;
  const azimuth = (sun.azimuth * Math.PI) / 180;
  return {
    rows: Math.round(pixels * Math.cos(azimuth)),
    columns: Math.round(-pixels * Math.sin(azimuth)),
  };
}

/** Clouds and shadows of a scene. */
export function makeClouds(grid: PixelGrid, seed: number, sun: Sun): Clouds {
  const { base, top } = cloudHeights;
  const slices = [0, 1 / 3, 2 / 3, 1].map((part) =>
    shadowShift(grid, base + part * (top - base), sun),
  );
  const wide = widened(grid, shadowShift(grid, top, sun));
  const water = waterCloud(wide, grid, seed);
  const shadowing = slices.map((slice) => cropField(water, wide, shifted(grid, slice)));
  const distant = shifted(grid, shadowShift(grid, cloudHeights.cirrus, sun));
  const inScene = cropField(water, wide, grid);
  return {
    water: inScene,
    cirrus: cirrusCloud(grid, grid, seed),
    shading: shadeTops(grid, inScene, sun),
    sunlight: passedLight(grid, shadowing, sun),
    sunlightCirrus: passedLight(grid, [cirrusCloud(distant, grid, seed)], sun),
  };
}

/** The place of the clouds whose shadows fall on a grid. */
function shifted(grid: PixelGrid, { rows, columns }: Shift): PixelGrid {
  return { ...grid, row0: grid.row0 - rows, column0: grid.column0 - columns };
}

/** A grid that holds both a grid and the place of the clouds whose shadows fall on it. */
function widened(grid: PixelGrid, { rows, columns }: Shift): PixelGrid {
  return {
    rows: grid.rows + Math.abs(rows),
    columns: grid.columns + Math.abs(columns),
    row0: grid.row0 - Math.max(0, rows),
    column0: grid.column0 - Math.max(0, columns),
  };
}

/** Optical thickness of the water clouds on `wide`; their shares are those wanted on `scene`. */
function waterCloud(wide: PixelGrid, scene: PixelGrid, seed: number): Float32Array {
  const size = patternSize(scene);
  const field = fractalNoise(wide, {
    seed: seed + 11,
    wavelength: size * 0.42,
    octaves: 9,
    gain: 0.56,
  });
  const puffs = fractalNoise(wide, { seed: seed + 12, wavelength: size * 0.055, octaves: 5 });
  const places = fractalNoise(wide, { seed: seed + 13, wavelength: size * 0.4, octaves: 3 });
  const small = puffs.map((value, i) => value + 0.6 * places[i]!);
  const range = (values: Float32Array, from: number, to: number) => {
    const inScene = cropField(values, wide, scene);
    return [quantile(inScene, from), quantile(inScene, to)] as const;
  };
  const [fieldEdge, fieldCore] = range(field, 0.83, 0.995);
  const [puffEdge, puffCore] = range(small, 0.955, 0.999);
  return field.map((value, i) => {
    const large = Math.max(0, (value - fieldEdge) / (fieldCore - fieldEdge));
    const little = Math.max(0, (small[i]! - puffEdge) / (puffCore - puffEdge));
    return Math.min(80, 55 * large ** 1.25 + 22 * little ** 1.1);
  });
}

/** Optical thickness of the cirrus on a grid; its share is that wanted on `scene`. */
function cirrusCloud(grid: PixelGrid, scene: PixelGrid, seed: number): Float32Array {
  const size = patternSize(scene);
  const veil = { seed: seed + 14, wavelength: size * 0.55, octaves: 4 };
  const fibre = {
    seed: seed + 15,
    wavelength: size * 0.09,
    stretch: 5,
    shear: 0.8,
    octaves: 6,
    gain: 0.6,
  };
  const places = fractalNoise(grid, veil);
  const inScene = grid === scene ? places : fractalNoise(scene, veil);
  const edge = quantile(inScene, 0.66);
  const core = quantile(inScene, 0.99);
  return fractalNoise(grid, fibre).map((value, i) => {
    const depth = Math.max(0, (places[i]! - edge) / (core - edge));
    return Math.min(3, depth * Math.max(0.06, 8 * (value - 0.33)));
  });
}

/** Sides of clouds that face the sun are brighter. */
function shadeTops(grid: PixelGrid, thickness: Float32Array, sun: Sun): Float32Array {
  const step = Math.max(1, patternSize(grid) / 275);
  const azimuth = (sun.azimuth * Math.PI) / 180;
  const rowStep = Math.round(-step * Math.cos(azimuth));
  const columnStep = Math.round(step * Math.sin(azimuth));
  return thickness.map((value, i) => {
    const column = (i % grid.columns) + columnStep;
    const inside = column >= 0 && column < grid.columns;
    const sunward = inside ? thickness[i + rowStep * grid.columns + columnStep] : undefined;
    return 1 + Math.min(0.1, Math.max(-0.16, 0.016 * (value - (sunward ?? value))));
  });
}

/** Share of the light passed by a cloud that reaches the ground right in its shadow; the rest goes astray. */
const keptInShadow = 0.85;

/**
 * Share of the sunlight that reaches the ground below slices of cloud of equal part: what is scattered
 * forward, and most of what the cloud passes as a diffuse layer. Softened by what leaves at its sides.
 */
function passedLight(grid: PixelGrid, slices: readonly Float32Array[], sun: Sun): Float32Array {
  const airMass = 1 / Math.cos((sun.zenith * Math.PI) / 180);
  const light = new Float32Array(grid.rows * grid.columns);
  for (let i = 0; i < light.length; i++) {
    let thickness = 0;
    for (const slice of slices) thickness += slice[i]!;
    const slant = (airMass * thickness) / slices.length;
    const diffuse = 1 / (1 + 0.075 * slant);
    light[i] = keptInShadow * diffuse + (1 - keptInShadow) * Math.exp(-0.35 * slant);
  }
  const radius = Math.round((2 * patternSize(grid)) / referenceSide);
  return radius === 0 ? light : boxBlur(boxBlur(light, grid, radius), grid, radius);
}
