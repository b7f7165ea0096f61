/**
 * From digital numbers to what the network takes, in two steps: `level` before resampling (an integer),
 * `value` after it. Both as data, so that the loops over pixels stay in one place.
 */

/**
 * Sentinel-2: level = DN + offset, or `noDataLevel` where DN is 0; value = level / quantification in
 * float32 (reflectance). The offset goes in before resampling: resampling is linear, so the value is the
 * same, and a product with an offset and its twin without enter as the very same integers.
 */
export interface QuantifiedRadiometry {
  readonly kind: 'quantified';
  readonly offset: number;
  readonly quantification: number;
  readonly noDataLevel: number;
}

export type Radiometry = QuantifiedRadiometry;

/** DN (65535 is the value that it is) → levels that enter resampling. Writes `count` numbers. */
export function toLevels(
  source: Uint16Array,
  from: number,
  target: Float64Array,
  radiometry: Radiometry,
): void {
  const { offset, noDataLevel } = radiometry;
  for (let index = 0; index < target.length; index++) {
    const dn = source[from + index]!;
    target[index] = dn === 0 ? noDataLevel : dn + offset;
  }
}

/** Resampled levels, in place, → values for the network, rounded to float32 as the reference does. */
export function toValues(levels: Float32Array, radiometry: Radiometry): void {
  const { quantification } = radiometry;
  for (let index = 0; index < levels.length; index++) {
    levels[index] = levels[index]! / quantification;
  }
}
