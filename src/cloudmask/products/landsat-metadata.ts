/**
 * What the metadata of a Landsat product say of it: identity, acquisition and grids, by the groups of its collection.
 * Source: Landsat Collection 1 and Collection 2 Data Format Control Books (LSDS-1822, LSDS-1328).
 */
import { ProductRefused } from '../../errors.ts';
import type { Grid } from '../../raster/grid.ts';
import { qualityBands, type LandsatGrid } from './landsat-bands.ts';
import type { Mtl } from './mtl.ts';
import type { Acquisition } from './product.ts';

/** Where a collection keeps what. */
export interface LandsatGroups {
  /** Product id and version of the software. */
  readonly product: string;
  /** Level and file names. */
  readonly contents: string;
  /** Spacecraft, sensor and time. */
  readonly scene: string;
  /** Sun angles. */
  readonly image: string;
  /** Sizes and corners. */
  readonly extent: string;
  /** Projection and cell sizes. */
  readonly projection: string;
  readonly projectionParameters: string;
  readonly rescaling: string;
  readonly thermal: string;
  readonly processing: string;
  readonly levelKey: string;
  /** Key of the quality band's file name, and how such names end. */
  readonly qualityKey: string;
  readonly qualityId: string;
}

const collectionTwo: LandsatGroups = {
  product: 'PRODUCT_CONTENTS',
  contents: 'PRODUCT_CONTENTS',
  scene: 'IMAGE_ATTRIBUTES',
  image: 'IMAGE_ATTRIBUTES',
  extent: 'PROJECTION_ATTRIBUTES',
  projection: 'PROJECTION_ATTRIBUTES',
  projectionParameters: 'LEVEL1_PROJECTION_PARAMETERS',
  rescaling: 'LEVEL1_RADIOMETRIC_RESCALING',
  thermal: 'LEVEL1_THERMAL_CONSTANTS',
  processing: 'LEVEL1_PROCESSING_RECORD',
  levelKey: 'PROCESSING_LEVEL',
  qualityKey: 'FILE_NAME_QUALITY_L1_PIXEL',
  qualityId: qualityBands.collectionTwo,
};

const collectionOne: LandsatGroups = {
  product: 'METADATA_FILE_INFO',
  contents: 'PRODUCT_METADATA',
  scene: 'PRODUCT_METADATA',
  image: 'IMAGE_ATTRIBUTES',
  extent: 'PRODUCT_METADATA',
  projection: 'PROJECTION_PARAMETERS',
  projectionParameters: 'PROJECTION_PARAMETERS',
  rescaling: 'RADIOMETRIC_RESCALING',
  thermal: 'TIRS_THERMAL_CONSTANTS',
  processing: 'METADATA_FILE_INFO',
  levelKey: 'DATA_TYPE',
  qualityKey: 'FILE_NAME_BAND_QUALITY',
  qualityId: qualityBands.collectionOne,
};

const byRoot: ReadonlyMap<string, LandsatGroups> = new Map([
  ['LANDSAT_METADATA_FILE', collectionTwo],
  ['L1_METADATA_FILE', collectionOne],
]);

/** Groups of level 2 products, which only Collection 2 has. */
export const surfaceGroups = {
  reflectance: 'LEVEL2_SURFACE_REFLECTANCE_PARAMETERS',
  temperature: 'LEVEL2_SURFACE_TEMPERATURE_PARAMETERS',
  processing: 'LEVEL2_PROCESSING_RECORD',
} as const;

export interface LandsatIdentity {
  readonly groups: LandsatGroups;
  readonly productId: string;
  /** `L1TP`, `L1GT`, `L1GS`, `L2SP`, `L2SR`. */
  readonly level: string;
  /** `LANDSAT_8`. */
  readonly spacecraft: string;
  /** `OLI_TIRS`, `OLI`, `TIRS`, `ETM`, `TM`, `MSS`. */
  readonly sensor: string;
  /** Day of acquisition, `YYYY-MM-DD`. */
  readonly date: string;
}

/**
 * Which product it is, of any Landsat mission.
 * @throws ProductRefused when it is no metadata of Collection 1 or 2.
 */
export function readIdentity(mtl: Mtl): LandsatIdentity {
  const groups = byRoot.get(mtl.rootName);
  if (groups === undefined) {
    throw new ProductRefused(
      `${mtl.name} starts with ${mtl.rootName.slice(0, 60)}, expected ${[...byRoot.keys()].join(' or ')}.`,
    );
  }
  if (groups === collectionOne && mtl.optional(groups.product, 'COLLECTION_NUMBER') === undefined) {
    throw new ProductRefused(
      `${mtl.name} has no COLLECTION_NUMBER: products from before the collections (2016) are not supported.`,
    );
  }
  const productId = mtl.text(groups.product, 'LANDSAT_PRODUCT_ID');
  if (!/^\w{1,80}$/.test(productId)) {
    throw new ProductRefused(
      `${mtl.name} has LANDSAT_PRODUCT_ID "${productId.slice(0, 80)}", which is no product name.`,
    );
  }
  return {
    groups,
    productId,
    level: mtl.text(groups.contents, groups.levelKey),
    spacecraft: mtl.text(groups.scene, 'SPACECRAFT_ID'),
    sensor: mtl.text(groups.scene, 'SENSOR_ID'),
    date: mtl.text(groups.scene, 'DATE_ACQUIRED'),
  };
}

/** Facts for the results. */
export function readAcquisition(mtl: Mtl, identity: LandsatIdentity): Acquisition {
  const { groups, level } = identity;
  const record = level.startsWith('L2') ? surfaceGroups.processing : groups.processing;
  const angle = (key: string): number | undefined =>
    mtl.optional(groups.image, key) === undefined ? undefined : mtl.number(groups.image, key);
  const sunElevation = angle('SUN_ELEVATION');
  const sunAzimuth = angle('SUN_AZIMUTH');
  return {
    datetime: readTime(mtl, identity),
    platform: identity.spacecraft.toLowerCase().replace('_', '-'),
    constellation: 'landsat',
    instruments: ['oli', 'tirs'],
    processingLevel: level,
    processingVersion: mtl.optional(record, 'PROCESSING_SOFTWARE_VERSION') ?? 'unknown',
    ...(sunElevation === undefined ? {} : { sunElevation }),
    ...(sunAzimuth === undefined ? {} : { sunAzimuth }),
  };
}

function readTime(mtl: Mtl, { groups, date }: LandsatIdentity): string {
  const time = mtl.text(groups.scene, 'SCENE_CENTER_TIME');
  const text = `${date}T${time}`;
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/.test(text);
  const moment = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(moment)) return new Date(moment).toISOString();
  throw new ProductRefused(
    `${mtl.name} has DATE_ACQUIRED and SCENE_CENTER_TIME "${text.slice(0, 60)}", which is no time in UTC.`,
  );
}

export interface LandsatGrids {
  readonly reflective: Grid;
  readonly thermal: Grid;
  readonly panchromatic?: Grid;
}

/** More rows and columns than any real product has. */
export const maxSize = 10_000;
export const maxPanchromatic = 20_000;
const maxCell = 10_000;
/** Within which coordinates of a projection lie, in m. */
const maxCoordinate = 2e7;

/**
 * The grids of a product: the corner of the metadata is the centre of the upper left pixel in all of them.
 * @throws ProductRefused when sizes are missing, impossible or do not fit each other.
 */
export function readGrids(mtl: Mtl, groups: LandsatGroups, hasPanchromatic: boolean): LandsatGrids {
  const crs = readCrs(mtl, groups);
  const reflective = readGrid(mtl, groups, 'reflective', crs);
  const thermal = readGrid(mtl, groups, 'thermal', crs);
  const panchromatic = hasPanchromatic ? readGrid(mtl, groups, 'panchromatic', crs) : undefined;
  const grids = { reflective, thermal, ...(panchromatic && { panchromatic }) };
  requireFittingGrids(mtl.name, grids);
  return grids;
}

/**
 * Thermal bands lie on the reflective grid, the panchromatic one has about twice as many pixels of half the size, and
 * none is larger than those of a real product.
 * @param name what gives the sizes, for messages
 * @throws ProductRefused with the sizes that do not fit
 */
export function requireFittingGrids(name: string, grids: LandsatGrids): void {
  const { reflective, thermal, panchromatic } = grids;
  if (Math.max(reflective.width, reflective.height) > maxSize) {
    throw new ProductRefused(
      `${name} gives ${sizeOf(reflective)} rows × columns for the reflective bands; expected are at most ${maxSize}.`,
    );
  }
  if (thermal.width !== reflective.width || thermal.height !== reflective.height) {
    throw new ProductRefused(
      `${name} gives ${sizeOf(thermal)} rows × columns for the thermal bands and ` +
        `${sizeOf(reflective)} for the reflective ones; expected is the same.`,
    );
  }
  if (
    panchromatic !== undefined &&
    (!isAboutTwice(panchromatic.width, reflective.width) ||
      !isAboutTwice(panchromatic.height, reflective.height) ||
      panchromatic.pixelWidth * 2 !== reflective.pixelWidth)
  ) {
    throw new ProductRefused(
      `${name} gives ${sizeOf(panchromatic)} rows × columns of ${panchromatic.pixelWidth} m for the panchromatic ` +
        `band beside ${sizeOf(reflective)} of ${reflective.pixelWidth} m; expected is about twice as many of half the size.`,
    );
  }
}

function readGrid(mtl: Mtl, groups: LandsatGroups, kind: LandsatGrid, crs: string): Grid {
  const name = kind.toUpperCase();
  const to = kind === 'panchromatic' ? maxPanchromatic : maxSize;
  const size = { from: 1, to, integer: true } as const;
  const coordinate = { from: -maxCoordinate, to: maxCoordinate };
  const cell = mtl.number(groups.projection, `GRID_CELL_SIZE_${name}`, { above: 0, to: maxCell });
  const x = mtl.number(groups.extent, 'CORNER_UL_PROJECTION_X_PRODUCT', coordinate);
  const y = mtl.number(groups.extent, 'CORNER_UL_PROJECTION_Y_PRODUCT', coordinate);
  return {
    crs,
    width: mtl.number(groups.extent, `${name}_SAMPLES`, size),
    height: mtl.number(groups.extent, `${name}_LINES`, size),
    originX: x - cell / 2,
    originY: y + cell / 2,
    pixelWidth: cell,
    pixelHeight: -cell,
  };
}

/** Real panchromatic grids have one row and column less than twice as many. */
function isAboutTwice(fine: number, coarse: number): boolean {
  return Math.abs(fine - 2 * coarse) <= 1;
}

function sizeOf({ width, height }: Grid): string {
  return `${height} × ${width}`;
}

/** Landsat uses northern UTM zones on both hemispheres (negative northings) and one polar projection. */
function readCrs(mtl: Mtl, groups: LandsatGroups): string {
  const { projection, projectionParameters } = groups;
  const name = mtl.text(projection, 'MAP_PROJECTION');
  const datum = mtl.text(projection, 'DATUM');
  const orientation = mtl.optional(projection, 'ORIENTATION') ?? 'NORTH_UP';
  if (datum !== 'WGS84' || orientation !== 'NORTH_UP') {
    throw new ProductRefused(
      `${mtl.name} has DATUM ${datum.slice(0, 40)} and ORIENTATION ${orientation.slice(0, 40)}; expected are WGS84 and NORTH_UP.`,
    );
  }
  if (name === 'UTM') {
    const zone = mtl.number(projection, 'UTM_ZONE', { from: 1, to: 60, integer: true });
    return `EPSG:326${String(zone).padStart(2, '0')}`;
  }
  const parameter = (key: string): number => {
    const group = mtl.optional(projection, key) === undefined ? projectionParameters : projection;
    return mtl.number(group, key);
  };
  const isAntarctic =
    name === 'PS' &&
    parameter('VERTICAL_LON_FROM_POLE') === 0 &&
    parameter('TRUE_SCALE_LAT') === -71 &&
    parameter('FALSE_EASTING') === 0 &&
    parameter('FALSE_NORTHING') === 0;
  if (isAntarctic) return 'EPSG:3031';
  throw new ProductRefused(
    `${mtl.name} has the MAP_PROJECTION ${name.slice(0, 40)}; supported are UTM and the polar stereographic projection of Antarctica (EPSG:3031).`,
  );
}
