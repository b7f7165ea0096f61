/**
 * A small, physically plausible Sentinel-2 L1C product, made from nothing: land, water, snow, thin and
 * thick clouds with displaced shadows, and a corner without data. For the demo and for tests.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { topOfAtmosphere } from './atmosphere.ts';
import { bands } from './bands.ts';
import type { Band } from './bands.ts';
import { makeClouds } from './clouds.ts';
import type { Clouds } from './clouds.ts';
import { describeProduct } from './identity.ts';
import type { ProductIdentity, ProductNaming } from './identity.ts';
import { geographic, writeJp2 } from './jp2.ts';
import { writeMetadata } from './metadata.ts';
import { mirrored } from './mirror.ts';
import type { PixelGrid } from './noise.ts';
import { aggregate, digitalNumbers, swathEdge } from './sensor.ts';
import type { SwathEdge } from './sensor.ts';
import { sunPosition } from './sun.ts';
import type { Sun } from './sun.ts';
import { makeSurface, referenceSide } from './surface.ts';
import type { Surface } from './surface.ts';
import { tilePosition } from './tile.ts';
import type { TilePosition } from './tile.ts';
import { trueClasses } from './truth.ts';

/** All have defaults: a scene of 1,098 × 1,098 pixels with a current baseline. */
export interface SceneOptions extends ProductNaming {
  /** Pixels of 10 m, multiples of 6. One number for a square. */
  readonly size?: number | { readonly rows: number; readonly columns: number };
  /** Another seed, another landscape. Default 8. */
  readonly seed?: number;
  /** `RADIO_ADD_OFFSET` of all bands; null: an old product without those elements. Default −1000. */
  readonly offset?: number | null;
  /** Whether a corner lies outside the swath. Default true. */
  readonly nodata?: boolean;
  /** Tile at whose upper left corner the scene lies. Default `32TPS`. */
  readonly tile?: string;
  /** Side in pixels of the tiles inside the JPEG 2000 files. Default 1024, as in originals. */
  readonly blocks?: number;
  /**
   * Copies of the scene side by side and one below the other, mirrored at each seam: 10 makes a product of
   * 10,980 × 10,980 pixels. Default 1. More than one are written band by band, in less than 1 GB of memory.
   */
  readonly repeat?: number;
}

/** A product that was written. */
export interface SyntheticScene {
  /** The `….SAFE` folder. */
  readonly folder: string;
  /** Rows and columns of the 10 m bands. */
  readonly rows: number;
  readonly columns: number;
  /** True class of each 10 m pixel, row by row: see `truthClasses`. */
  readonly truth: Uint8Array;
  readonly sun: Sun;
  readonly epsg: number;
  /** Upper left corner in metres. */
  readonly left: number;
  readonly top: number;
}

/** A scene before it is written: what is seen, from where, and how it is stored. */
interface Plan {
  readonly folder: string;
  /** Pixels of one copy. */
  readonly grid: PixelGrid;
  /** Pixels of all copies. */
  readonly whole: PixelGrid;
  readonly repeat: number;
  readonly seed: number;
  readonly offset: number | null;
  readonly tile: TilePosition;
  readonly identity: ProductIdentity;
  readonly edge: SwathEdge | undefined;
  readonly blocks: number;
}

/** Writes a product as a new folder in `folder` and tells where it is and what is really in it. */
export async function writeSyntheticScene(
  folder: string,
  options: SceneOptions = {},
): Promise<SyntheticScene> {
  const plan = planScene(folder, options);
  const { grid, whole, seed, tile, identity } = plan;
  const sun = sunAbove(plan);
  const surface = makeSurface(grid, seed, sun);
  const clouds = makeClouds(grid, seed, sun);
  await mkdir(path.join(plan.folder, identity.imageFolder), { recursive: true });
  await writeBands(plan, surface, clouds);
  const truth = trueClasses(surface, clouds, (pixel) => isBeyondEdge(plan, pixel));
  await writeMetadata({ ...plan, grid: whole, sun, truth });
  return {
    folder: plan.folder,
    rows: whole.rows,
    columns: whole.columns,
    truth: mirrored(truth, grid, plan.repeat),
    sun,
    epsg: tile.epsg,
    left: tile.left,
    top: tile.top,
  };
}

function planScene(folder: string, options: SceneOptions): Plan {
  const { repeat = 1 } = options;
  const grid = sceneGrid(options.size ?? referenceSide, repeat);
  const offset = options.offset === undefined ? -1000 : options.offset;
  const tile = tilePosition(options.tile ?? '32TPS');
  const identity = describeProduct(options, tile.name, offset);
  return {
    folder: path.join(folder, identity.productName),
    grid,
    whole: { ...grid, rows: repeat * grid.rows, columns: repeat * grid.columns },
    repeat,
    // Each part of the scene adds a small number of its own.
    seed: 100 * (options.seed ?? 8),
    offset,
    tile,
    identity,
    edge: options.nodata === false ? undefined : swathEdge(grid),
    blocks: options.blocks ?? 1024,
  };
}

function sceneGrid(
  size: number | { readonly rows: number; readonly columns: number },
  repeat: number,
): PixelGrid {
  const { rows, columns } = typeof size === 'number' ? { rows: size, columns: size } : size;
  for (const side of [rows, columns]) {
    if (!Number.isInteger(side) || side < 12 || side * repeat > 10_980 || side % 6 !== 0) {
      throw new RangeError(
        `A scene has sides of 12 to 10,980 pixels, multiples of 6; not ${side * repeat}.`,
      );
    }
  }
  if (!Number.isInteger(repeat) || repeat < 1) {
    throw new RangeError(`A scene is repeated a whole number of times; not ${repeat}.`);
  }
  return { rows, columns, row0: 0, column0: 0 };
}

/** The sun above the middle of the scene when the tile is seen. */
function sunAbove({ grid, tile, identity }: Plan): Sun {
  const middle = [tile.left + 5 * grid.columns, tile.top - 5 * grid.rows] as const;
  const { longitude, latitude } = geographic(tile.epsg, middle);
  return sunPosition(identity.tileTime, longitude, latitude);
}

async function writeBands(plan: Plan, surface: Surface, clouds: Clouds): Promise<void> {
  const writing: Promise<void>[] = [];
  for (const [index, band] of bands.entries()) {
    const reflectance = topOfAtmosphere(surface, clouds, index);
    const written = writeBand(plan, band, index, reflectance);
    writing.push(written);
    if (plan.repeat > 1) await written;
    // Lets the files before this one go on while the next band is made.
    await new Promise(setImmediate);
  }
  await Promise.all(writing);
}

/** Writes one band from its reflectance on the 10 m grid. */
async function writeBand(plan: Plan, band: Band, index: number, fine: Float32Array): Promise<void> {
  const { grid, whole, tile } = plan;
  const factor = band.resolution / 10;
  const [rows, columns] = [grid.rows / factor, grid.columns / factor];
  const numbers = digitalNumbers(aggregate(fine, grid, factor), {
    resolution: band.resolution,
    columns,
    added: -(plan.offset ?? 0),
    seed: plan.seed * 97 + index,
    edge: plan.edge,
    // The 10 m bands end together, the others a little further out.
    reach: factor === 1 ? 0 : 5 * ((index * 7) % 5),
  });
  await writeJp2(path.join(plan.folder, `${plan.identity.imagePath(band)}.jp2`), {
    rows: whole.rows / factor,
    columns: whole.columns / factor,
    numbers: mirrored(numbers, { rows, columns }, plan.repeat),
    tileSide: plan.blocks,
    epsg: tile.epsg,
    left: tile.left,
    top: tile.top,
    pixelSide: band.resolution,
  });
}

function isBeyondEdge({ grid, edge }: Plan, pixel: number): boolean {
  if (edge == null) return false;
  const right = 10 * ((pixel % grid.columns) + 0.5);
  const down = 10 * (Math.floor(pixel / grid.columns) + 0.5);
  return edge.beyond(right, down) > 0;
}
