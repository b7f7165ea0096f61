/** Which asset is which band: exactly one for each, by the keys of the kind's table. */
import { bandTables, notBands, type BandKeys } from './band-tables.ts';
import { checkBandName, checkOneProduct } from './file-names.ts';
import { alternatesOf, fileNameOf, resolveHref } from './hrefs.ts';
import { ItemRefused, shown } from './item-refused.ts';
import { numberField, type Asset, type StacItem } from './item.ts';
import { missingThermal } from './kinds.ts';
import type { ItemKind, PlannedBand } from './plan.ts';
import { checkPixelSize, checkShapes } from './sizes.ts';
import { bandNames, checkMediaType, statedScale, statedShape } from './stated.ts';

/** An asset that is taken for a band. */
interface Choice {
  readonly band: BandKeys;
  readonly key: string;
  readonly asset: Asset;
  readonly isOriginal: boolean;
}

/**
 * Finds and checks the assets of all bands.
 * @throws ItemRefused naming the bands that are missing, ambiguous, or not what their keys say
 */
export function planBands(kind: ItemKind, item: StacItem, base: URL | undefined): PlannedBand[] {
  const table = bandTables[kind];
  const known = table.map((band) => choose(band, item, band.keys, false));
  const isMissedCompletely = known.every((choice) => choice === undefined);
  const choices = isMissedCompletely
    ? table.map((band) => choose(band, item, band.originalKeys, true))
    : known;
  const found = table.map((band, index) => choices[index] ?? chooseByName(kind, band, item));
  refuseMissing(
    table.filter((_, index) => found[index] === undefined),
    table,
  );
  const bands = found.flatMap((choice) => (choice === undefined ? [] : [plan(kind, choice, base)]));
  checkShapes(kind, bands);
  checkOneProduct(kind, bands);
  return bands;
}

function choose(
  band: BandKeys,
  item: StacItem,
  keys: readonly string[],
  isOriginal: boolean,
): Choice | undefined {
  const found = keys.flatMap((key) => {
    const asset = item.assets.get(key);
    return asset === undefined ? [] : [{ band, key, asset, isOriginal }];
  });
  return onlyOne(band, found);
}

/** Assets with keys of a user's own, by the name that they give their band. */
function chooseByName(kind: ItemKind, band: BandKeys, item: StacItem): Choice | undefined {
  const taken = new Set(bandTables[kind].flatMap(({ keys }) => keys));
  const found = [...item.assets].flatMap(([key, asset]) => {
    const isCandidate =
      !taken.has(key) &&
      !notBands.test(key) &&
      isNative(kind, band, asset) &&
      bandNames(asset).some((name) => band.names.includes(name));
    return isCandidate ? [{ band, key, asset, isOriginal: key.endsWith('-jp2') }] : [];
  });
  return onlyOne(band, found);
}

/** Sentinel-2 level 2 has a band in several pixel sizes. */
function isNative(kind: ItemKind, { resolution }: BandKeys, asset: Asset): boolean {
  if (!kind.startsWith('s2')) return true;
  const [, ofName] = /_(10|20|60)m\.\w+$/.exec(asset.href) ?? [];
  const stated =
    numberField(asset.fields, 'gsd') ?? (ofName === undefined ? undefined : Number(ofName));
  return stated === undefined || stated === resolution;
}

/** Two keys of one file are one asset. */
function onlyOne(band: BandKeys, found: readonly Choice[]): Choice | undefined {
  const [first, ...others] = found;
  const other = others.find(({ asset }) => asset.href !== first?.asset.href);
  if (first === undefined || other === undefined) return first;
  throw new ItemRefused(
    'ambiguous-band',
    `Band ${band.id} is claimed by two assets: ${shown(first.key)} and ${shown(other.key)}.`,
  );
}

function refuseMissing(missing: readonly BandKeys[], table: readonly BandKeys[]): void {
  if (missing.length === 0) return;
  const hasReflective = missing.length < table.filter((band) => !band.isThermal).length;
  if (hasReflective && missing.every((band) => band.isThermal)) throw missingThermal();
  const names = missing.map(({ id, keys }) => `${id} (asset ${keys.join(' or ')})`);
  throw new ItemRefused(
    'missing-bands',
    `The Item has no assets for the bands ${names.join(', ')}.`,
  );
}

function plan(
  kind: ItemKind,
  { band, key, asset, isOriginal }: Choice,
  base: URL | undefined,
): PlannedBand {
  const { id, resolution } = band;
  const href = resolveHref(asset.href, base, `The asset ${shown(key)} (band ${id})`);
  const shape = statedShape(asset, id);
  const planned: PlannedBand = {
    id,
    asset: key,
    href,
    alternates: alternatesOf(asset, base),
    resolution,
    ...(shape === undefined ? {} : { shape }),
    stated: statedScale(asset, id),
    isOriginal,
  };
  checkMediaType(asset, fileNameOf(href), `The asset ${shown(key)} (band ${id})`);
  checkBandName(kind, planned);
  checkPixelSize(kind, asset, id, resolution);
  return planned;
}
