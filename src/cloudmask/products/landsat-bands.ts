/**
 * The bands of OLI and TIRS on Landsat 8 and 9: number in the metadata, name in file names, and the wavelengths that
 * the network was trained with (nm, lower and upper edge).
 */
import type { BandDescriptor } from '../embedding/descriptors.ts';

export type LandsatGrid = 'reflective' | 'panchromatic' | 'thermal';

export interface LandsatBand {
  /** Name as the mission writes it, at the end of file names: `B1`, `SR_B1`, `ST_B10`. */
  readonly id: string;
  /** What keys of the metadata end with: `1`, `ST_B10`. */
  readonly key: string;
  readonly grid: LandsatGrid;
  readonly descriptor: BandDescriptor;
  /** Thermal bands: the model's range in kelvin. */
  readonly kelvin?: { readonly minimum: number; readonly maximum: number };
}

/** Bands 1 to 9. */
const reflective: readonly (readonly [number, number])[] = [
  [435, 451],
  [452, 512],
  [533.5, 590.5],
  [636.5, 673.5],
  [851, 879],
  [1566.5, 1651.5],
  [2114.5, 2287.5],
  [496.5, 683.5],
  [1363.5, 1384.5],
];
const panchromatic = 8;
/** The last band of which there is surface reflectance. */
const lastOfSurface = 7;

const thermal = {
  10: { wavelengths: [10_600, 11_190], kelvin: { minimum: 132, maximum: 249 } },
  11: { wavelengths: [11_500, 12_510], kelvin: { minimum: 127, maximum: 239 } },
} as const;

function reflectiveBand(prefix: string, number: number): LandsatBand {
  const [minimum, maximum] = reflective[number - 1] ?? [0, 0];
  return {
    id: `${prefix}B${number}`,
    key: String(number),
    grid: number === panchromatic ? 'panchromatic' : 'reflective',
    descriptor: { kind: 'TOA Reflectance', minimum, maximum },
  };
}

function thermalBand(id: string, key: string, number: keyof typeof thermal): LandsatBand {
  const {
    wavelengths: [minimum, maximum],
    kelvin,
  } = thermal[number];
  const descriptor = { kind: 'TOA Normalised Brightness Temperature', minimum, maximum } as const;
  return { id, key, grid: 'thermal', descriptor, kelvin };
}

/** Level 1: all eleven bands, B1 to B11. */
export const levelOneBands: readonly LandsatBand[] = [
  ...reflective.map((_, index) => reflectiveBand('', index + 1)),
  thermalBand('B10', '10', 10),
  thermalBand('B11', '11', 11),
];

/** Level 2: surface reflectance and surface temperature. */
export const levelTwoBands: readonly LandsatBand[] = [
  ...reflective.slice(0, lastOfSurface).map((_, index) => reflectiveBand('SR_', index + 1)),
  thermalBand('ST_B10', 'ST_B10', 10),
];

/** Ends of the names of quality bands, of Collection 2 and of Collection 1. */
export const qualityBands = { collectionTwo: 'QA_PIXEL', collectionOne: 'BQA' } as const;
