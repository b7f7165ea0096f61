/** Writes JPEG 2000 as the product has it: lossless, 16 bit with 15 in use, tiled, georeferenced. */
import gdal from 'gdal-async';

export interface Jp2Image {
  readonly rows: number;
  readonly columns: number;
  readonly numbers: Uint16Array;
  /** Side of the tiles inside the file, in pixels. */
  readonly tileSide: number;
  readonly epsg: number;
  /** Upper left corner and side of a pixel, in metres. */
  readonly left: number;
  readonly top: number;
  readonly pixelSide: number;
}

/** Writes one band to a file. */
export async function writeJp2(file: string, image: Jp2Image): Promise<void> {
  const { rows, columns, left, top, pixelSide } = image;
  const memory = gdal.drivers.get('MEM').create('', columns, rows, 1, gdal.GDT_UInt16);
  memory.srs = gdal.SpatialReference.fromEPSG(image.epsg);
  memory.geoTransform = [left, pixelSide, 0, top, 0, -pixelSide];
  await memory.bands.get(1).pixels.writeAsync(0, 0, columns, rows, image.numbers);
  const options = {
    QUALITY: '100',
    REVERSIBLE: 'YES',
    NBITS: '15',
    BLOCKXSIZE: String(image.tileSide),
    BLOCKYSIZE: String(image.tileSide),
  };
  const copy = await gdal.drivers.get('JP2OpenJPEG').createCopyAsync(file, memory, options);
  copy.close();
  memory.close();
}

/** Longitude and latitude in degrees of a place given as [easting, northing] in metres. */
export function geographic(epsg: number, [easting, northing]: readonly [number, number]) {
  const toDegrees = new gdal.CoordinateTransformation(
    gdal.SpatialReference.fromEPSG(epsg),
    gdal.SpatialReference.fromUserInput('OGC:CRS84'),
  );
  const point = toDegrees.transformPoint(easting, northing);
  return { longitude: point.x, latitude: point.y };
}
