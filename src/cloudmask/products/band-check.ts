/** Every band file against what the product's metadata promise, before the first pixel is read. */
import { basename } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import type { RasterFile } from '../../raster/open-raster.ts';
import type { RasterSource } from './product.ts';

/** A block of a tiled image may not be larger than this side, unless it is the whole image. */
const maxBlock = 4096;
/** Shift that is tolerated between image and metadata, in pixels of the band, unless the band says otherwise. */
const tolerance = 0.01;

/**
 * Checks one band, type, size and position of an open file.
 * @param promise introduces in messages what was promised, and by whom
 * @throws ProductRefused naming the file, what was found and what was promised.
 */
export function checkBand(
  raster: RasterFile,
  band: RasterSource,
  promise = "the product's metadata say",
): void {
  const { header } = raster;
  const name = basename(raster.file);
  const refuse = (found: string, expected: string): never => {
    throw new ProductRefused(`${name} (band ${band.id}) ${found}; ${promise} ${expected}.`);
  };
  const { width, height } = band.grid;
  if (header.bandCount !== 1) refuse(`holds ${header.bandCount} bands`, 'one');
  if (header.dataType !== 'UInt16') refuse(`is of type ${header.dataType}`, 'UInt16');
  if (header.width !== width || header.height !== height) {
    refuse(`has ${header.height} × ${header.width} rows × columns`, `${height} × ${width}`);
  }
  if (header.blockWidth > maxBlock && header.blockWidth !== width) {
    refuse(`has blocks of ${header.blockWidth} columns`, `at most ${maxBlock}`);
  }
  checkPosition(raster, band, refuse);
}

function checkPosition(
  raster: RasterFile,
  band: RasterSource,
  refuse: (found: string, expected: string) => never,
): void {
  const { crs, geoTransform } = raster.header;
  const { grid } = band;
  if (crs !== undefined && crs !== grid.crs) refuse(`is in ${crs}`, grid.crs);
  if (geoTransform === undefined) return;
  const [x0, dx, rx, y0, ry, dy] = geoTransform as [number, number, number, number, number, number];
  const close = (a: number, b: number, pixels = tolerance): boolean =>
    Math.abs(a - b) <= pixels * Math.abs(grid.pixelWidth);
  if (rx !== 0 || ry !== 0 || !close(dx, grid.pixelWidth) || !close(dy, grid.pixelHeight)) {
    refuse(`has pixels of ${dx} × ${dy}`, `${grid.pixelWidth} × ${grid.pixelHeight}`);
  }
  const { positionTolerance } = band;
  if (!close(x0, grid.originX, positionTolerance) || !close(y0, grid.originY, positionTolerance)) {
    refuse(`has its corner at ${x0}, ${y0}`, `${grid.originX}, ${grid.originY}`);
  }
}
