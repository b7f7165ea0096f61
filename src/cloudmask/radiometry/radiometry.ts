/**
 * From digital numbers to what the network takes, in two steps: `level` before resampling, `value` after it.
 * Both as data, so that the loops over pixels stay in one place.
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

/**
 * Landsat reflectance, and surface temperature: value = (DN · multiplier + addend) / divisor in float64,
 * rounded to float32 at the end; 0 stays 0. The divisor is the sine of the sun's elevation for level 1.
 */
export interface ScaledRadiometry {
  readonly kind: 'scaled';
  readonly multiplier: number;
  readonly addend: number;
  readonly divisor: number;
}

/**
 * Landsat thermal bands of level 1: L = DN · multiplier + addend (radiance), T = k2 / ln(k1 / L + 1) in kelvin,
 * value = (T − minimum) / (maximum − minimum), not clipped; 0 stays 0.
 */
export interface ThermalRadiometry {
  readonly kind: 'brightness-temperature';
  readonly multiplier: number;
  readonly addend: number;
  readonly k1: number;
  readonly k2: number;
  /** The model's range in kelvin. */
  readonly minimum: number;
  readonly maximum: number;
}

export type Radiometry = QuantifiedRadiometry | ScaledRadiometry | ThermalRadiometry;

/** DN from `source[from]` on (65535 is the value that it is) → levels that enter resampling. */
export function toLevels(
  source: Uint16Array,
  from: number,
  target: Float64Array,
  radiometry: Radiometry,
): void {
  if (radiometry.kind !== 'quantified') {
    for (let index = 0; index < target.length; index++) target[index] = source[from + index]!;
    return;
  }
  const { offset, noDataLevel } = radiometry;
  for (let index = 0; index < target.length; index++) {
    const dn = source[from + index]!;
    target[index] = dn === 0 ? noDataLevel : dn + offset;
  }
}

/** Resampled levels, in place, → values for the network, rounded to float32 as the reference does. */
export function toValues(levels: Float32Array, radiometry: Radiometry): void {
  switch (radiometry.kind) {
    case 'quantified':
      divide(levels, radiometry);
      break;
    case 'scaled':
      scale(levels, radiometry);
      break;
    case 'brightness-temperature':
      normaliseTemperature(levels, radiometry);
      break;
  }
}

function divide(levels: Float32Array, { quantification }: QuantifiedRadiometry): void {
  for (let index = 0; index < levels.length; index++) {
    levels[index] = levels[index]! / quantification;
  }
}

function scale(levels: Float32Array, { multiplier, addend, divisor }: ScaledRadiometry): void {
  for (let index = 0; index < levels.length; index++) {
    const level = levels[index]!;
    levels[index] = level === 0 ? 0 : (level * multiplier + addend) / divisor;
  }
}

function normaliseTemperature(levels: Float32Array, radiometry: ThermalRadiometry): void {
  const { multiplier, addend, k1, k2, minimum, maximum } = radiometry;
  for (let index = 0; index < levels.length; index++) {
    const level = levels[index]!;
    if (level === 0) continue;
    const temperature = k2 / Math.log(k1 / (level * multiplier + addend) + 1);
    levels[index] = (temperature - minimum) / (maximum - minimum);
  }
}

/** DN → reflectance for pictures: DN · gain + bias. Temperatures are not drawn. */
export interface ReflectanceScale {
  readonly gain: number;
  readonly bias: number;
}

/** The scale of a reflective band. */
export function reflectanceScale(radiometry: Radiometry): ReflectanceScale {
  if (radiometry.kind === 'quantified') {
    const { offset, quantification } = radiometry;
    return { gain: 1 / quantification, bias: offset / quantification };
  }
  if (radiometry.kind === 'scaled') {
    const { multiplier, addend, divisor } = radiometry;
    return { gain: multiplier / divisor, bias: addend / divisor };
  }
  throw new Error('A thermal band has no reflectance.');
}
