/**
 * One band file of a product, opened through one named driver and read 1:1 in full-width strips.
 *
 * Content sniffing is off (a VRT document named `.jp2` is not followed), overviews are never asked
 * for, and whatever GDAL says is turned into a refusal that names the file.
 */
import { basename } from 'node:path';
import { ProductRefused } from '../errors.ts';
import { gdal } from './gdal.ts';

export interface RasterHeader {
  readonly width: number;
  readonly height: number;
  readonly bandCount: number;
  /** GDAL's name of the pixel type, for example `UInt16`. */
  readonly dataType: string;
  /** Rows of one block (tile), as the file stores it. */
  readonly blockHeight: number;
  readonly blockWidth: number;
  /** x0, dx, rx, y0, ry, dy, or undefined when the file has none. */
  readonly geoTransform: readonly number[] | undefined;
  /** Authority code such as `EPSG:32631`, undefined when the file has none or it has no code. */
  readonly crs: string | undefined;
}

/** An open band file. One read at a time: GDAL serves one operation for each dataset. */
export class RasterFile {
  readonly file: string;
  readonly header: RasterHeader;
  readonly #dataset: gdal.Dataset;
  readonly #band: gdal.RasterBand;

  private constructor(file: string, dataset: gdal.Dataset) {
    this.file = file;
    this.#dataset = dataset;
    this.#band = dataset.bands.get(1);
    this.header = readHeader(dataset, this.#band);
  }

  /**
   * Opens `file` with the named driver only (`JP2OpenJPEG`, `GTiff`).
   * @throws ProductRefused when that driver cannot open it.
   */
  static async open(file: string, driver: string): Promise<RasterFile> {
    try {
      const dataset = await gdal.openAsync(file, 'r', driver);
      return new RasterFile(file, dataset);
    } catch (error) {
      throw new ProductRefused(
        `${basename(file)} cannot be opened as ${driver}: the file is damaged, cut off or of another format.`,
        { cause: error },
      );
    }
  }

  /**
   * Reads full-width rows `top` … `top + rows - 1` of band 1.
   * @param pixels receives them, row-major (`rows × width`)
   * @throws ProductRefused when the file cannot be decoded.
   */
  async readRows(
    top: number,
    rows: number,
    pixels: Uint16Array = new Uint16Array(rows * this.header.width),
  ): Promise<Uint16Array> {
    try {
      await this.#band.pixels.readAsync(0, top, this.header.width, rows, pixels);
      return pixels;
    } catch (error) {
      throw new ProductRefused(
        `${basename(this.file)} cannot be decoded in rows ${top} to ${top + rows - 1}: the file is damaged or cut off.`,
        { cause: error },
      );
    }
  }

  close(): void {
    this.#dataset.close();
  }
}

function readHeader(dataset: gdal.Dataset, band: gdal.RasterBand): RasterHeader {
  const block = band.blockSize;
  return {
    width: dataset.rasterSize.x,
    height: dataset.rasterSize.y,
    bandCount: dataset.bands.count(),
    dataType: band.dataType ?? 'unknown',
    blockHeight: block.y,
    blockWidth: block.x,
    geoTransform: dataset.geoTransform ?? undefined,
    crs: authorityCode(dataset.srs),
  };
}

function authorityCode(srs: gdal.SpatialReference | null): string | undefined {
  if (srs == null) return undefined;
  const root = srs.isProjected() ? 'PROJCS' : 'GEOGCS';
  const name = srs.getAuthorityName(root);
  const code = srs.getAuthorityCode(root);
  return name && code ? `${name}:${code}` : undefined;
}
