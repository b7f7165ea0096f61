/**
 * Which kind of product an Item holds, and which are refused. The collection proves nothing (catalogues are copied),
 * nor do the instruments: all marks of a kind have to be there.
 */
import { ItemRefused, shown } from './item-refused.ts';
import { field, textField, type StacItem } from './item.ts';
import type { ItemKind } from './plan.ts';

const accepted =
  'accepted are Sentinel-2 (L1C, L2A) and Landsat 8 and 9 of Collection 2 (L1TP, L1GT, L1GS, L2SP)';

const landsatName = /(?:^|[/_])(L[A-Z]\d{2})_(L\d[A-Z]{2})_\d{6}_\d{8}/;
const sentinel2Name = /S2[A-D]_MSI(L1C|L2A)_\d{8}T\d{6}/;

/** What is known of the product before its bands are looked for. */
export interface ItemIdentity {
  readonly kind: ItemKind;
  /** As STAC writes it: `sentinel-2b`, `landsat-9`. */
  readonly platform: string;
  /** `L1C`, `L2A`, `L1TP`, `L2SP`, … */
  readonly level: string;
}

/**
 * Recognises the product.
 * @throws ItemRefused when it is none that can be masked
 */
export function identify(item: StacItem): ItemIdentity {
  refuseOldEarthSearch(item);
  const platform = textField(item.properties, 'platform', 'eo:platform');
  if (platform === undefined) return refuse('the Item names no platform');
  const plain = platform.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const [, letter] = /^sentinel2([a-d])$/.exec(plain) ?? [];
  if (letter !== undefined) return identifySentinel2(item, `sentinel-2${letter}`);
  const [, number] = /^landsat([89])$/.exec(plain) ?? [];
  if (number !== undefined) return identifyLandsat(item, number);
  return refuse(`the platform is ${shown(platform)}`);
}

function refuse(found: string): never {
  throw new ItemRefused(
    'unsupported-product',
    `The product is not supported: ${found}; ${accepted}.`,
  );
}

/** The catalogue is out of service, and its fields say too little of the offset. */
function refuseOldEarthSearch({ properties }: StacItem): void {
  if (!Object.keys(properties).some((key) => key.startsWith('sentinel:'))) return;
  throw new ItemRefused(
    'unsupported-product',
    'The Item has the old format of Earth Search v0 (properties sentinel:…). Give the Item of the same scene from ' +
      'the collection sentinel-2-c1-l2a of Earth Search v1 instead.',
  );
}

/** Names under which an Item speaks of its Sentinel-2 product: `S2B_MSIL1C_…`. */
export function sentinel2Names(item: StacItem): readonly string[] {
  const uri = textField(item.properties, 's2:product_uri');
  return [uri, item.id].filter(
    (name) => name !== undefined && sentinel2Name.test(name),
  ) as string[];
}

function identifySentinel2(item: StacItem, platform: string): ItemIdentity {
  const stated = textField(item.properties, 's2:product_type', 'product:type');
  const typed = /^S2MSI(1C|2A)$/.exec(stated ?? '')?.[1];
  if (stated !== undefined && typed === undefined) {
    refuse(`the product type is ${shown(stated)}`);
  }
  const ofHrefs = [...item.assets.values()].map(({ href }) => href);
  const names = sentinel2Names(item);
  const named = (names.length > 0 || typed !== undefined ? names : ofHrefs).flatMap(
    (name) => sentinel2Name.exec(name)?.[1] ?? [],
  );
  const levels = new Set(typed === undefined ? named : [`L${typed}`, ...named]);
  const [level] = levels;
  if (levels.size > 1) {
    throw new ItemRefused(
      'mixed-products',
      `The Item says ${[...levels].join(' and ')}: the product type and the names belong to different products.`,
    );
  }
  if (level === undefined) return refuse('the Item names no product type (s2:product_type)');
  return { kind: level === 'L1C' ? 's2-l1c' : 's2-l2a', platform, level };
}

function identifyLandsat(item: StacItem, number: string): ItemIdentity {
  const names = [item.id, ...[...item.assets.values()].map(({ href }) => href)];
  const found = names.flatMap((name) => {
    const [, sensor, level] = landsatName.exec(name) ?? [];
    return sensor === undefined || level === undefined ? [] : [{ sensor, level }];
  });
  const level = textField(item.properties, 'landsat:correction') ?? found[0]?.level;
  const sensor = found.find((name) => name.sensor !== `LC0${number}`)?.sensor;
  const collection = collectionOf(item);
  if (found.length === 0 || level === undefined) {
    return refuse(`neither id nor files are named like Landsat products (LC0${number}_…)`);
  }
  if (sensor !== undefined) {
    return refuse(`the files are named ${shown(sensor)}_…, expected is LC0${number}_…`);
  }
  if (collection !== 2) return refuse(`the collection number is ${collection}`);
  const platform = `landsat-${number}`;
  if (['L1TP', 'L1GT', 'L1GS'].includes(level)) return { kind: 'landsat-l1', platform, level };
  if (level === 'L2SP') return { kind: 'landsat-l2', platform, level };
  if (level === 'L2SR') throw missingThermal();
  return refuse(`the level is ${shown(level)}`);
}

/** Written as number or as text; Items that do not say it are named like those of Collection 2. */
function collectionOf({ properties }: StacItem): number {
  const stated = field(properties, 'landsat:collection_number');
  if (stated === undefined || stated === null) return 2;
  return typeof stated === 'string' || typeof stated === 'number' ? Number(stated) : Number.NaN;
}

/** A Landsat Item whose product, or whose half of the product, has no temperature. */
export function missingThermal(): ItemRefused {
  return new ItemRefused(
    'missing-thermal',
    'The Item holds no thermal band (level-2 surface reflectance only, or a product without TIRS). Give the complete ' +
      'product, or an Item that also has the asset lwir11.',
  );
}
