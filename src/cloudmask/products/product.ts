/** What a product is to the pipeline, whatever its kind. */
import type { Grid } from '../../raster/grid.ts';
import type { BandDescriptor } from '../embedding/descriptors.ts';
import type { Radiometry } from '../radiometry/radiometry.ts';

/** One raster file of a product. */
export interface RasterSource {
  /** Name as the mission writes it: `B02`, `B8A`, `QA_PIXEL`. */
  readonly id: string;
  /** Absolute path, checked to be a plain file inside the product. */
  readonly file: string;
  /** The grid that the metadata promise; the file has to agree. */
  readonly grid: Grid;
  /** Shift that is tolerated between file and metadata, in pixels. Default: next to none. */
  readonly positionTolerance?: number;
}

/** One band and everything that the metadata say about it. */
export interface Band extends RasterSource {
  readonly descriptor: BandDescriptor;
  readonly radiometry: Radiometry;
  /** A pixel has no data where all bands with this are DN 0. They lie on the finest grid. */
  readonly decidesNoData: boolean;
}

export interface Product {
  /** Key of the kind, for example `sentinel2-l1c`. */
  readonly kind: string;
  /** The product's own name from its metadata, without extension. */
  readonly id: string;
  /** GDAL driver of the band files. */
  readonly driver: 'JP2OpenJPEG' | 'GTiff';
  /** The finest grid: the mask's grid. */
  readonly grid: Grid;
  /** In the order in which the network sees them. */
  readonly bands: readonly Band[];
  /** A quality band on the finest grid: where any of these bits is set there is no data either. */
  readonly fill?: RasterSource & { readonly bits: number };
  /** Band ids for a true-colour picture. */
  readonly trueColour: { readonly red: string; readonly green: string; readonly blue: string };
  readonly acquisition: Acquisition;
  /** What a user should know of the product although it can be masked; empty when all is well. */
  readonly warnings: readonly string[];
}

/** Facts for the results' metadata. */
export interface Acquisition {
  /** RFC 3339, UTC. */
  readonly datetime: string;
  /** STAC platform, for example `sentinel-2a`. */
  readonly platform: string;
  readonly constellation: string;
  /** STAC instruments, for example `msi`. */
  readonly instruments: readonly string[];
  readonly processingLevel: string;
  /** Version of the agency's processor: the processing baseline of Sentinel-2. */
  readonly processingVersion: string;
  /** Degrees; absent where the metadata have none. */
  readonly sunElevation?: number;
  readonly sunAzimuth?: number;
}

/** A kind of product: recognised by its metadata files, never by its folder's name. */
export interface ProductKind {
  readonly name: string;
  /** For messages: what such a product is called by people. */
  readonly title: string;
  /** Names of its metadata files, any of which may be given instead of the folder that it lies in. */
  readonly metadataFile?: RegExp;
  /** Whether these entries (names in the product folder) are those of such a product. */
  recognises(entries: readonly string[]): boolean;
  /**
   * Reads the metadata and checks that all bands are there. No pixel is read.
   * @throws ProductRefused naming the file and what is wrong.
   */
  open(folder: string): Promise<Product>;
}
