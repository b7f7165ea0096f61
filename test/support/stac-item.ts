/** STAC Items made by tests, as Earth Search and USGS write them, and why such an Item is refused. */
import { ItemRefused } from '../../src/sources/stac/item-refused.ts';

export interface TestAsset {
  href: string;
  [field: string]: unknown;
}

export interface TestItem {
  type: string;
  stac_version: string;
  id: string;
  properties: Record<string, unknown>;
  assets: Record<string, TestAsset>;
  links: { rel: string; href: string }[];
}

const msi = [
  ['coastal', 'B01', 60],
  ['blue', 'B02', 10],
  ['green', 'B03', 10],
  ['red', 'B04', 10],
  ['rededge1', 'B05', 20],
  ['rededge2', 'B06', 20],
  ['rededge3', 'B07', 20],
  ['nir', 'B08', 10],
  ['nir08', 'B8A', 20],
  ['nir09', 'B09', 60],
  ['cirrus', 'B10', 60],
  ['swir16', 'B11', 20],
  ['swir22', 'B12', 20],
] as const;

/** What a test says of a Sentinel-2 Item. */
export interface Sentinel2Facts {
  readonly level: 'L1C' | 'L2A';
  readonly baseline: string | undefined;
  /** In reflectance; undefined: the Item states none. */
  readonly offset: number | undefined;
  readonly flag: unknown;
  readonly hasMetadata: boolean;
}

/** A Sentinel-2 Item of tile 33UWP. */
export function sentinel2Item(facts: Partial<Sentinel2Facts> = {}): TestItem {
  const { level, baseline, offset, flag, hasMetadata }: Sentinel2Facts = {
    level: 'L1C',
    baseline: '05.10',
    offset: -0.1,
    flag: undefined,
    hasMetadata: false,
    ...facts,
  };
  const assets = msi
    .filter(([, id]) => level === 'L1C' || id !== 'B10')
    .map(([key, id, gsd]) => {
      const asset: TestAsset = {
        href: `https://data.example/33/U/WP/2024/5/25/0/${id}.jp2`,
        type: 'image/jp2',
        gsd,
        'eo:bands': [{ name: id }],
      };
      if (offset !== undefined) asset['raster:bands'] = [{ nodata: 0, scale: 0.0001, offset }];
      return [key, asset] as const;
    });
  const metadata = { href: 'https://data.example/33/U/WP/2024/5/25/0/MTD.xml' };
  return {
    type: 'Feature',
    stac_version: '1.0.0',
    id: `S2B_33UWP_20240525_0_${level}`,
    properties: {
      datetime: '2024-05-25T10:05:59Z',
      platform: 'sentinel-2b',
      's2:product_type': `S2MSI${level.slice(1)}`,
      ...(baseline === undefined ? {} : { 's2:processing_baseline': baseline }),
      ...(flag === undefined ? {} : { 'earthsearch:boa_offset_applied': flag }),
    },
    assets: {
      ...Object.fromEntries(assets),
      ...(hasMetadata ? { product_metadata: metadata } : {}),
    },
    links: [],
  };
}

const levelOne = [
  ['coastal', 'B1'],
  ['blue', 'B2'],
  ['green', 'B3'],
  ['red', 'B4'],
  ['nir08', 'B5'],
  ['swir16', 'B6'],
  ['swir22', 'B7'],
  ['pan', 'B8'],
  ['cirrus', 'B9'],
  ['lwir11', 'B10'],
  ['lwir12', 'B11'],
] as const;

/** Name of the Landsat product that these Items hold, without its level. */
export const landsatProduct = (level: string): string =>
  `LC08_${level}_016037_20170813_20200903_02_T1`;

/** A Landsat 8 Item with its MTL as text. */
export function landsatItem(level: 'L1TP' | 'L2SP' = 'L1TP'): TestItem {
  const product = landsatProduct(level);
  const href = (end: string): string => `https://data.example/${product}/${product}_${end}`;
  const isLevelTwo = level === 'L2SP';
  const bands = isLevelTwo
    ? [
        ...levelOne.slice(0, 7).map(([key, id]) => [key, `SR_${id}`] as const),
        ['lwir11', 'ST_B10'] as const,
      ]
    : levelOne;
  const assets = bands.map(([key, id]) => {
    const [scale, offset] = id === 'ST_B10' ? [0.00341802, 149] : [0.0000275, -0.2];
    const asset: TestAsset = { href: href(`${id}.TIF`), type: 'image/tiff; application=geotiff' };
    if (isLevelTwo) asset['raster:bands'] = [{ nodata: 0, scale, offset }];
    return [key, asset] as const;
  });
  return {
    type: 'Feature',
    stac_version: '1.0.0',
    id: product,
    properties: {
      datetime: '2017-08-13T15:54:15Z',
      platform: 'LANDSAT_8',
      instruments: ['OLI', 'TIRS'],
      'landsat:correction': level,
      'landsat:collection_number': '02',
      'view:sun_elevation': 30,
    },
    assets: {
      ...Object.fromEntries(assets),
      qa_pixel: { href: href('QA_PIXEL.TIF') },
      'MTL.txt': { href: href('MTL.txt') },
    },
    links: [],
  };
}

/** Reason and message of a refusal. */
export function refusal(run: () => unknown): readonly [reason: string, message: string] {
  try {
    run();
  } catch (error) {
    if (error instanceof ItemRefused) return [error.reason, error.message];
    throw error;
  }
  throw new Error('The Item was not refused.');
}
