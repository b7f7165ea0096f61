/** What the mask file says about itself: colours and names of the classes, or one band for each class. */
import type { BandProfile, CogProfile, ColourEntry } from '../../raster/cog-writer.ts';
import { noData } from '../postprocess/classify.ts';
import type { Style } from '../postprocess/styles.ts';

/** Red, green, blue of `#rrggbb`. */
export function rgb(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * Profile of the result.
 * @param categorise one band of class values, or one band of percent for each class
 * @param tags processing metadata for the file's tags
 */
export function cogProfile(
  style: Style,
  categorise: boolean,
  tags: Readonly<Record<string, string>>,
): CogProfile {
  return {
    bands: categorise ? [classBand(style)] : style.classes.map(({ name }) => percentBand(name)),
    noData,
    overviews: categorise ? 'MODE' : 'AVERAGE',
    tags: {
      ...tags,
      CLASS_NAMES: style.classes.map(({ value, name }) => `${value}=${name}`).join(', '),
    },
  };
}

function classBand(style: Style): BandProfile {
  const colours: ColourEntry[] = style.classes.map(({ value, colour }) => ({
    value,
    rgba: [...rgb(colour), 255],
  }));
  const names = style.classes.map(({ value, name }) => [`CLASS_${value}`, name]);
  return {
    description: 'cloud mask',
    colours,
    tags: Object.fromEntries(names) as Record<string, string>,
  };
}

function percentBand(name: string): BandProfile {
  return { description: name, tags: { UNIT: 'percent' } };
}
