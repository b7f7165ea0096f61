/**
 * Exact quantiles of float32 values without sorting them all: a histogram over the upper 16 bits of the
 * order-preserving key finds the few buckets that matter, and only those are sorted.
 */

const buckets = 65_536;

interface Rank {
  readonly below: number;
  /** Weight of the value after `below`. */
  readonly weight: number;
}

/** Where the value of a rank lies: its bucket, and its position among the sorted values of that bucket. */
interface Place {
  readonly bucket: number;
  readonly offset: number;
}

/** Computes the same quantiles of many arrays of one length; reuses its memory. */
export class Quantiles {
  readonly #ranks: readonly Rank[];
  readonly #histogram = new Uint32Array(buckets);
  /** Where the next value of a wanted bucket goes, plus one; 0 for all others. */
  readonly #cursors = new Uint32Array(buckets);
  /** Where each wanted bucket begins in the scratch. */
  readonly #starts = new Map<number, number>();
  readonly #scratch: Float32Array;

  /**
   * Linear interpolation at position q · (n − 1), where q is rounded to float32 and the product is not: found so
   * in the reference's own statistics.
   * @param positions 0–1
   * @param length number of values, n
   */
  constructor(positions: readonly number[], length: number) {
    this.#scratch = new Float32Array(length);
    this.#ranks = positions.map((position) => {
      const rank = Math.fround(position) * (length - 1);
      const below = Math.min(Math.floor(rank), length - 1);
      return { below, weight: rank - below };
    });
  }

  /** The quantiles of `values` (no NaN), in the order of the positions, written to `target` from `at` on. */
  compute(values: Float32Array<ArrayBuffer>, target: Float32Array, at: number): void {
    const keys = new Int32Array(values.buffer, values.byteOffset, values.length);
    this.#count(keys);
    const wantedRanks = this.#ranks.flatMap(({ below, weight }) =>
      weight === 0 ? [below] : [below, below + 1],
    );
    const located = this.#locate(wantedRanks);
    this.#collect(values, keys, located);
    const valueAt = (rank: number): number => {
      const { bucket, offset } = located.get(rank)!;
      return this.#scratch[this.#starts.get(bucket)! + offset]!;
    };
    for (const [index, { below, weight }] of this.#ranks.entries()) {
      const low = valueAt(below);
      target[at + index] = weight === 0 ? low : interpolate(low, valueAt(below + 1), weight);
    }
  }

  #count(keys: Int32Array): void {
    this.#histogram.fill(0);
    for (let index = 0; index < keys.length; index++) this.#histogram[bucketOf(keys[index]!)]!++;
  }

  /** Bucket of each rank, and its position among the sorted values of that bucket. */
  #locate(ranks: readonly number[]): Map<number, Place> {
    const located = new Map<number, Place>();
    let bucket = 0;
    let before = 0;
    for (const rank of ranks.toSorted((a, b) => a - b)) {
      while (before + this.#histogram[bucket]! <= rank) before += this.#histogram[bucket++]!;
      located.set(rank, { bucket, offset: rank - before });
    }
    return located;
  }

  /** Puts the values of the buckets that matter side by side into the scratch, each bucket sorted. */
  #collect(values: Float32Array, keys: Int32Array, located: ReadonlyMap<number, Place>): void {
    this.#starts.clear();
    let length = 0;
    for (const { bucket } of located.values()) {
      if (this.#starts.has(bucket)) continue;
      this.#starts.set(bucket, length);
      // Shifted by one: 0 says that nobody wants the bucket.
      this.#cursors[bucket] = length + 1;
      length += this.#histogram[bucket]!;
    }
    for (let index = 0; index < keys.length; index++) {
      const bucket = bucketOf(keys[index]!);
      const cursor = this.#cursors[bucket]!;
      if (cursor === 0) continue;
      this.#scratch[cursor - 1] = values[index]!;
      this.#cursors[bucket] = cursor + 1;
    }
    for (const [bucket, start] of this.#starts) {
      this.#cursors[bucket] = 0;
      const part = this.#scratch.subarray(start, start + this.#histogram[bucket]!);
      // In place on purpose: this runs for every band of every window.
      part.sort();
    }
  }
}

/** Upper 16 bits of the key whose unsigned order is the order of the floats. */
function bucketOf(bits: number): number {
  return (bits < 0 ? ~bits : bits | 0x80000000) >>> 16;
}

/** Linear interpolation in float32, from the nearer end, as PyTorch's `lerp`. */
function interpolate(low: number, high: number, weight: number): number {
  const w = Math.fround(weight);
  const difference = Math.fround(high - low);
  return w < 0.5
    ? Math.fround(low + Math.fround(w * difference))
    : Math.fround(high - Math.fround(difference * Math.fround(1 - w)));
}
