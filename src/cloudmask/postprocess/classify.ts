/** Style probabilities of a row → bytes of the mask. */

/** Value of pixels where the product has no data. */
export const noData = 255;

/** Index of the largest probability for each pixel; the first wins a tie. No data where `validity` is 0. */
export function classify(
  probabilities: Float32Array,
  classes: number,
  validity: Uint8Array,
  target: Uint8Array,
): void {
  const width = validity.length;
  for (let x = 0; x < width; x++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[c * width + x]! > probabilities[best * width + x]!) best = c;
    }
    target[x] = validity[x] === 0 ? noData : best;
  }
}

/** Percent of one class for each pixel, 0–100, rounded half up. No data where `validity` is 0. */
export function percentages(
  probabilities: Float32Array,
  validity: Uint8Array,
  target: Uint8Array,
): void {
  for (let x = 0; x < validity.length; x++) {
    const percent = Math.floor(100 * probabilities[x]! + 0.5);
    target[x] = validity[x] === 0 ? noData : Math.min(100, Math.max(0, percent));
  }
}
