/**
 * A product that came as single band files, with our own document beside them. There is no agency's metadata to promise
 * sizes, so the files have to agree with each other: the finest band says where all of them lie.
 */
import { basename } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import type { Grid } from '../../raster/grid.ts';
import type { RasterFile, RasterHeader } from '../../raster/open-raster.ts';
import type { BandDescriptor } from '../embedding/descriptors.ts';
import { checkBand } from './band-check.ts';
import {
  bandDocumentFile,
  qualityBandId,
  readBandDocument,
  type BandDocument,
  type BandFile,
} from './band-document.ts';
import { levelOneBands, levelTwoBands } from './landsat-bands.ts';
import { requireFittingGrids } from './landsat-metadata.ts';
import { fillBit, panchromaticTolerance } from './landsat.ts';
import { plainFile } from './product-files.ts';
import type { Band, Product, ProductKind, RasterSource } from './product.ts';
import { groupFactor, msiBands } from './sentinel2-bands.ts';
import { requireTileSizes } from './sentinel2-tile.ts';

export const bandFiles: ProductKind = {
  name: 'band-files',
  title: `single band files (${bandDocumentFile})`,
  recognises: (entries) => entries.includes(bandDocumentFile),
  open: openBandFiles,
};

/** What the pipeline knows of a band by its id. */
interface BandSpec {
  readonly id: string;
  readonly descriptor: BandDescriptor;
  /** Bands on the finest grid decide where there is no data. */
  readonly grid: 'finest' | 'panchromatic' | 'thermal' | '20' | '60';
}

const msi: readonly BandSpec[] = msiBands.map(({ id, descriptor, group }) => ({
  id,
  descriptor,
  grid: group === '10' ? 'finest' : group,
}));

function oli(bands: typeof levelOneBands): BandSpec[] {
  return bands.map(({ id, descriptor, grid }) => ({
    id,
    descriptor,
    grid: grid === 'reflective' ? 'finest' : grid,
  }));
}

interface Shape {
  readonly bands: readonly BandSpec[];
  readonly radiometry: readonly Band['radiometry']['kind'][];
  readonly trueColour: Product['trueColour'];
}

const msiColours = { red: 'B04', green: 'B03', blue: 'B02' };

/** The band lists that a kind may have. */
const shapes: Readonly<Record<BandDocument['kind'], readonly Shape[]>> = {
  'sentinel2-l1c': [{ bands: msi, radiometry: ['quantified'], trueColour: msiColours }],
  'sentinel2-l2a': [
    {
      bands: msi.filter(({ id }) => id !== 'B10'),
      radiometry: ['quantified'],
      trueColour: msiColours,
    },
  ],
  landsat: [
    {
      bands: oli(levelOneBands),
      radiometry: ['scaled', 'brightness-temperature'],
      trueColour: { red: 'B4', green: 'B3', blue: 'B2' },
    },
    {
      bands: oli(levelTwoBands),
      radiometry: ['scaled'],
      trueColour: { red: 'SR_B4', green: 'SR_B3', blue: 'SR_B2' },
    },
  ],
};

async function openBandFiles(folder: string): Promise<Product> {
  const document = await readBandDocument(folder);
  const shape = shapeOf(document);
  const sources = await Promise.all(
    document.bands.map(async (band) => ({ ...band, file: await plainFile(folder, band.file) })),
  );
  // The server knows this kind by its name only, and loads no native code.
  const { RasterFile: Raster } = await import('../../raster/open-raster.ts');
  const rasters: RasterFile[] = [];
  try {
    for (const { file, driver } of sources) rasters.push(await Raster.open(file, driver));
    const grids = gridsOf(document, shape, rasters);
    const bands = sources.map((source, index): Band => {
      const spec = shape.bands[index]!;
      return {
        ...sourceOf(source, grids[index]!),
        id: spec.id,
        ...(spec.grid === 'panchromatic' ? { positionTolerance: panchromaticTolerance } : {}),
        descriptor: spec.descriptor,
        radiometry: source.radiometry,
        decidesNoData: spec.grid === 'finest',
      };
    });
    for (const [index, band] of bands.entries()) checkBand(rasters[index]!, band);
    return await productOf(folder, document, shape, bands);
  } finally {
    for (const raster of rasters) raster.close();
  }
}

function sourceOf({ file, driver }: BandFile, grid: Grid): Omit<RasterSource, 'id'> {
  return { file, driver, grid };
}

async function productOf(
  folder: string,
  document: BandDocument,
  shape: Shape,
  bands: readonly Band[],
): Promise<Product> {
  const { kind, id, acquisition, warnings, fill } = document;
  const finest = bands[shape.bands.findIndex((spec) => spec.grid === 'finest')]!;
  const { driver } = document.bands[0]!;
  const product = { kind, id, driver, grid: finest.grid, bands, acquisition, warnings };
  const { trueColour } = shape;
  if (fill === undefined) return { ...product, trueColour };
  const file = await plainFile(folder, fill.file);
  const source = sourceOf({ file, driver: fill.driver }, finest.grid);
  return { ...product, trueColour, fill: { id: qualityBandId, ...source, bits: fillBit } };
}

/** The band list that the document has, with radiometry of the right sort. */
function shapeOf({ kind, bands, fill }: BandDocument): Shape {
  const found = bands.map(({ id }) => id).join(', ');
  const listOf = (shape: Shape): string => shape.bands.map(({ id }) => id).join(', ');
  const shape = shapes[kind].find((candidate) => listOf(candidate) === found);
  if (shape === undefined) {
    return refuse(`the bands ${found || 'none'}`, shapes[kind].map(listOf).join(', or '));
  }
  const strange = bands.find(({ radiometry }) => !shape.radiometry.includes(radiometry.kind));
  if (strange !== undefined) {
    refuse(`${strange.radiometry.kind} values for ${strange.id}`, shape.radiometry.join(' or '));
  }
  const files = [...bands, ...(fill === undefined ? [] : [fill])].map(({ file }) => file);
  if (new Set(files).size < files.length) refuse('one file for two bands', 'a file for each');
  return shape;
}

function refuse(what: string, expected: string): never {
  throw new ProductRefused(`${bandDocumentFile} has ${what}; expected is ${expected}.`);
}

/** Grids of the bands: position and pixel size are those of the finest band, sizes have to fit it. */
function gridsOf(document: BandDocument, shape: Shape, rasters: readonly RasterFile[]): Grid[] {
  const own = rasters.map((raster) => gridOfFile(raster));
  const first = (grid: BandSpec['grid']): Grid | undefined =>
    own[shape.bands.findIndex((spec) => spec.grid === grid)];
  const finest = first('finest')!;
  if (document.kind === 'landsat') {
    const panchromatic = first('panchromatic');
    const thermal = { ...finest, ...sizeOf(first('thermal')!) };
    const fine = panchromatic && { ...panchromaticGrid(finest), ...sizeOf(panchromatic) };
    const checked = { reflective: finest, thermal, ...(fine && { panchromatic: fine }) };
    requireFittingGrids('The product', checked);
    const grids = { finest, thermal, panchromatic: fine ?? finest, '20': finest, '60': finest };
    return shape.bands.map((spec) => grids[spec.grid]);
  }
  const coarse = (group: '20' | '60'): Grid => ({
    ...finest,
    ...sizeOf(first(group)!),
    pixelWidth: finest.pixelWidth * groupFactor[group],
    pixelHeight: finest.pixelHeight * groupFactor[group],
  });
  const tile = { '10': finest, '20': coarse('20'), '60': coarse('60') };
  requireTileSizes('The product', tile);
  const grids = { finest, panchromatic: finest, thermal: finest, ...tile };
  return shape.bands.map((spec) => grids[spec.grid]);
}

function sizeOf({ width, height }: Grid): Pick<Grid, 'width' | 'height'> {
  return { width, height };
}

/** The centres of the upper left pixels fall together. */
function panchromaticGrid(reflective: Grid): Grid {
  const { originX, originY, pixelWidth, pixelHeight } = reflective;
  return {
    ...reflective,
    originX: originX + pixelWidth / 4,
    originY: originY + pixelHeight / 4,
    pixelWidth: pixelWidth / 2,
    pixelHeight: pixelHeight / 2,
  };
}

function gridOfFile(raster: RasterFile): Grid {
  const { header } = raster;
  const { crs, geoTransform, width, height } = header;
  if (crs === undefined || geoTransform === undefined || !isNorthUp(header)) {
    throw new ProductRefused(
      `${basename(raster.file)} has no position in a known reference system with north up.`,
    );
  }
  const [originX = 0, pixelWidth = 0, , originY = 0, , pixelHeight = 0] = geoTransform;
  return { crs, width, height, originX, originY, pixelWidth, pixelHeight };
}

function isNorthUp({ geoTransform }: RasterHeader): boolean {
  const [, dx = 0, rx, , ry, dy = 0] = geoTransform ?? [];
  return dx > 0 && dy < 0 && rx === 0 && ry === 0;
}
