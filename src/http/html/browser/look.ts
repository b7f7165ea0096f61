/** Values → colours of pixels. */

/** Ink where true; the same as in the patterns of the legend. */
const patterns: Readonly<Record<number, (x: number, y: number) => boolean>> = {
  1: (x, y) => (x + y) % 10 < 1 || (x - y + 1000) % 10 < 1,
  2: (x, y) => x % 8 < 2 && y % 8 < 2,
  3: (x, y) => (x + y) % 8 < 2,
};
const white = 0xff_ff_ff_ff;
const inks: Readonly<Record<number, number>> = { 1: white, 2: 0xff_2b_21_18, 3: white };

/** By class: the pattern that goes with its colour. */
const patternOfColour: Readonly<Record<string, number>> = {
  '#522574': 1,
  '#c0e6fb': 2,
  '#a81c20': 3,
};

export interface ClassLook {
  readonly kind: 'classes';
  /** `#rrggbb` of the classes that are shown, by value. */
  readonly colours: ReadonlyMap<number, string>;
  readonly isPatterned: boolean;
}

export interface PercentLook {
  readonly kind: 'percent';
  readonly colour: string;
  /** The value of pixels without data. */
  readonly noData: number | undefined;
}

export type Look = ClassLook | PercentLook;

/** `#rrggbb` as a pixel of ImageData (alpha in the highest byte). */
function pixelOf(colour: string, alpha = 255): number {
  const number = Number.parseInt(colour.slice(1), 16);
  const [red, green, blue] = [number >> 16, (number >> 8) & 255, number & 255];
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The pixel of each value; 0 is transparent. */
function paletteOf(look: Look): Uint32Array {
  const palette = new Uint32Array(256);
  if (look.kind === 'classes') {
    for (const [value, colour] of look.colours) palette[value] = pixelOf(colour);
    return palette;
  }
  for (let value = 0; value <= 100; value++)
    palette[value] = value === look.noData ? 0 : pixelOf(look.colour, Math.round(2.55 * value));
  return palette;
}

/** Colours values, row by row, into pixels of the same size. */
export function paint(values: Uint8Array, pixels: Uint32Array, width: number, look: Look): void {
  const palette = paletteOf(look);
  for (let at = 0; at < values.length; at++) pixels[at] = palette[values[at] ?? 0] ?? 0;
  if (look.kind === 'classes' && look.isPatterned) drawPatterns(values, pixels, width, look);
}

function drawPatterns(
  values: Uint8Array,
  pixels: Uint32Array,
  width: number,
  look: ClassLook,
): void {
  const numbers = new Map(
    [...look.colours].map(([value, colour]) => [value, patternOfColour[colour]]),
  );
  for (let at = 0; at < values.length; at++) {
    const number = numbers.get(values[at] ?? 255);
    if (number === undefined) continue;
    if (patterns[number]?.(at % width, Math.floor(at / width))) pixels[at] = inks[number] ?? 0;
  }
}
