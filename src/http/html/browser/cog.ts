/** A mask as the map needs it: levels, tiles of values, place on Earth. The only place that knows geotiff and proj4. */
import { GeoTIFF, type GeoTIFFImage } from 'geotiff';
import proj4 from 'proj4';
import { RangeSource } from './range-source.ts';

export type Bounds = readonly [west: number, south: number, east: number, north: number];

export interface Level {
  readonly width: number;
  readonly height: number;
  /** Side of a tile in pixels. */
  readonly tile: number;
  /** Metres (or what the projection counts in) of a pixel. */
  readonly resolution: number;
}

export interface Cog {
  /** The finest first. */
  readonly levels: readonly Level[];
  readonly bounds: Bounds;
  readonly noData: number | undefined;
  readonly traffic: { readonly requests: number; readonly bytes: number };
  /** Colours by value, from the file; undefined when it has none. */
  readonly colours: readonly (readonly [number, number, number])[] | undefined;
  /** Values of a tile, row by row, cut at the edges of the level. */
  tile(level: number, column: number, row: number, band: number): Promise<Uint8Array>;
  /** Longitude and latitude of a place, when the projection is known. */
  readonly toLonLat: (east: number, north: number) => readonly [number, number] | undefined;
}

/** @throws Error when the file cannot be read by ranges, or is no GeoTIFF of our kind */
export async function openCog(url: string): Promise<Cog> {
  const source = new RangeSource(url);
  const file = await GeoTIFF.fromSource(source);
  const images = await imagesOf(file);
  const [first] = images;
  if (first === undefined) throw new Error('the file has no image');
  const [west = 0, south = 0, east = 0, north = 0] = first.getBoundingBox();
  const levels = images.map((image) => ({
    width: image.getWidth(),
    height: image.getHeight(),
    tile: image.getTileWidth(),
    resolution: (east - west) / image.getWidth(),
  }));
  return {
    levels,
    bounds: [west, south, east, north],
    noData: first.getGDALNoData() ?? undefined,
    traffic: source,
    colours: await coloursOf(first),
    tile: (level, column, row, band) => tileOf(images, levels, { level, column, row, band }),
    toLonLat: unprojection(Number(first.getGeoKeys()?.ProjectedCSTypeGeoKey)),
  };
}

/** Masks among the images (bit 2 of the subfile type) are no levels. */
async function imagesOf(file: GeoTIFF): Promise<GeoTIFFImage[]> {
  const count = await file.getImageCount();
  const all = await Promise.all(Array.from({ length: count }, (_, at) => file.getImage(at)));
  return all.filter(({ fileDirectory }) => {
    const type = fileDirectory.getValue('NewSubfileType') ?? 0;
    return (type & 4) === 0;
  });
}

interface Place {
  readonly level: number;
  readonly column: number;
  readonly row: number;
  readonly band: number;
}

async function tileOf(
  images: readonly GeoTIFFImage[],
  levels: readonly Level[],
  { level, column, row, band }: Place,
): Promise<Uint8Array> {
  const [image, size] = [images[level], levels[level]];
  if (image === undefined || size === undefined) throw new Error('there is no such level');
  const [left, top] = [column * size.tile, row * size.tile];
  const right = Math.min(size.width, left + size.tile);
  const bottom = Math.min(size.height, top + size.tile);
  const read = await image.readRasters({ window: [left, top, right, bottom], samples: [band] });
  const values: unknown = Array.isArray(read) ? read[0] : read;
  if (!(values instanceof Uint8Array)) throw new Error('the mask has not one byte for each pixel');
  return values;
}

/** The colour table has 16 bits for each of red, green and blue: all reds, all greens, all blues. */
async function coloursOf(image: GeoTIFFImage): Promise<Cog['colours']> {
  if (!image.fileDirectory.hasTag('ColorMap')) return undefined;
  const table = await image.fileDirectory.loadValue('ColorMap');
  if (table === undefined) return undefined;
  const entries = table.length / 3;
  return Array.from({ length: entries }, (_, value) => [
    (table[value] ?? 0) >> 8,
    (table[value + entries] ?? 0) >> 8,
    (table[value + 2 * entries] ?? 0) >> 8,
  ]);
}

function unprojection(epsg: number): Cog['toLonLat'] {
  const definition = projection(epsg);
  if (definition === undefined) return () => undefined;
  const { inverse } = proj4(definition);
  return (east, north) => {
    const [longitude, latitude] = inverse([east, north]);
    return [longitude, latitude];
  };
}

/** The systems in which products come: UTM, and polar stereographic for Antarctica. */
function projection(epsg: number): string | undefined {
  const zone = epsg % 100;
  const family = Math.floor(epsg / 100);
  if (zone >= 1 && zone <= 60 && (family === 326 || family === 327))
    return `+proj=utm +zone=${zone}${family === 327 ? ' +south' : ''} +datum=WGS84 +units=m`;
  if (epsg === 3031) return '+proj=stere +lat_0=-90 +lat_ts=-71 +lon_0=0 +datum=WGS84 +units=m';
  return undefined;
}
