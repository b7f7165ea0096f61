/* oxlint-disable typescript/no-non-null-assertion -- the loops over pixels stay inside their arrays */
/**
 * Smooth random fields. A field is fixed by its seed and by absolute pixel coordinates, so the same
 * place has the same value in every grid that covers it (the shadow of a cloud outside the scene is right).
 */

/** A rectangle of pixels. `row0`, `column0`: absolute coordinates of its upper left pixel (may be negative). */
export interface PixelGrid {
  readonly rows: number;
  readonly columns: number;
  readonly row0: number;
  readonly column0: number;
}

/** A sum of octaves of noise, each with half the wavelength of the one before. */
export interface NoiseSpec {
  readonly seed: number;
  /** Wavelength of the first octave in pixels, along a row. */
  readonly wavelength: number;
  /** Wavelength down a column divided by the one along a row. Default 1. */
  readonly stretch?: number;
  /** Columns that the pattern moves to the right with each row. Default 0. */
  readonly shear?: number;
  /** Most octaves; those finer than two pixels are left out. */
  readonly octaves: number;
  /** Amplitude of an octave divided by that of the one before. Default 0.5. */
  readonly gain?: number;
}

/** Random numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number in [0, 1) for a pair of integers. */
export function hashedNumber(x: number, y: number, seed: number): number {
  let mixed = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296;
}

/** Noise of a grid, row by row, about 0 to 1 with mean 0.5. */
export function fractalNoise(grid: PixelGrid, spec: NoiseSpec): Float32Array {
  const field = new Float32Array(grid.rows * grid.columns);
  const gain = spec.gain ?? 0.5;
  let wavelength = spec.wavelength;
  let amplitude = 1;
  let total = 0;
  for (let octave = 0; octave < spec.octaves && (octave === 0 || wavelength >= 2); octave++) {
    addOctave(field, grid, { ...spec, wavelength, seed: spec.seed * 31 + octave }, amplitude);
    total += amplitude;
    amplitude *= gain;
    wavelength /= 2;
  }
  for (let i = 0; i < field.length; i++) field[i]! /= total;
  return field;
}

/** Adds one octave: random values on a lattice, joined by cubic B-splines. */
function addOctave(field: Float32Array, grid: PixelGrid, spec: NoiseSpec, amplitude: number): void {
  const { rows, columns, row0, column0 } = grid;
  const shear = spec.shear ?? 0;
  const perColumn = 1 / spec.wavelength;
  const perRow = 1 / (spec.wavelength * (spec.stretch ?? 1));
  const shifts = [shear * row0, shear * (row0 + rows - 1)];
  const left = Math.floor((column0 - Math.max(...shifts)) * perColumn) - 1;
  const right = Math.floor((column0 + columns - 1 - Math.min(...shifts)) * perColumn) + 3;
  const line = new Float32Array(right - left + 1);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const y = (row0 + row) * perRow;
    blendLatticeRows(line, left, y, spec.seed);
    const start = (column0 - shear * (row0 + row)) * perColumn - left;
    for (let column = 0; column < columns; column++) {
      const x = start + column * perColumn;
      const cell = Math.floor(x);
      const t = x - cell;
      const s = 1 - t;
      const value =
        s * s * s * line[cell - 1]! +
        (4 - 3 * t * t * (1 + s)) * line[cell]! +
        (4 - 3 * s * s * (1 + t)) * line[cell + 1]! +
        t * t * t * line[cell + 2]!;
      field[at++]! += (amplitude / 6) * value;
    }
  }
}

/** Lattice values of the row y, from column `left` on. */
function blendLatticeRows(line: Float32Array, left: number, y: number, seed: number): void {
  const cell = Math.floor(y);
  const t = y - cell;
  const s = 1 - t;
  const weights = [s * s * s, 4 - 3 * t * t * (1 + s), 4 - 3 * s * s * (1 + t), t * t * t];
  line.fill(0);
  for (const [k, weight] of weights.entries()) {
    for (let i = 0; i < line.length; i++) {
      line[i]! += (weight / 6) * hashedNumber(left + i, cell - 1 + k, seed);
    }
  }
}

/** The part of a field on `from` that lies on `to`, which must be inside it. */
export function cropField(field: Float32Array, from: PixelGrid, to: PixelGrid): Float32Array {
  const result = new Float32Array(to.rows * to.columns);
  for (let row = 0; row < to.rows; row++) {
    const start = (to.row0 - from.row0 + row) * from.columns + to.column0 - from.column0;
    result.set(field.subarray(start, start + to.columns), row * to.columns);
  }
  return result;
}

/** Value below which the given share (0 to 1) of a field lies, from at most about 20,000 samples. */
export function quantile(field: Float32Array, share: number): number {
  const step = Math.max(1, Math.floor(field.length / 20000));
  const samples = new Float32Array(Math.ceil(field.length / step));
  for (let i = 0; i < samples.length; i++) samples[i] = field[i * step]!;
  samples.sort();
  return samples[Math.min(samples.length - 1, Math.floor(share * samples.length))] ?? 0;
}

/** 0 below `from`, 1 above `to`, smooth between. `from` may be the larger: then it falls. */
export function smoothStep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Mean over a square of (2 · radius + 1)² pixels, edges repeated. */
export function boxBlur(field: Float32Array, grid: PixelGrid, radius: number): Float32Array {
  const { rows, columns } = grid;
  const across = blurLines(field, { lines: rows, length: columns, next: 1, line: columns }, radius);
  return blurLines(across, { lines: columns, length: rows, next: columns, line: 1 }, radius);
}

/** `next`: distance of neighbours in a line, `line`: distance of the lines, both in array elements. */
interface Lines {
  readonly lines: number;
  readonly length: number;
  readonly next: number;
  readonly line: number;
}

function blurLines(field: Float32Array, layout: Lines, radius: number): Float32Array {
  const result = new Float32Array(field.length);
  const last = layout.length - 1;
  for (let k = 0; k < layout.lines; k++) {
    const base = k * layout.line;
    let sum = 0;
    for (let j = -radius; j <= radius; j++) {
      sum += field[base + Math.min(last, Math.max(0, j)) * layout.next]!;
    }
    for (let j = 0; j <= last; j++) {
      result[base + j * layout.next] = sum / (2 * radius + 1);
      sum += field[base + Math.min(last, j + radius + 1) * layout.next]!;
      sum -= field[base + Math.max(0, j - radius) * layout.next]!;
    }
  }
  return result;
}
