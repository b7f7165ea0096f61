/** Where a tile of the Military Grid Reference System lies, as the Sentinel-2 tiling does it. */

export interface TilePosition {
  /** Without a leading T: `32TPS`. */
  readonly name: string;
  readonly epsg: number;
  /** `WGS84 / UTM zone 32N`. */
  readonly crsName: string;
  /** Upper left corner in metres, on the 60 m raster. */
  readonly left: number;
  readonly top: number;
}

const bandLetters = 'CDEFGHJKLMNPQRSTUVWX';
const columnLetters = ['ABCDEFGH', 'JKLMNPQR', 'STUVWXYZ'];
const rowLetters = 'ABCDEFGHJKLMNPQRSTUV';

/** Position of a tile such as `32TPS`. Throws a RangeError where the name is none. */
export function tilePosition(name: string): TilePosition {
  if (!/^\d\d[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V]$/.test(name)) throw notATile(name);
  const zone = Number(name.slice(0, 2));
  const band = name.charAt(2);
  const column = columnLetters[(zone + 2) % 3]?.indexOf(name.charAt(3)) ?? -1;
  if (zone < 1 || zone > 60 || column < 0) throw notATile(name);
  const hemisphere = band < 'N' ? 'S' : 'N';
  const easting = (column + 1) * 100_000;
  const top = northing(zone, name.charAt(4), centreNorthing(band)) + 100_000;
  return {
    name,
    epsg: (hemisphere === 'S' ? 32700 : 32600) + zone,
    crsName: `WGS84 / UTM zone ${zone}${hemisphere}`,
    left: Math.floor(easting / 60) * 60,
    top: Math.ceil(top / 60) * 60,
  };
}

function notATile(name: string): RangeError {
  return new RangeError(`"${name}" is not the name of a tile (expected for example "32TPS").`);
}

/** Northing in metres of the middle of a latitude band, to some tens of kilometres. */
function centreNorthing(band: string): number {
  const latitude = -80 + 8 * bandLetters.indexOf(band) + 4;
  return latitude * 111_000 + (latitude < 0 ? 10_000_000 : 0);
}

/** Row letters repeat each 2,000 km: the one nearest to the band is meant. */
function northing(zone: number, row: string, centre: number): number {
  const first = zone % 2 === 0 ? 5 : 0;
  const offset = ((rowLetters.indexOf(row) - first + 20) % 20) * 100_000;
  return offset + Math.round((centre - offset) / 2_000_000) * 2_000_000;
}
