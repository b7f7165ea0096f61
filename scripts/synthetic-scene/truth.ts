/* oxlint-disable typescript/no-non-null-assertion -- the loops over pixels stay inside their arrays */
/** What each 10 m pixel of a synthetic scene really is, in the model's seven classes. */
import type { Clouds } from './clouds.ts';
import type { Surface } from './surface.ts';

export const truthClasses = {
  land: 0,
  water: 1,
  snow: 2,
  thin: 3,
  thick: 4,
  shadow: 5,
  nodata: 6,
} as const;

/** Optical thickness from which a cloud counts as thin, and as thick. */
const thinFrom = 0.3;
const thickFrom = 5;

/** A clear pixel is in shadow when it gets less than this share of the direct sunlight. */
const shadowBelow = 0.6;

/** Classes of the pixels. `isNodata` tells which lie outside the swath. */
export function trueClasses(
  surface: Surface,
  clouds: Clouds,
  isNodata: (pixel: number) => boolean,
): Uint8Array {
  return Uint8Array.from(surface.height, (_, i) => {
    if (isNodata(i)) return truthClasses.nodata;
    const thickness = clouds.water[i]! + clouds.cirrus[i]!;
    if (thickness >= thickFrom) return truthClasses.thick;
    if (thickness >= thinFrom) return truthClasses.thin;
    if (clouds.sunlight[i]! < shadowBelow) return truthClasses.shadow;
    if (surface.water[i]! > 0.5) return truthClasses.water;
    return surface.snow[i]! > 0.5 ? truthClasses.snow : truthClasses.land;
  });
}
