/**
 * All bands of a product on the grid of the finest band, by windows. Bands stay at their own resolution in
 * memory and are resampled when a window is cut: what is held depends on the scene's width only.
 */
import { RasterFile } from '../raster/open-raster.ts';
import { BandRows } from './band-rows.ts';
import { checkBand } from './products/band-check.ts';
import type { Band, Product } from './products/product.ts';
import { toLevels, toValues } from './radiometry/radiometry.ts';
import { upsampling, type AxisSampling } from './resampling/axis.ts';

interface SceneBand {
  readonly band: Band;
  readonly rows: BandRows;
  readonly vertical: AxisSampling;
  readonly horizontal: AxisSampling;
}

export class Scene {
  readonly product: Product;
  readonly width: number;
  readonly height: number;
  readonly #bands: readonly SceneBand[];
  readonly #rasters: readonly RasterFile[];

  private constructor(product: Product, rasters: readonly RasterFile[]) {
    this.product = product;
    this.width = product.grid.width;
    this.height = product.grid.height;
    this.#rasters = rasters;
    this.#bands = product.bands.map((band, index) => ({
      band,
      rows: new BandRows(rasters[index]!),
      vertical: upsampling(band.grid.height, this.height),
      horizontal: upsampling(band.grid.width, this.width),
    }));
  }

  /**
   * Opens and checks all band files; reads no pixel.
   * @throws ProductRefused for the first file that does not fit the metadata.
   */
  static async open(product: Product): Promise<Scene> {
    const rasters: RasterFile[] = [];
    try {
      for (const band of product.bands) {
        const raster = await RasterFile.open(band.file, product.driver);
        rasters.push(raster);
        checkBand(raster, band);
      }
      return new Scene(product, rasters);
    } catch (error) {
      for (const raster of rasters) raster.close();
      throw error;
    }
  }

  close(): void {
    for (const raster of this.#rasters) raster.close();
  }

  /** Reads, for all bands in parallel, what rows `top` to `bottom` (inclusive) of the scene need. */
  async load(top: number, bottom: number): Promise<void> {
    await Promise.all(
      this.#bands.map(({ rows, vertical }) => {
        const [first, last] = sourceRange(vertical, top, bottom);
        return rows.load(first, last);
      }),
    );
  }

  /** Forgets what no row from `top` on needs. */
  release(top: number): void {
    for (const { rows, vertical } of this.#bands) {
      rows.release(sourceRange(vertical, Math.min(top, this.height - 1), this.height - 1)[0]);
    }
  }

  /**
   * Which pixels of a loaded row have data: 1 where any band of the finest grid is not DN 0.
   * Writes `width` bytes into `target`.
   */
  validity(row: number, target: Uint8Array): void {
    target.fill(0);
    for (const { rows, vertical } of this.#bands) {
      if (!vertical.identity) continue;
      const { pixels, from } = rows.at(row);
      for (let column = 0; column < this.width; column++) {
        if (pixels[from + column] !== 0) target[column] = 1;
      }
    }
  }

  /** DN of a band of the finest grid in a loaded row. */
  digitalNumbers(bandId: string, row: number): Uint16Array {
    const found = this.#bands.find(({ band }) => band.id === bandId);
    if (found == null) throw new Error(`The scene has no band ${bandId}.`);
    const { pixels, from } = found.rows.at(row);
    return pixels.subarray(from, from + this.width);
  }

  /**
   * Cuts a window: values for the network, `bands × rows × columns`, rows and columns given as scene indices
   * (a reflected border repeats some). All those rows have to be loaded.
   */
  cut(rowIndices: Uint32Array, columnIndices: Uint32Array, target: Float32Array): void {
    const plane = rowIndices.length * columnIndices.length;
    for (const [index, sceneBand] of this.#bands.entries()) {
      const values = target.subarray(index * plane, (index + 1) * plane);
      cutBand(sceneBand, rowIndices, columnIndices, values);
      toValues(values, sceneBand.band.radiometry);
    }
  }
}

/** First and last source index that a range of target indices touches. */
function sourceRange(axis: AxisSampling, from: number, to: number): [number, number] {
  let first = axis.first[from]!;
  let last = first;
  for (let index = from; index <= to; index++) {
    first = Math.min(first, axis.first[index]!, axis.second[index]!);
    last = Math.max(last, axis.first[index]!, axis.second[index]!);
  }
  return [first, last];
}

function rangeOf(axis: AxisSampling, indices: Uint32Array): [number, number] {
  let from = indices[0]!;
  let to = from;
  for (const index of indices) {
    from = Math.min(from, index);
    to = Math.max(to, index);
  }
  return sourceRange(axis, from, to);
}

/** Levels of one band in a window, interpolated in float64 and rounded to float32 once. */
function cutBand(
  { band, rows, vertical, horizontal }: SceneBand,
  rowIndices: Uint32Array,
  columnIndices: Uint32Array,
  target: Float32Array,
): void {
  const [left, right] = rangeOf(horizontal, columnIndices);
  const width = right - left + 1;
  const lineOf = cachedLines(width, (row, line) => {
    const { pixels, from } = rows.at(row);
    toLevels(pixels, from + left, line, band.radiometry);
  });
  const blended = new Float64Array(width);
  for (const [y, row] of rowIndices.entries()) {
    const weight = vertical.weight[row]!;
    const upper = lineOf(vertical.first[row]!);
    let line = upper;
    if (weight !== 0) {
      const lower = lineOf(vertical.second[row]!);
      line = blended;
      for (let x = 0; x < width; x++) line[x] = upper[x]! * (1 - weight) + lower[x]! * weight;
    }
    const out = target.subarray(y * columnIndices.length, (y + 1) * columnIndices.length);
    sampleLine({ line, left }, horizontal, columnIndices, out);
  }
}

function sampleLine(
  { line, left }: { readonly line: Float64Array; readonly left: number },
  axis: AxisSampling,
  columnIndices: Uint32Array,
  out: Float32Array,
): void {
  if (axis.identity) {
    for (let x = 0; x < out.length; x++) out[x] = line[columnIndices[x]! - left]!;
    return;
  }
  for (let x = 0; x < out.length; x++) {
    const column = columnIndices[x]!;
    const weight = axis.weight[column]!;
    const a = line[axis.first[column]! - left]!;
    const b = line[axis.second[column]! - left]!;
    out[x] = a * (1 - weight) + b * weight;
  }
}

/** Keeps the two lines that were used last: neighbouring target rows share their source rows. */
function cachedLines(
  width: number,
  compute: (row: number, line: Float64Array) => void,
): (row: number) => Float64Array {
  const lines = [new Float64Array(width), new Float64Array(width)];
  const held = [-1, -1];
  let latest = 0;
  return (row) => {
    const known = held.indexOf(row);
    latest = known >= 0 ? known : 1 - latest;
    if (known < 0) {
      held[latest] = row;
      compute(row, lines[latest]!);
    }
    return lines[latest]!;
  };
}
