/**
 * From digital numbers to values, with the constants of the product's own metadata.
 * Source: Landsat 8-9 Data Users Handbook (LSDS-2082), "Conversion to TOA Reflectance", "… Brightness Temperature", and
 * Collection 2 Level 2 Science Product Guide (LSDS-1619), "scale factors".
 */
import { ProductRefused } from '../../errors.ts';
import type { Radiometry } from '../radiometry/radiometry.ts';
import type { LandsatBand } from './landsat-bands.ts';
import { surfaceGroups, type LandsatGroups } from './landsat-metadata.ts';
import type { Mtl } from './mtl.ts';

const positive = { above: 0 } as const;

/**
 * Level 1. Reflectance = (DN · mult + add) / sin(sun elevation); radiance = DN · mult + add in W/(m² sr µm), from which
 * the temperature follows with K1 (same unit) and K2 (kelvin).
 * @throws ProductRefused when the sun is below the horizon.
 */
export function levelOneRadiometry(
  mtl: Mtl,
  groups: LandsatGroups,
): (band: LandsatBand) => Radiometry {
  const sine = sineOfSun(mtl, groups);
  return ({ key, kelvin }) => {
    const factor = kelvin === undefined ? 'REFLECTANCE' : 'RADIANCE';
    const multiplier = mtl.number(groups.rescaling, `${factor}_MULT_BAND_${key}`, positive);
    const addend = mtl.number(groups.rescaling, `${factor}_ADD_BAND_${key}`);
    if (kelvin === undefined) return { kind: 'scaled', multiplier, addend, divisor: sine };
    return {
      kind: 'brightness-temperature',
      multiplier,
      addend,
      k1: mtl.number(groups.thermal, `K1_CONSTANT_BAND_${key}`, positive),
      k2: mtl.number(groups.thermal, `K2_CONSTANT_BAND_${key}`, positive),
      ...kelvin,
    };
  };
}

/**
 * Level 2. Surface reflectance and surface temperature (kelvin) = DN · mult + add, the temperature normalised to the
 * model's range.
 */
export function levelTwoRadiometry(mtl: Mtl): (band: LandsatBand) => Radiometry {
  return (band) => {
    const { key, kelvin } = band;
    const isReflective = kelvin === undefined;
    const group = isReflective ? surfaceGroups.reflectance : surfaceGroups.temperature;
    const factor = isReflective ? 'REFLECTANCE' : 'TEMPERATURE';
    const multiplier = mtl.number(group, `${factor}_MULT_BAND_${key}`, positive);
    const addend = mtl.number(group, `${factor}_ADD_BAND_${key}`);
    return surfaceRadiometry(band, multiplier, addend);
  };
}

/** Level 2 of one band: surface reflectance, or surface temperature (kelvin), = DN · multiplier + addend. */
export function surfaceRadiometry(
  { kelvin }: LandsatBand,
  multiplier: number,
  addend: number,
): Radiometry {
  if (kelvin === undefined) return { kind: 'scaled', multiplier, addend, divisor: 1 };
  const { minimum, maximum } = kelvin;
  return { kind: 'scaled', multiplier, addend: addend - minimum, divisor: maximum - minimum };
}

function sineOfSun(mtl: Mtl, { image }: LandsatGroups): number {
  const elevation = mtl.number(image, 'SUN_ELEVATION', { from: -90, to: 90 });
  if (elevation <= 0) {
    throw new ProductRefused(
      `${mtl.name} has SUN_ELEVATION = ${elevation}: the sun is below the horizon, so there is no reflectance to mask clouds by.`,
    );
  }
  return Math.sin((elevation * Math.PI) / 180);
}
