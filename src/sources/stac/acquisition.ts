/** When, from what and under which sun a product was taken, as its Item says. */
import type { Acquisition } from '../../cloudmask/products/product.ts';
import { ItemRefused } from './item-refused.ts';
import { field, numberField, textField, type StacItem } from './item.ts';
import { sentinel2Names, type ItemIdentity } from './kinds.ts';

/**
 * Facts for the results.
 * @throws ItemRefused when there is no time of acquisition
 */
export function acquisitionOf(
  item: StacItem,
  { kind, platform, level }: ItemIdentity,
  baseline: string | undefined,
): Acquisition {
  const isSentinel2 = kind.startsWith('s2');
  const sunElevation = sunElevationOf(item);
  const sunAzimuth = numberField(
    item.properties,
    'view:sun_azimuth',
    'eo:sun_azimuth',
    's2:mean_solar_azimuth',
  );
  return {
    datetime: timeOf(item),
    platform,
    constellation: isSentinel2 ? 'sentinel-2' : 'landsat',
    instruments: isSentinel2 ? ['msi'] : ['oli', 'tirs'],
    processingLevel: level,
    processingVersion: baseline ?? 'unknown',
    ...(sunElevation === undefined ? {} : { sunElevation }),
    ...(sunAzimuth === undefined || Math.abs(sunAzimuth) > 360 ? {} : { sunAzimuth }),
  };
}

function timeOf({ properties }: StacItem): string {
  const text = textField(properties, 'datetime', 'start_datetime') ?? '';
  const isTime = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?$/.test(
    text,
  );
  const moment = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(moment)) return new Date(moment).toISOString();
  throw new ItemRefused('not-an-item', 'The Item has no datetime that is a time in UTC.');
}

/** Degrees above the horizon. */
function sunElevationOf({ properties }: StacItem): number | undefined {
  const zenith = numberField(properties, 's2:mean_solar_zenith');
  const stated = numberField(properties, 'view:sun_elevation', 'eo:sun_elevation');
  const elevation = stated ?? (zenith === undefined ? undefined : 90 - zenith);
  if (elevation === undefined || Math.abs(elevation) <= 90) return elevation;
  throw new ItemRefused(
    'radiometry-conflict',
    `The Item states the sun elevation ${elevation}, which is not plausible.`,
  );
}

/**
 * The processing baseline of Sentinel-2, `05.10`: a property, or part of the product's name.
 * @throws ItemRefused when the two disagree
 */
export function baselineOf(item: StacItem): string | undefined {
  const stated = textField(item.properties, 's2:processing_baseline', 'processing:version');
  const found = [
    ...(stated !== undefined && /^\d{2}\.\d{2}$/.test(stated) ? [stated] : []),
    ...sentinel2Names(item).flatMap((name) => {
      const [, major, minor] = /_N(\d{2})(\d{2})_/.exec(name) ?? [];
      return major === undefined || minor === undefined ? [] : [`${major}.${minor}`];
    }),
  ];
  const [first, ...others] = found;
  const other = others.find((baseline) => baseline !== first);
  if (other === undefined) return first;
  throw new ItemRefused(
    'radiometry-conflict',
    `The Item states two processing baselines: ${first} and ${other}.`,
  );
}

/**
 * The reference system that an Item states for these assets.
 * @throws ItemRefused when they have several
 */
export function crsOf(item: StacItem, keys: readonly string[]): string | undefined {
  const ofAssets = keys.flatMap((key) => {
    const asset = item.assets.get(key);
    return asset === undefined ? [] : [asset.fields];
  });
  const found = new Set(
    [item.properties, ...ofAssets].flatMap((fields) => {
      const epsg = numberField(fields, 'proj:epsg');
      const code = textField(fields, 'proj:code') ?? (epsg === undefined ? '' : `EPSG:${epsg}`);
      return /^EPSG:\d{4,6}$/.test(code) ? [code] : [];
    }),
  );
  const [crs] = found;
  if (found.size <= 1) return crs;
  throw new ItemRefused(
    'mixed-products',
    `The assets belong to different products: the Item states the reference systems ${[...found].join(' and ')}.`,
  );
}

/** The flag of Earth Search that its converted files have lost their offset; it says nothing of level 1. */
export function offsetFlagOf({ properties }: StacItem): boolean | undefined {
  const flag = field(properties, 'earthsearch:boa_offset_applied');
  if (flag === undefined || flag === null || typeof flag === 'boolean') return flag ?? undefined;
  throw new ItemRefused(
    'radiometry-ambiguous',
    'The Item has a property earthsearch:boa_offset_applied that is neither true nor false.',
  );
}
