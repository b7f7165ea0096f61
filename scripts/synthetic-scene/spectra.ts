/* oxlint-disable typescript/no-non-null-assertion -- the loops over pixels stay inside their arrays */
/**
 * Reflectance of ground covers in the 13 bands, B01 to B12 in the order of `bands.ts`. Rounded values
 * that are typical of each cover; not measurements of one place.
 */
import type { Surface } from './surface.ts';

type Spectrum = readonly number[];

const soil: Spectrum = [
  0.08, 0.09, 0.125, 0.17, 0.2, 0.22, 0.235, 0.25, 0.265, 0.27, 0.3, 0.34, 0.28,
];
const crop: Spectrum = [
  0.03, 0.035, 0.07, 0.04, 0.11, 0.31, 0.38, 0.4, 0.42, 0.41, 0.3, 0.21, 0.105,
];
const forest: Spectrum = [
  0.015, 0.018, 0.035, 0.022, 0.06, 0.18, 0.23, 0.245, 0.26, 0.26, 0.2, 0.13, 0.06,
];
const rock: Spectrum = [
  0.12, 0.13, 0.15, 0.17, 0.18, 0.19, 0.2, 0.21, 0.215, 0.22, 0.23, 0.25, 0.22,
];
const snow: Spectrum = [
  0.94, 0.94, 0.93, 0.92, 0.91, 0.89, 0.88, 0.86, 0.84, 0.78, 0.4, 0.085, 0.07,
];
const lake: Spectrum = [
  0.025, 0.028, 0.03, 0.014, 0.011, 0.007, 0.006, 0.005, 0.004, 0.003, 0, 0.002, 0.001,
];
const river: Spectrum = [
  0.05, 0.06, 0.085, 0.065, 0.05, 0.03, 0.028, 0.022, 0.018, 0.012, 0, 0.005, 0.003,
];

/** Reflectance of the ground in one band (0 to about 1), as a function of the pixel. */
export function groundReflectance(surface: Surface, band: number): (pixel: number) => number {
  const { water, turbidity, snow: snowShare, rock: rockShare, forest: forestShare } = surface;
  const { green, texture } = surface;
  const ofSoil = soil[band]!;
  const ofCrop = crop[band]!;
  const ofForest = forest[band]!;
  const ofRock = rock[band]!;
  const ofSnow = snow[band]!;
  const ofLake = lake[band]!;
  const ofRiver = river[band]!;
  return (i) => {
    const field = ofSoil + (ofCrop - ofSoil) * green[i]!;
    const wooded = field + (ofForest - field) * forestShare[i]!;
    const hill = (wooded + (ofRock - wooded) * rockShare[i]!) * texture[i]!;
    const land = hill + (ofSnow - hill) * snowShare[i]!;
    const wet = ofLake + (ofRiver - ofLake) * turbidity[i]!;
    return land + (wet - land) * water[i]!;
  };
}
