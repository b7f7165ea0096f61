/**
 * Overlapping windows become one surface: probabilities are summed, and divided by the number of windows
 * when a row is final. A ring of one window's height is all that is kept.
 */
import type { AxisPlan } from '../windows/plan.ts';

/** Added to the count, as the reference does. */
const epsilon = 1e-6;

export class Mosaic {
  readonly #rows: AxisPlan;
  readonly #columns: AxisPlan;
  readonly #classes: number;
  readonly #sums: Float32Array;

  /** @param classes classes of the network */
  constructor(rows: AxisPlan, columns: AxisPlan, classes: number) {
    this.#rows = rows;
    this.#columns = columns;
    this.#classes = classes;
    this.#sums = new Float32Array(classes * rows.patch * columns.size);
  }

  /** Adds the probabilities (`classes × patch × patch`) of the window at the given starts; its border is left out. */
  add(rowStart: number, columnStart: number, probabilities: Float32Array): void {
    const { patch, before: above, size: height } = this.#rows;
    const { before: left, size: width } = this.#columns;
    const x0 = Math.max(0, columnStart - left);
    const x1 = Math.min(width, columnStart - left + patch);
    const y0 = Math.max(0, rowStart - above);
    const y1 = Math.min(height, rowStart - above + patch);
    const skip = x0 - (columnStart - left);
    for (let c = 0; c < this.#classes; c++) {
      for (let y = y0; y < y1; y++) {
        const source = (c * patch + y - (rowStart - above)) * patch + skip;
        const target = this.#offset(c, y);
        for (let x = x0; x < x1; x++) {
          this.#sums[target + x] = this.#sums[target + x]! + probabilities[source + x - x0]!;
        }
      }
    }
  }

  /**
   * Mean probabilities of a final row, `classes × width`, into `target`. The row is forgotten: its place
   * in the ring is free again.
   */
  take(row: number, target: Float32Array): void {
    const { size: width, counts } = this.#columns;
    const rowCount = this.#rows.counts[row]!;
    for (let c = 0; c < this.#classes; c++) {
      const source = this.#offset(c, row);
      for (let x = 0; x < width; x++) {
        target[c * width + x] =
          this.#sums[source + x]! / Math.fround(rowCount * counts[x]! + epsilon);
      }
      this.#sums.fill(0, source, source + width);
    }
  }

  #offset(c: number, row: number): number {
    return (c * this.#rows.patch + (row % this.#rows.patch)) * this.#columns.size;
  }
}
