/**
 * A product that came as single band files, with our own document beside them. There is no agency's metadata to promise
 * sizes, so the files have to agree with each other: the finest band says where all of them lie.
 */
import { ProductRefused } from '../../errors.ts';
import type { Grid } from '../../raster/grid.ts';
import type { RasterFile } from '../../raster/open-raster.ts';
import type { BandDescriptor } from '../embedding/descriptors.ts';
import { checkBand } from './band-check.ts';
import {
  bandDocumentFile,
  qualityBandId,
  readBandDocument,
  type BandDocument,
} from './band-document.ts';
import { bandGrids, gridOfFile, type BandGrid } from './band-grids.ts';
import { levelOneBands, levelTwoBands } from './landsat-bands.ts';
import { fillBit, panchromaticTolerance } from './landsat.ts';
import { plainFile } from './product-files.ts';
import type { Band, Product, ProductKind } from './product.ts';
import { msiBands } from './sentinel2-bands.ts';
import { inOrder } from './in-order.ts';

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
  readonly grid: BandGrid;
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

/** How messages begin that say what is expected of a file. */
const promise = 'expected beside the other bands is';

async function openBandFiles(folder: string): Promise<Product> {
  const document = await readBandDocument(folder);
  const shape = shapeOf(document);
  const files = await inOrder(
    [...document.bands, ...(document.fill === undefined ? [] : [document.fill])].map(
      async ({ file, driver }) => ({ file: await plainFile(folder, file), driver }),
    ),
  );
  // The server knows this kind by its name only, and loads no native code.
  const { RasterFile: Raster } = await import('../../raster/open-raster.ts');
  const rasters: RasterFile[] = [];
  try {
    for (const { file, driver } of files) rasters.push(await Raster.open(file, driver));
    const product = productOf(document, shape, rasters);
    const { bands, fill } = product;
    for (const [index, band] of [...bands, ...(fill === undefined ? [] : [fill])].entries()) {
      checkBand(rasters[index]!, band, promise);
    }
    return product;
  } finally {
    for (const raster of rasters) raster.close();
  }
}

function productOf(document: BandDocument, shape: Shape, rasters: readonly RasterFile[]): Product {
  const { kind, id, acquisition, warnings } = document;
  const grids = gridsOf(document, shape, rasters);
  const grid = grids.get('finest')!;
  const bands = document.bands.map(({ driver, radiometry }, index): Band => {
    const spec = shape.bands[index]!;
    return {
      id: spec.id,
      file: rasters[index]!.file,
      driver,
      grid: grids.get(spec.grid)!,
      ...(spec.grid === 'panchromatic' ? { positionTolerance: panchromaticTolerance } : {}),
      descriptor: spec.descriptor,
      radiometry,
      decidesNoData: spec.grid === 'finest',
    };
  });
  const { driver } = document.bands[0]!;
  const { trueColour } = shape;
  const product = { kind, id, driver, grid, bands, trueColour, acquisition, warnings };
  if (document.fill === undefined) return product;
  const { file } = rasters.at(-1)!;
  const quality = { id: qualityBandId, file, driver: document.fill.driver, grid, bits: fillBit };
  return { ...product, fill: quality };
}

/** Every file has a position; the first of each sort says how large the sort's grid is. */
function gridsOf(
  { kind }: BandDocument,
  shape: Shape,
  rasters: readonly RasterFile[],
): ReadonlyMap<BandGrid, Grid> {
  for (const raster of rasters) gridOfFile(raster);
  const first = new Map<BandGrid, RasterFile>();
  for (const [index, { grid }] of shape.bands.entries()) {
    if (!first.has(grid)) first.set(grid, rasters[index]!);
  }
  return bandGrids(kind !== 'landsat', first);
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
