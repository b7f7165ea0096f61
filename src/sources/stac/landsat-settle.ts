/** The radiometry of a Landsat Item: level 1 needs the product's MTL, level 2 has the constants of its collection. */
import {
  levelOneBands,
  levelTwoBands,
  type LandsatBand,
} from '../../cloudmask/products/landsat-bands.ts';
import {
  readAcquisition,
  readIdentity,
  surfaceGroups,
  type LandsatIdentity,
} from '../../cloudmask/products/landsat-metadata.ts';
import {
  levelOneRadiometry,
  levelTwoRadiometry,
  surfaceRadiometry,
} from '../../cloudmask/products/landsat-radiometry.ts';
import { requireSupported } from '../../cloudmask/products/landsat.ts';
import { Mtl } from '../../cloudmask/products/mtl.ts';
import type { Radiometry } from '../../cloudmask/radiometry/radiometry.ts';
import { marksOf } from './file-names.ts';
import { fileNameOf } from './hrefs.ts';
import { ItemRefused, shown } from './item-refused.ts';
import type { ItemPlan, PlannedBand, SettledItem } from './plan.ts';

/** Constants of all level 2 products of Collection 2. Source: LSDS-1619, "scale factors". */
const surface = {
  reflectance: { scale: 0.0000275, offset: -0.2 },
  temperature: { scale: 0.00341802, offset: 149 },
} as const;

/** Degrees within which Item and metadata agree about the sun. */
const sunTolerance = 0.01;

/** The metadata of a plan and what they say of themselves. */
interface Metadata {
  readonly mtl: Mtl;
  readonly identity: LandsatIdentity;
}

/**
 * Settles the constants of all bands.
 * @throws ItemRefused when sources disagree or constants are missing, ProductRefused when the metadata are faulty
 */
export function settleLandsat(plan: ItemPlan, metadataText: string | undefined): SettledItem {
  const metadata = metadataText === undefined ? undefined : readMetadata(plan, metadataText);
  const radiometryOf = chooseRadiometry(plan, metadata);
  const specs: readonly LandsatBand[] = plan.kind === 'landsat-l1' ? levelOneBands : levelTwoBands;
  const bands = plan.bands.flatMap((band) =>
    specs
      .filter(({ id }) => id === band.id)
      .map((spec) => ({ id: band.id, radiometry: radiometryOf(band, spec) })),
  );
  return {
    kind: 'landsat',
    id: metadata?.identity.productId ?? plan.id,
    acquisition:
      metadata === undefined ? plan.acquisition : readAcquisition(metadata.mtl, metadata.identity),
    bands,
    warnings: [],
  };
}

function readMetadata(plan: ItemPlan, text: string): Metadata {
  const form = plan.metadata?.form.replace('mtl-', '') ?? 'txt';
  const name = shown(fileNameOf(plan.metadata?.href ?? '') || 'MTL');
  const mtl = Mtl.parse(name.toLowerCase().endsWith(`.${form}`) ? name : `${name}.${form}`, text);
  const identity = readIdentity(mtl);
  requireSupported(identity);
  requireSameProduct(plan, { mtl, identity });
  return { mtl, identity };
}

/** The metadata are those of the bands, and say the same of product, level and sun as the Item. */
function requireSameProduct(plan: ItemPlan, { mtl, identity }: Metadata): void {
  const { platform, processingLevel, sunElevation } = plan.acquisition;
  const pairs = [
    [identity.spacecraft.toLowerCase().replace('_', '-'), platform],
    [identity.level, processingLevel],
    [identity.productId, marksOf(plan.bands[0]?.href ?? '').get('product')],
  ] as const;
  for (const [found, expected] of pairs) {
    if (expected === undefined || found === expected) continue;
    throw new ItemRefused(
      'mixed-products',
      `${mtl.name} belongs to another product than the bands: it says ${shown(found)}, they are of ${shown(expected)}.`,
    );
  }
  const range = { from: -90, to: 90 };
  if (sunElevation === undefined || plan.kind !== 'landsat-l1') return;
  const ofMetadata = mtl.number(identity.groups.image, 'SUN_ELEVATION', range);
  if (Math.abs(ofMetadata - sunElevation) <= sunTolerance) return;
  throw new ItemRefused(
    'radiometry-conflict',
    `The Item states the sun elevation ${sunElevation}, ${mtl.name} ${ofMetadata}.`,
  );
}

type RadiometryOf = (band: PlannedBand, spec: LandsatBand) => Radiometry;

function chooseRadiometry(plan: ItemPlan, metadata: Metadata | undefined): RadiometryOf {
  if (plan.kind === 'landsat-l2') return levelTwo(metadata);
  if (metadata !== undefined) return levelOne(metadata);
  throw new ItemRefused(
    'missing-radiometry',
    'The Item does not say how to scale its pixels: needed are the constants of the product metadata (asset MTL.txt, MTL.json or MTL.xml).',
  );
}

function levelOne({ mtl, identity: { groups } }: Metadata): RadiometryOf {
  const radiometryOf = levelOneRadiometry(mtl, groups);
  return (band, spec) => {
    const pairs = (['REFLECTANCE', 'RADIANCE'] as const).flatMap((quantity) => {
      const key = (factor: string): string => `${quantity}_${factor}_BAND_${spec.key}`;
      if (mtl.optional(groups.rescaling, key('MULT')) === undefined) return [];
      return [
        {
          scale: mtl.number(groups.rescaling, key('MULT')),
          offset: mtl.number(groups.rescaling, key('ADD')),
        },
      ];
    });
    // Items of level 1 speak of radiance or of reflectance; either has to be that of the metadata.
    requireStated(band, pairs, mtl.name);
    return radiometryOf(spec);
  };
}

function levelTwo(metadata: Metadata | undefined): RadiometryOf {
  if (metadata === undefined) return levelTwoOfItem;
  const { mtl } = metadata;
  const radiometryOf = levelTwoRadiometry(mtl);
  return (band, spec) => {
    const isThermal = spec.kelvin !== undefined;
    const group = isThermal ? surfaceGroups.temperature : surfaceGroups.reflectance;
    const factor = isThermal ? 'TEMPERATURE' : 'REFLECTANCE';
    const pair = {
      scale: mtl.number(group, `${factor}_MULT_BAND_${spec.key}`),
      offset: mtl.number(group, `${factor}_ADD_BAND_${spec.key}`),
    };
    requireStated(band, [pair], mtl.name);
    return radiometryOf(spec);
  };
}

/** Without metadata: the constants of the collection, if the Item states the same. */
function levelTwoOfItem(band: PlannedBand, spec: LandsatBand): Radiometry {
  const { scale, offset } = band.stated;
  if (scale === undefined || offset === undefined) {
    throw new ItemRefused(
      'missing-radiometry',
      `The Item does not say how to scale the pixels of ${band.id} (needed are its scale and offset, or the asset mtl.txt, mtl.json or mtl.xml).`,
    );
  }
  const usual = spec.kelvin === undefined ? surface.reflectance : surface.temperature;
  requireStated(band, [usual], 'Collection 2');
  return surfaceRadiometry(spec, scale, offset);
}

interface ScalePair {
  readonly scale: number;
  readonly offset: number;
}

function requireStated(band: PlannedBand, pairs: readonly ScalePair[], source: string): void {
  const { scale, offset } = band.stated;
  const isStated = (pair: ScalePair): boolean =>
    isSame(scale ?? pair.scale, pair.scale) && isSame(offset ?? pair.offset, pair.offset);
  if (pairs.some(isStated)) return;
  const expected = pairs.map((pair) => `${pair.scale} and ${pair.offset}`).join(', or ');
  throw new ItemRefused(
    'radiometry-conflict',
    `The Item and its metadata disagree about ${band.id}: stated are the scale ${scale ?? 'none'} and the offset ` +
      `${offset ?? 'none'}, by ${source} they are ${expected}.`,
  );
}

/** Catalogues write a number with fewer digits. */
function isSame(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-6 * Math.max(Math.abs(one), Math.abs(other));
}
