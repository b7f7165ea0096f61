/**
 * Which asset key means which band, by catalogue. `common_name` is never used: B05, B06 and B07 share one, B8A has
 * several, and `nir08` is B8A for Sentinel-2 but B5 for Landsat.
 */
import {
  levelOneBands,
  levelTwoBands,
  type LandsatBand,
} from '../../cloudmask/products/landsat-bands.ts';
import { msiBands, type MsiBand } from '../../cloudmask/products/sentinel2-bands.ts';
import type { ItemKind } from './plan.ts';

export interface BandKeys {
  readonly id: string;
  /** Nominal pixel size in m. */
  readonly resolution: number;
  readonly isThermal: boolean;
  /** Keys of the asset, whatever the catalogue. */
  readonly keys: readonly string[];
  /** Keys of untouched files beside converted ones: looked for only when no band has any of `keys`. */
  readonly originalKeys: readonly string[];
  /** Names inside the asset (`bands`, `eo:bands`), for assets with keys of their own. */
  readonly names: readonly string[];
}

/** Earth Search and stactools. */
const msiNames: Readonly<Record<string, string>> = {
  B01: 'coastal',
  B02: 'blue',
  B03: 'green',
  B04: 'red',
  B05: 'rededge1',
  B06: 'rededge2',
  B07: 'rededge3',
  B08: 'nir',
  B8A: 'nir08',
  B09: 'nir09',
  B10: 'cirrus',
  B11: 'swir16',
  B12: 'swir22',
};

/** USGS, Earth Search, Planetary Computer and stactools, by number of the band. */
const landsatNames: Readonly<Record<string, string>> = {
  '1': 'coastal',
  '2': 'blue',
  '3': 'green',
  '4': 'red',
  '5': 'nir08',
  '6': 'swir16',
  '7': 'swir22',
  '8': 'pan',
  '9': 'cirrus',
  '10': 'lwir11',
  '11': 'lwir12',
};

/** Planetary Computer and Copernicus level 1 name a band by itself, Copernicus level 2 adds the native resolution. */
function msiKeys({ id, group }: MsiBand, isLevelTwo: boolean): BandKeys {
  const name = msiNames[id] ?? id;
  return {
    id,
    resolution: Number(group),
    isThermal: false,
    keys: isLevelTwo ? [name, id, `${id}_${group}m`] : [name, id],
    originalKeys: isLevelTwo ? [`${name}-jp2`] : [],
    names: [id],
  };
}

/** `SR_B1.TIF` is the key in Items that came with products of 2020 and 2021. */
function landsatKeys({ id, grid, kelvin }: LandsatBand): BandKeys {
  const number = id.replace(/^.*B/, '');
  return {
    id,
    resolution: grid === 'panchromatic' ? 15 : 30,
    isThermal: kelvin !== undefined,
    keys: [landsatNames[number] ?? id, `${id}.TIF`],
    originalKeys: [],
    names: [id, `B${number}`, `OLI_B${number}`, `TIRS_B${number}`],
  };
}

/** Bands of each kind in the order of the network. */
export const bandTables: Readonly<Record<ItemKind, readonly BandKeys[]>> = {
  's2-l1c': msiBands.map((band) => msiKeys(band, false)),
  's2-l2a': msiBands.filter(({ id }) => id !== 'B10').map((band) => msiKeys(band, true)),
  'landsat-l1': levelOneBands.map(landsatKeys),
  'landsat-l2': levelTwoBands.map(landsatKeys),
};

/** Keys that are no bands, whatever their content says of bands. */
export const notBands =
  /^(visual|tci|overview|preview|thumbnail|rendered_preview|tilejson|aot|wvp|scl|cld|snw|cloud|snow|qa|atran|cdist|drad|urad|trad|emis|emsd)/i;

/** Keys of the metadata that settle the radiometry, the preferred one first. */
export const metadataKeys = {
  sentinel2: [
    ['product_metadata', 'mtd'],
    ['product-metadata', 'mtd'],
  ],
  landsat: [
    ['MTL.txt', 'mtl-txt'],
    ['mtl.txt', 'mtl-txt'],
    ['MTL.json', 'mtl-json'],
    ['mtl.json', 'mtl-json'],
    ['MTL.xml', 'mtl-xml'],
    ['mtl.xml', 'mtl-xml'],
  ],
} as const;
