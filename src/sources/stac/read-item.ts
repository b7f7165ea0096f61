/**
 * A STAC Item whose assets are band files: what is to be fetched, decided from the Item alone. Pure functions: no
 * request is made, no link is followed, and all that can be refused without a download is refused here.
 */
import { acquisitionOf, baselineOf, crsOf, offsetFlagOf } from './acquisition.ts';
import { planBands } from './assets.ts';
import { metadataKeys } from './band-tables.ts';
import { checkOneProduct } from './file-names.ts';
import { alternatesOf, baseOf, resolveHref } from './hrefs.ts';
import { ItemRefused, shown } from './item-refused.ts';
import { itemOf, type StacItem } from './item.ts';
import { identify } from './kinds.ts';
import type { ItemPlan, PlannedMetadata } from './plan.ts';
import { needsMetadata } from './settle.ts';

/** Key of Landsat's quality band. */
const qualityKey = 'qa_pixel';

/**
 * Plans what to fetch for an Item.
 * @param document the Item as parsed JSON
 * @param base final URL of its download; undefined for an Item that was given as text
 * @throws ItemRefused saying which asset or property is wrong
 */
export function readItem(document: unknown, base: URL | undefined): ItemPlan {
  const item = itemOf(document);
  const identity = identify(item);
  const { kind } = identity;
  const itemBase = baseOf(item, base);
  const bands = planBands(kind, item, itemBase);
  const baseline = kind.startsWith('s2') ? baselineOf(item) : undefined;
  const flag = kind === 's2-l2a' ? offsetFlagOf(item) : undefined;
  const keys = bands.map((band) => band.asset);
  const crs = crsOf(item, keys);
  const quality = kind.startsWith('s2') ? undefined : planFile(item, qualityKey, itemBase);
  if (quality !== undefined) checkOneProduct(kind, [...bands, { asset: qualityKey, ...quality }]);
  const plan: ItemPlan = {
    kind,
    id: plainId(item.id),
    acquisition: acquisitionOf(item, identity, baseline),
    ...(crs === undefined ? {} : { crs }),
    bands,
    ...(quality === undefined ? {} : { quality }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(flag === undefined ? {} : { isOffsetApplied: flag }),
  };
  refuseNight(plan);
  return withMetadata(plan, item, itemBase);
}

/** Ids become parts of file names. */
function plainId(id: string): string {
  const plain = id
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replace(/^[.-]+/, '')
    .replace(/\.SAFE$/, '')
    .slice(0, 120);
  return plain === '' ? 'item' : plain;
}

function refuseNight({ kind, acquisition: { sunElevation } }: ItemPlan): void {
  if (kind !== 'landsat-l1' || sunElevation === undefined || sunElevation > 0) return;
  throw new ItemRefused(
    'sun-below-horizon',
    `The Item is a night scene (sun elevation ${sunElevation}): reflectance is not defined.`,
  );
}

type PlannedFile = Pick<PlannedMetadata, 'href' | 'alternates'>;

function planFile(item: StacItem, key: string, base: URL | undefined): PlannedFile | undefined {
  const asset = item.assets.get(key);
  if (asset === undefined) return undefined;
  const href = resolveHref(asset.href, base, `The asset ${shown(key)}`);
  return { href, alternates: alternatesOf(asset, base) };
}

/** The document that settles the radiometry. What an offset flag has settled, no document can change. */
function withMetadata(plan: ItemPlan, item: StacItem, base: URL | undefined): ItemPlan {
  const isSentinel2 = plan.kind.startsWith('s2');
  const keys = isSentinel2 ? metadataKeys.sentinel2 : metadataKeys.landsat;
  const [key, form] = keys.find(([name]) => item.assets.has(name)) ?? [];
  const file = key === undefined ? undefined : planFile(item, key, base);
  const isNeeded = needsMetadata(plan);
  const isSettled =
    plan.isOffsetApplied !== undefined && plan.bands.every((band) => !band.isOriginal);
  if (form !== undefined && file !== undefined && !isSettled) {
    return { ...plan, metadata: { form, ...file, isNeeded } };
  }
  if (!isNeeded) return plan;
  throw new ItemRefused(
    'missing-radiometry',
    'The Item does not say how to scale its pixels (processing baseline, offset or product metadata needed).',
  );
}
