/* oxlint-disable typescript/no-non-null-assertion -- the loops over pixels stay inside their arrays */
/**
 * What the camera sees of ground and clouds: reflectance at the top of the atmosphere. A simple model of
 * layers: gases absorb, air and aerosol scatter (most in the blue), clouds reflect by their optical
 * thickness and pass the rest of the light from below.
 */
import { cloudHeights } from './clouds.ts';
import type { Clouds } from './clouds.ts';
import { groundReflectance } from './spectra.ts';
import { reliefMetres } from './surface.ts';
import type { Surface } from './surface.ts';

/** Optical properties of air and clouds in one band. */
interface Optics {
  /** Reflectance of the air above black ground. */
  readonly path: number;
  /** Share of light that air passes down and up. */
  readonly passed: number;
  /** Share of the light on level ground that comes from the sky. */
  readonly sky: number;
  /** Optical thickness of the absorbing gases above sea level, down and up. */
  readonly gas: number;
  /** Reflectance of a water cloud, and of an ice cloud, by that in visible light. */
  readonly waterCloud: number;
  readonly iceCloud: number;
}

const rows: readonly (readonly [number, number, number, number, number, number])[] = [
  [0.112, 0.81, 0.36, 0.01, 1.0, 1.0],
  [0.075, 0.86, 0.28, 0.01, 1.0, 1.0],
  [0.042, 0.9, 0.2, 0.06, 1.0, 1.0],
  [0.024, 0.935, 0.15, 0.03, 1.02, 1.0],
  [0.019, 0.945, 0.135, 0.04, 1.02, 1.0],
  [0.016, 0.955, 0.12, 0.05, 1.03, 1.0],
  [0.0135, 0.96, 0.11, 0.03, 1.03, 1.0],
  [0.0115, 0.965, 0.1, 0.05, 1.03, 1.0],
  [0.0095, 0.97, 0.09, 0.01, 1.03, 1.0],
  [0.007, 0.975, 0.08, 1.0, 1.0, 0.98],
  [0.0012, 0.99, 0.05, 9.0, 0.9, 0.75],
  [0.0018, 0.985, 0.05, 0.04, 0.8, 0.5],
  [0.0009, 0.99, 0.04, 0.06, 0.6, 0.36],
];

const optics: readonly Optics[] = rows.map(([path, passed, sky, gas, waterCloud, iceCloud]) => {
  return { path, passed, sky, gas, waterCloud, iceCloud };
});

/** Height in metres over which water vapour falls to 1/e. */
const vapourScale = 2000;

/** Share of scattered light that cloud droplets, and ice crystals, do not send on forward. */
const turnedByDroplets = 0.15;
const turnedByCrystals = 0.2;

/** Reflectance of a cloud layer that absorbs nothing, from its scaled optical thickness. */
function layerReflectance(scaledThickness: number): number {
  return scaledThickness / (2 + scaledThickness);
}

/** Reflectance at the top of the atmosphere in one band, one value for each 10 m pixel. */
export function topOfAtmosphere(surface: Surface, clouds: Clouds, band: number): Float32Array {
  const { path, passed, sky, gas, waterCloud, iceCloud } = optics[band]!;
  const ground = groundReflectance(surface, band);
  const gasAbove = (height: number) => Math.exp(-gas * Math.exp(-height / vapourScale));
  const overCirrus = gasAbove(cloudHeights.cirrus) * iceCloud;
  const result = new Float32Array(surface.height.length);
  for (let i = 0; i < result.length; i++) {
    const direct = clouds.sunlight[i]! * clouds.sunlightCirrus[i]!;
    const light = (1 - sky) * direct * surface.relief[i]! + sky * (0.6 + 0.4 * direct);
    const scattered = path * (0.8 + 0.2 * direct);
    const clear = scattered + passed * ground(i) * light;
    let seen = clear * gasAbove(surface.height[i]! * reliefMetres);
    const thickness = clouds.water[i]!;
    if (thickness > 0) {
      const reflected = layerReflectance(turnedByDroplets * thickness);
      const top = cloudHeights.base + 45 * thickness;
      const bright = 0.94 * waterCloud * reflected * clouds.shading[i]! + 0.3 * path;
      seen = gasAbove(top) * bright + ((1 - reflected) * seen) / (1 - reflected * seen);
    }
    const ice = clouds.cirrus[i]!;
    if (ice > 0) {
      const reflected = layerReflectance(turnedByCrystals * ice);
      seen = overCirrus * reflected + ((1 - reflected) * seen) / (1 - reflected * seen);
    }
    result[i] = seen;
  }
  return result;
}
