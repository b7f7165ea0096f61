/**
 * All bands of a product on the grid of the finest band, by windows. Bands stay at their own resolution in
 * memory and are resampled when a window is cut: what is held depends on the scene's width only.
 */
import { RasterFile } from '../raster/open-raster.ts';
import { BandRows } from './band-rows.ts';
import { checkBand } from './products/band-check.ts';
import type { Band, Product } from './products/product.ts';
import { toLevels, toValues } from './radiometry/radiometry.ts';
import { resampling, type AxisSampling } from './resampling/axis.ts';

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
  readonly #fill: { readonly rows: BandRows; readonly bits: number } | undefined;
  readonly #rasters: readonly RasterFile[];

  private constructor(product: Product, rasters: readonly RasterFile[]) {
    this.product = product;
    this.width = product.grid.width;
    this.height = product.grid.height;
    this.#rasters = rasters;
    const fill = rasters[product.bands.length];
    this.#fill = fill && { rows: new BandRows(fill), bits: product.fill?.bits ?? 0 };
    this.#bands = product.bands.map((band, index) => ({
      band,
      rows: new BandRows(rasters[index]!),
      vertical: resampling(band.grid.height, this.height),
      horizontal: resampling(band.grid.width, this.width),
    }));
  }

  /**
   * Opens and checks all band files; reads no pixel.
   * @throws ProductRefused for the first file that does not fit the metadata.
   */
  static async open(product: Product): Promise<Scene> {
    const rasters: RasterFile[] = [];
    try {
      const { fill } = product;
      for (const band of fill === undefined ? product.bands : [...product.bands, fill]) {
        const raster = await RasterFile.open(band.file, band.driver ?? product.driver);
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
    const loads = this.#bands.map(({ rows, vertical }) => {
      const [first, last] = sourceRange(vertical, top, bottom);
      return rows.load(first, last);
    });
    if (this.#fill !== undefined) loads.push(this.#fill.rows.load(top, bottom));
    await Promise.all(loads);
  }

  /** Forgets what no row from `top` on needs. */
  release(top: number): void {
    this.#fill?.rows.release(top);
    for (const { rows, vertical } of this.#bands) {
      rows.release(sourceRange(vertical, Math.min(top, this.height - 1), this.height - 1)[0]);
    }
  }

  /**
   * Which pixels of a loaded row have data: 1 where any band that decides it is not DN 0, and the product's
   * quality band does not say fill. Writes `width` bytes into `target`.
   */
  validity(row: number, target: Uint8Array): void {
    target.fill(0);
    for (const { band, rows } of this.#bands) {
      if (!band.decidesNoData) continue;
      const { pixels, from } = rows.at(row);
      for (let column = 0; column < this.width; column++) {
        if (pixels[from + column] !== 0) target[column] = 1;
      }
    }
    if (this.#fill === undefined) return;
    const { pixels, from } = this.#fill.rows.at(row);
    for (let column = 0; column < this.width; column++) {
      if ((pixels[from + column]! & this.#fill.bits) !== 0) target[column] = 0;
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
function sourceRange({ taps, indices }: AxisSampling, from: number, to: number): [number, number] {
  let first = indices[from * taps]!;
  let last = first;
  for (const index of indices.subarray(from * taps, (to + 1) * taps)) {
    first = Math.min(first, index);
    last = Math.max(last, index);
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
  const lineOf = cachedLines(vertical.taps, width, (row, line) => {
    const { pixels, from } = rows.at(row);
    toLevels(pixels, from + left, line, band.radiometry);
  });
  const blended = new Float64Array(width);
  const across = samplingOf(horizontal, columnIndices, left);
  for (const [y, row] of rowIndices.entries()) {
    const line = vertical.identity ? lineOf(row) : blend(vertical, row, lineOf, blended);
    const out = target.subarray(y * columnIndices.length, (y + 1) * columnIndices.length);
    sampleLine(line, across, out);
  }
}

/** The weighted sum of the source lines of a target row. */
function blend(
  { taps, indices, weights }: AxisSampling,
  row: number,
  lineOf: (row: number) => Float64Array,
  target: Float64Array,
): Float64Array {
  for (let tap = 0; tap < taps; tap++) {
    const weight = weights[row * taps + tap]!;
    const line = lineOf(indices[row * taps + tap]!);
    if (tap === 0) for (let x = 0; x < target.length; x++) target[x] = line[x]! * weight;
    else for (let x = 0; x < target.length; x++) target[x] = target[x]! + line[x]! * weight;
  }
  return target;
}

/** The horizontal sampling of a window: places in a line that begins at source index `left`, tap by tap. */
function samplingOf(
  { taps, indices, weights, identity }: AxisSampling,
  columnIndices: Uint32Array,
  left: number,
): AxisSampling {
  const count = columnIndices.length;
  const places = new Uint32Array(count * taps);
  const shares = new Float64Array(count * taps);
  for (const [x, column] of columnIndices.entries()) {
    for (let tap = 0; tap < taps; tap++) {
      places[x * taps + tap] = indices[column * taps + tap]! - left;
      shares[x * taps + tap] = weights[column * taps + tap]!;
    }
  }
  return { taps, indices: places, weights: shares, identity };
}

function sampleLine(
  line: Float64Array,
  { taps, indices, weights, identity }: AxisSampling,
  out: Float32Array,
): void {
  if (identity) {
    for (let x = 0; x < out.length; x++) out[x] = line[indices[x]!]!;
    return;
  }
  if (taps === 2) {
    for (let x = 0; x < out.length; x++) {
      const at = 2 * x;
      out[x] = line[indices[at]!]! * weights[at]! + line[indices[at + 1]!]! * weights[at + 1]!;
    }
    return;
  }
  for (let x = 0; x < out.length; x++) {
    let sum = 0;
    for (let at = x * taps; at < (x + 1) * taps; at++) sum += line[indices[at]!]! * weights[at]!;
    out[x] = sum;
  }
}

/** Keeps the `count` lines that were used last: neighbouring target rows share their source rows. */
function cachedLines(
  count: number,
  width: number,
  compute: (row: number, line: Float64Array) => void,
): (row: number) => Float64Array {
  const held = new Map<number, Float64Array>();
  return (row) => {
    let line = held.get(row);
    if (line === undefined) {
      line = held.size < count ? new Float64Array(width) : takeOldest(held);
      compute(row, line);
    } else {
      held.delete(row);
    }
    held.set(row, line);
    return line;
  };
}

/** A map keeps the order of insertion, and a line that is used goes to its end. */
function takeOldest(held: Map<number, Float64Array>): Float64Array {
  const [row, line] = held.entries().next().value!;
  held.delete(row);
  return line;
}
