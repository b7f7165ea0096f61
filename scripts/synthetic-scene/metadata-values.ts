/** What the text files of a synthetic product are filled with. */
import type { ProductIdentity } from './identity.ts';
import type { PixelGrid } from './noise.ts';
import type { Sun } from './sun.ts';
import type { TilePosition } from './tile.ts';

/** What the metadata tell. */
export interface SceneFacts {
  /** The `….SAFE` folder. */
  readonly folder: string;
  readonly identity: ProductIdentity;
  readonly tile: TilePosition;
  /** Of the 10 m bands. */
  readonly grid: PixelGrid;
  readonly sun: Sun;
  /** Null: the product is older than the offsets. */
  readonly offset: number | null;
  /** True class of each 10 m pixel. */
  readonly truth: Uint8Array;
}

/** The facts, and what follows from them. */
export interface MetadataValues extends SceneFacts {
  /** Latitude and longitude of the corners in degrees, closed, separated by blanks. */
  readonly footprint: string;
  /** Percent of the pixels with data. */
  readonly cloudPercent: number;
  readonly snowPercent: number;
}

/** Second line of each file. */
export const syntheticRemark =
  '<!-- SYNTHETIC TEST DATA. Simulated by software: no satellite has seen this scene. -->';
