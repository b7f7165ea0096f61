/**
 * Where the bands of a product of single files lie. The finest band says where; the first band of every other kind of
 * grid says how many pixels there are, which have to fit; all files are compared with the outcome afterwards.
 */
import { basename } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import type { Grid } from '../../raster/grid.ts';
import type { RasterFile } from '../../raster/open-raster.ts';
import { requireFittingGrids } from './landsat-metadata.ts';
import { groupFactor } from './sentinel2-bands.ts';
import { requireTileSizes } from './sentinel2-tile.ts';

/** Grids of a product by what lies on them; Sentinel-2's coarser groups by their label. */
export type BandGrid = 'finest' | 'panchromatic' | 'thermal' | '20' | '60';

/** For messages. */
const subject = 'The product';

/**
 * The grid of every sort of band.
 * @param files the first band file of each sort
 * @throws ProductRefused when sizes are impossible or do not fit each other
 */
export function bandGrids(
  isSentinel2: boolean,
  files: ReadonlyMap<BandGrid, RasterFile>,
): ReadonlyMap<BandGrid, Grid> {
  const own = new Map([...files].map(([name, file]) => [name, gridOfFile(file)]));
  return isSentinel2 ? tileGrids(own) : sceneGrids(own);
}

function tileGrids(own: ReadonlyMap<BandGrid, Grid>): ReadonlyMap<BandGrid, Grid> {
  const finest = own.get('finest')!;
  const coarse = (group: '20' | '60'): Grid => {
    const { width, height } = own.get(group)!;
    const factor = groupFactor[group];
    const { pixelWidth, pixelHeight } = finest;
    return {
      ...finest,
      width,
      height,
      pixelWidth: pixelWidth * factor,
      pixelHeight: pixelHeight * factor,
    };
  };
  const grids = { '10': finest, '20': coarse('20'), '60': coarse('60') };
  requireTileSizes(subject, grids);
  return new Map([
    ['finest', finest],
    ['20', grids['20']],
    ['60', grids['60']],
  ]);
}

function sceneGrids(own: ReadonlyMap<BandGrid, Grid>): ReadonlyMap<BandGrid, Grid> {
  const finest = own.get('finest')!;
  const { width, height } = own.get('thermal')!;
  const thermal = { ...finest, width, height };
  const panchromatic = panchromaticGrid(finest, own.get('panchromatic'));
  requireFittingGrids(subject, {
    reflective: finest,
    thermal,
    ...(panchromatic && { panchromatic }),
  });
  return new Map([
    ['finest', finest],
    ['thermal', thermal],
    ['panchromatic', panchromatic ?? finest],
  ]);
}

/** Half the pixel size; the centres of the upper left pixels fall together. */
function panchromaticGrid(reflective: Grid, own: Grid | undefined): Grid | undefined {
  if (own === undefined) return undefined;
  const { originX, originY, pixelWidth, pixelHeight } = reflective;
  return {
    crs: reflective.crs,
    width: own.width,
    height: own.height,
    originX: originX + pixelWidth / 4,
    originY: originY + pixelHeight / 4,
    pixelWidth: pixelWidth / 2,
    pixelHeight: pixelHeight / 2,
  };
}

/**
 * The grid that a file has itself.
 * @throws ProductRefused when it has no position, or north is not up
 */
export function gridOfFile({ file, header }: RasterFile): Grid {
  const { crs, geoTransform, width, height } = header;
  const [originX = 0, pixelWidth = 0, rx, originY = 0, ry, pixelHeight = 0] = geoTransform ?? [];
  if (crs === undefined || rx !== 0 || ry !== 0 || pixelWidth <= 0 || pixelHeight >= 0) {
    throw new ProductRefused(
      `${basename(file)} has no position in a known reference system with north up.`,
    );
  }
  return { crs, width, height, originX, originY, pixelWidth, pixelHeight };
}
