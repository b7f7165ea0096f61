/** Rows of one band, read in strips that fit the file's blocks and kept while somebody needs them. */
import type { RasterFile } from '../raster/open-raster.ts';

/** Strips of fewer rows cost more in calls than they save in memory. */
const minStripRows = 256;

export class BandRows {
  readonly width: number;
  readonly height: number;
  /** Rows of a strip: a multiple of the file's block height, so that no block is decoded twice. */
  readonly stripRows: number;
  readonly #raster: RasterFile;
  readonly #strips = new Map<number, Uint16Array>();
  /** Buffers of forgotten strips, used again: large allocations that come and go fragment the heap. */
  readonly #spare: Uint16Array[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(raster: RasterFile) {
    this.#raster = raster;
    this.width = raster.header.width;
    this.height = raster.header.height;
    const block = Math.min(raster.header.blockHeight, this.height);
    this.stripRows = Math.min(block * Math.ceil(minStripRows / block), this.height);
  }

  /** Reads what is not there yet of rows `top` to `bottom` (inclusive). One read at a time. */
  load(top: number, bottom: number): Promise<void> {
    this.#reading = this.#loadAfter(this.#reading, top, bottom);
    return this.#reading;
  }

  async #loadAfter(earlier: Promise<void>, top: number, bottom: number): Promise<void> {
    await earlier;
    for (let strip = this.#stripOf(top); strip <= this.#stripOf(bottom); strip++) {
      if (this.#strips.has(strip)) continue;
      const first = strip * this.stripRows;
      const rows = Math.min(this.stripRows, this.height - first);
      const buffer = this.#spare.pop() ?? new Uint16Array(this.stripRows * this.width);
      const pixels = buffer.subarray(0, rows * this.width);
      await this.#raster.readRows(first, rows, pixels);
      this.#strips.set(strip, buffer);
    }
  }

  /** Forgets strips that lie wholly above row `top`. */
  release(top: number): void {
    for (const strip of this.#strips.keys()) {
      if (strip >= this.#stripOf(top)) continue;
      const buffer = this.#strips.get(strip);
      if (buffer !== undefined) this.#spare.push(buffer);
      this.#strips.delete(strip);
    }
  }

  /** The strip that holds a loaded row, and where the row starts in it. */
  at(row: number): { readonly pixels: Uint16Array; readonly from: number } {
    const strip = this.#stripOf(row);
    const pixels = this.#strips.get(strip);
    if (pixels === undefined) throw new Error(`Row ${row} of ${this.#raster.file} is not loaded.`);
    return { pixels, from: (row - strip * this.stripRows) * this.width };
  }

  #stripOf(row: number): number {
    return Math.floor(row / this.stripRows);
  }
}
