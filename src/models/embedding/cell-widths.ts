/** How finely the axis of a band is cut for the kernel's table, and what that costs in exactness. */
import type { EmbeddingParameters } from './embedding-kernel.ts';

/** What the tables of all bands together may add to the error of one channel, besides rounding. */
export const maximumTableError = 2e-6;

/** Exponents of 2 between which widths lie. */
const widest = 0;
const narrowest = -40;

/** Width of the cells of each band: the widest power of two that keeps every channel within its share of the error. */
export function cellWidths(parameters: EmbeddingParameters, bands: number): number[] {
  const share = maximumTableError / bands;
  return Array.from({ length: bands }, (_, band) => {
    const width = Math.cbrt((48 * share) / steepest(parameters, band));
    const exponent = Math.floor(Math.log2(width));
    return 2 ** Math.max(narrowest, Math.min(widest, exponent));
  });
}

/** The largest error that tables of these widths can cause in any channel. */
export function tableError(parameters: EmbeddingParameters, widths: readonly number[]): number {
  const { shift } = parameters;
  return shift.reduce((largest, _, channel) => {
    const sum = widths.reduce((error, width, band) => {
      const third = Math.abs(thirdDerivative(parameters, band * shift.length + channel));
      return error + (third * width ** 3) / 48;
    }, 0);
    return Math.max(largest, sum);
  }, 0);
}

/** The largest third derivative of a band's terms. */
function steepest(parameters: EmbeddingParameters, band: number): number {
  const channels = parameters.shift.length;
  let largest = 0;
  for (let index = band * channels; index < (band + 1) * channels; index++) {
    largest = Math.max(largest, Math.abs(thirdDerivative(parameters, index)));
  }
  return largest;
}

/** At its largest, of gain · sin(frequency · (x + phase)). */
function thirdDerivative({ frequency, gain }: EmbeddingParameters, index: number): number {
  return (gain[index] ?? 0) * (frequency[index] ?? 0) ** 3;
}
