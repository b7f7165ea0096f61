/** From digital numbers of the MultiSpectral Instrument to reflectance, with the constants of the product's metadata. */
import { ProductRefused } from '../../errors.ts';
import type { QuantifiedRadiometry } from '../radiometry/radiometry.ts';
import type { MsiBand } from './sentinel2-bands.ts';
import type { UserProduct } from './sentinel2-metadata.ts';

/** DN 0 enters the network as this reflectance: what the offset of newer baselines makes of it. */
const noDataReflectance = -0.1;

/** Reflectance = (DN + offset) / quantification. */
export function msiRadiometry(offset: number, quantification: number): QuantifiedRadiometry {
  return {
    kind: 'quantified',
    offset,
    quantification,
    noDataLevel: noDataReflectance * quantification,
  };
}

/**
 * Radiometry of some bands of a product. A product without any offset is of a baseline before 04.00, where it is 0.
 * @throws ProductRefused when it has some but not all offsets
 */
export function msiRadiometries(
  { document, offsets, quantification }: UserProduct,
  bands: readonly MsiBand[],
): QuantifiedRadiometry[] {
  const missing = bands.filter((band) => offsets !== undefined && !offsets.has(band.index));
  if (missing.length > 0) {
    throw new ProductRefused(
      `${document} has no radiometric offset (…_ADD_OFFSET) for ${missing.map((band) => band.id).join(', ')} ` +
        'but for other bands.',
    );
  }
  return bands.map(({ index }) => msiRadiometry(offsets?.get(index) ?? 0, quantification));
}
