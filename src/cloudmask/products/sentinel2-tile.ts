/** `MTD_TL.xml`: sizes, positions and sun angles of the one tile (granule) of a Sentinel-2 product. */
import { ProductRefused } from '../../errors.ts';
import type { Grid } from '../../raster/grid.ts';
import { fullTile, groupFactor, type Group } from './sentinel2-bands.ts';
import { attribute, children, textOf, XmlDocument, type Element } from './xml.ts';

export interface TileMetadata {
  readonly grids: Readonly<Record<Group, Grid>>;
  /** RFC 3339, UTC. */
  readonly sensingTime: string;
  /** Degrees above the horizon and clockwise from north; absent where the metadata have none. */
  readonly sunElevation?: number;
  readonly sunAzimuth?: number;
}

const geocoding = ['Geometric_Info', 'Tile_Geocoding'];

/**
 * Reads and checks the tile metadata.
 * @throws ProductRefused when sizes are missing, impossible or do not fit each other.
 */
export async function readTileMetadata(file: string): Promise<TileMetadata> {
  const document = await XmlDocument.read(file);
  const crs = document.text(...geocoding, 'HORIZONTAL_CS_CODE');
  if (!/^EPSG:\d{4,6}$/.test(crs)) {
    throw new ProductRefused(
      `${document.name} has HORIZONTAL_CS_CODE "${crs}"; expected is EPSG:<code>.`,
    );
  }
  const grids = {
    '10': readGrid(document, '10', crs),
    '20': readGrid(document, '20', crs),
    '60': readGrid(document, '60', crs),
  };
  requireTileSizes(document.name, grids);
  return {
    grids,
    sensingTime: readTime(document),
    ...readSun(document),
  };
}

function readTime(document: XmlDocument): string {
  const text = document.text('General_Info', 'SENSING_TIME');
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/.test(text);
  const moment = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(moment)) return text;
  throw new ProductRefused(
    `${document.name} has SENSING_TIME "${text.slice(0, 60)}", which is no time in UTC.`,
  );
}

function readGrid(document: XmlDocument, group: Group, crs: string): Grid {
  const size = ofGroup(document, 'Size', group);
  const position = ofGroup(document, 'Geoposition', group);
  const value = (element: Element, name: string): number => {
    const [found] = children(element, name);
    if (found == null) throw new ProductRefused(`${document.name} has no ${name} for ${group} m.`);
    return document.parseNumber(textOf(found), name);
  };
  return {
    crs,
    width: value(size, 'NCOLS'),
    height: value(size, 'NROWS'),
    originX: value(position, 'ULX'),
    originY: value(position, 'ULY'),
    pixelWidth: value(position, 'XDIM'),
    pixelHeight: value(position, 'YDIM'),
  };
}

function ofGroup(document: XmlDocument, name: string, group: Group): Element {
  const found = document
    .all(...geocoding, name)
    .filter((element) => attribute(element, 'resolution') === group);
  const [element] = found;
  if (element == null || found.length > 1) {
    throw new ProductRefused(
      `${document.name} has ${found.length} ${name} for ${group} m, expected 1.`,
    );
  }
  return element;
}

/**
 * Groups are 1 : 2 : 6, and no tile is larger than a real one.
 * @param name what gives the sizes, for messages
 * @throws ProductRefused with the sizes that do not fit
 */
export function requireTileSizes(name: string, grids: Readonly<Record<Group, Grid>>): void {
  const fine = grids['10'];
  for (const group of ['10', '20', '60'] as const) {
    const { width, height } = grids[group];
    const factor = groupFactor[group];
    const limit = fullTile / factor;
    const plausible = [width, height].every(
      (size) => Number.isInteger(size) && size >= 1 && size <= limit,
    );
    if (!plausible || width * factor !== fine.width || height * factor !== fine.height) {
      throw new ProductRefused(
        `${name} gives ${height} × ${width} rows × columns for the ${group} m bands beside ` +
          `${fine.height} × ${fine.width} for 10 m; expected are sizes of 1 : 2 : 6, at most ${fullTile}.`,
      );
    }
  }
}

function readSun(document: XmlDocument): Pick<TileMetadata, 'sunElevation' | 'sunAzimuth'> {
  const path = ['Geometric_Info', 'Tile_Angles', 'Mean_Sun_Angle'];
  if (document.all(...path).length !== 1) return {};
  return {
    sunElevation: 90 - document.number(...path, 'ZENITH_ANGLE'),
    sunAzimuth: document.number(...path, 'AZIMUTH_ANGLE'),
  };
}
