/** The radiometry of a Sentinel-2 Item, from the product metadata where they are at hand. */
import { msiBands } from '../../cloudmask/products/sentinel2-bands.ts';
import { userProductOf, type UserProduct } from '../../cloudmask/products/sentinel2-metadata.ts';
import { msiRadiometries, msiRadiometry } from '../../cloudmask/products/sentinel2-radiometry.ts';
import { XmlDocument } from '../../cloudmask/products/xml.ts';
import type { QuantifiedRadiometry } from '../../cloudmask/radiometry/radiometry.ts';
import { marksOf } from './file-names.ts';
import { fileNameOf } from './hrefs.ts';
import { ItemRefused, shown } from './item-refused.ts';
import type { ItemPlan, PlannedBand, SettledItem } from './plan.ts';
import { offsetOfItem, requireSame } from './sentinel2-offset.ts';

/** DN of a reflectance of 1, in every product so far. */
const usualQuantification = 10_000;

/**
 * Settles offset and scale of all bands.
 * @throws ItemRefused when sources disagree or leave it open, ProductRefused when the metadata are faulty
 */
export function settleSentinel2(plan: ItemPlan, metadataText: string | undefined): SettledItem {
  const product = metadataText === undefined ? undefined : readMetadata(plan, metadataText);
  const ofMetadata = product === undefined ? undefined : metadataRadiometry(plan, product);
  const settled = plan.bands.map((band, index) => settleBand(plan, band, ofMetadata?.[index]));
  return {
    kind: plan.kind === 's2-l1c' ? 'sentinel2-l1c' : 'sentinel2-l2a',
    id: plan.id,
    acquisition: plan.acquisition,
    bands: plan.bands.map(({ id }, index) => ({ id, radiometry: settled[index] ?? never(id) })),
    warnings: warningsOf(plan, product),
  };
}

function never(id: string): never {
  throw new Error(`Band ${id} has no radiometry.`);
}

function readMetadata(plan: ItemPlan, text: string): UserProduct {
  const name = fileNameOf(plan.metadata?.href ?? '') || 'product metadata';
  const level = plan.kind === 's2-l1c' ? 'L1C' : 'L2A';
  const product = userProductOf(XmlDocument.parse(shown(name), text), level);
  requireSameProduct(plan, product);
  if (plan.baseline !== undefined && Number(plan.baseline) !== Number(product.baseline)) {
    throw new ItemRefused(
      'radiometry-conflict',
      `The Item states the processing baseline ${plan.baseline}, ${product.document} ${shown(product.baseline)}.`,
    );
  }
  return product;
}

/** The metadata are those of the bands: spacecraft, tile and time agree. */
function requireSameProduct(plan: ItemPlan, { document, uri, spacecraft }: UserProduct): void {
  const [, time, tile] = /_MSIL(?:1C|2A)_(\d{8}T\d{6})_.*_T(\d{2}[A-Z]{3})_/.exec(uri) ?? [];
  const ofFiles = marksOf(plan.bands[0]?.href ?? '');
  const pairs = [
    [spacecraft.toLowerCase(), plan.acquisition.platform],
    [tile, ofFiles.get('tile')],
    [time, ofFiles.get('time')],
  ] as const;
  for (const [found, expected] of pairs) {
    if (found === undefined || expected === undefined || found === expected) continue;
    throw new ItemRefused(
      'mixed-products',
      `${document} belongs to another product than the bands: it says ${shown(found)}, they are of ${shown(expected)}.`,
    );
  }
}

function metadataRadiometry(plan: ItemPlan, product: UserProduct): QuantifiedRadiometry[] {
  const bands = plan.bands.flatMap(({ id }) => msiBands.filter((band) => band.id === id));
  return msiRadiometries(product, bands);
}

function settleBand(
  plan: ItemPlan,
  band: PlannedBand,
  metadata: QuantifiedRadiometry | undefined,
): QuantifiedRadiometry {
  const quantification = metadata?.quantification ?? usualQuantification;
  checkScale(band, quantification);
  const item = offsetOfItem(band, plan);
  if (item.kind === 'certain') return toRadiometry(item.offset, quantification);
  if (metadata !== undefined) {
    const offset = metadata.offset / quantification;
    if (band.stated.offset !== undefined) {
      requireSame(band, band.stated.offset, offset, 'the product metadata');
    }
    return metadata;
  }
  if (item.kind === 'stated') return toRadiometry(item.offset, quantification);
  throw new ItemRefused(
    'missing-radiometry',
    `The Item does not say how to scale the pixels of ${band.id} (needed is the product metadata, or a processing ` +
      'baseline with an offset that fits it).',
  );
}

/** An offset in reflectance → in DN, where it is a whole number. */
function toRadiometry(offset: number, quantification: number): QuantifiedRadiometry {
  return msiRadiometry(Math.round(offset * quantification), quantification);
}

function checkScale({ id, stated }: PlannedBand, quantification: number): void {
  if (stated.scale === undefined || Math.abs(stated.scale * quantification - 1) < 1e-9) return;
  throw new ItemRefused(
    'radiometry-conflict',
    `The Item states the scale ${stated.scale} for ${id}; expected is ${1 / quantification}.`,
  );
}

function warningsOf(plan: ItemPlan, product: UserProduct | undefined): string[] {
  const isClipped = plan.isOffsetApplied === true && plan.bands.some((band) => !band.isOriginal);
  return [
    ...(isClipped && Number(plan.baseline ?? '0') >= 4
      ? [
          'The catalogue took the radiometric offset off the band files: very dark pixels may have become 0, which means no data.',
        ]
      : []),
    ...(plan.metadata !== undefined && product === undefined
      ? [
          `The product metadata ${shown(fileNameOf(plan.metadata.href))} were not read: the offset is the one that the Item states.`,
        ]
      : []),
  ];
}
