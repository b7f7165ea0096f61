/** Quantiles the plain way: sort everything, look up. */

/** Linear interpolation at position q · (n − 1) of the sorted values. */
export function sortedQuantiles(
  values: Float32Array,
  positions: readonly number[],
): Float32Array<ArrayBuffer> {
  const sorted = values.toSorted();
  return Float32Array.from(positions, (position) => {
    const rank = Math.fround(position) * (sorted.length - 1);
    const below = Math.floor(rank);
    const low = sorted[below] ?? NaN;
    const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
    return low + (rank - below) * (high - low);
  });
}
