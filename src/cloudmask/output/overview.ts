/** The small pictures' pixels, collected while rows go by: true colour by block means, classes by the block's centre. */
import { noData } from '../postprocess/classify.ts';
import type { ReflectanceScale } from '../radiometry/radiometry.ts';

/** A full Sentinel-2 tile becomes 1/8 of its size; smaller scenes are reduced less. */
const largestSide = 1373;
/** Reflectance that is drawn as full brightness, and the exponent that lifts the dark. */
const white = 0.9;
const gamma = 1 / 1.9;

export interface OverviewSource {
  readonly row: number;
  readonly validity: Uint8Array;
  readonly classes: Uint8Array;
  /** DN of red, green and blue. */
  readonly colours: readonly [Uint16Array, Uint16Array, Uint16Array];
}

export class Overview {
  readonly width: number;
  readonly height: number;
  /** Scene pixels along a side of one overview pixel. */
  readonly factor: number;
  /** Rows of the scene. */
  readonly #rows: number;
  readonly #scale: readonly [ReflectanceScale, ReflectanceScale, ReflectanceScale];
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;
  readonly #classes: Uint8Array;

  constructor(
    size: { readonly width: number; readonly height: number },
    scale: readonly [ReflectanceScale, ReflectanceScale, ReflectanceScale],
  ) {
    this.factor = Math.max(1, Math.ceil(Math.max(size.width, size.height) / largestSide));
    this.width = Math.ceil(size.width / this.factor);
    this.height = Math.ceil(size.height / this.factor);
    this.#rows = size.height;
    this.#scale = scale;
    this.#sums = new Float64Array(this.width * this.height * 3);
    this.#counts = new Uint32Array(this.width * this.height);
    this.#classes = new Uint8Array(this.width * this.height).fill(noData);
  }

  add({ row, validity, classes, colours }: OverviewSource): void {
    const { factor, width } = this;
    const y = Math.floor(row / factor);
    const [red, green, blue] = colours;
    for (let column = 0; column < validity.length; column++) {
      if (validity[column] === 0) continue;
      const pixel = y * width + Math.floor(column / factor);
      this.#sums[pixel * 3] = this.#sums[pixel * 3]! + red[column]!;
      this.#sums[pixel * 3 + 1] = this.#sums[pixel * 3 + 1]! + green[column]!;
      this.#sums[pixel * 3 + 2] = this.#sums[pixel * 3 + 2]! + blue[column]!;
      this.#counts[pixel]!++;
    }
    const centre = Math.floor(factor / 2);
    // The last block may end before its centre.
    if (row !== Math.min(y * factor + centre, this.#rows - 1)) return;
    for (let x = 0; x < width; x++) {
      this.#classes[y * width + x] = classes[Math.min(classes.length - 1, x * factor + centre)]!;
    }
  }

  /** Class values, `height × width`, 255 where there is no data. */
  classes(): Uint8Array {
    return this.#classes;
  }

  /** Red, green, blue, alpha bytes; transparent where there is no data. */
  trueColour(): Uint8Array {
    const pixels = new Uint8Array(this.width * this.height * 4);
    for (let pixel = 0; pixel < this.#counts.length; pixel++) {
      const count = this.#counts[pixel]!;
      if (count === 0) continue;
      for (const [channel, { gain, bias }] of this.#scale.entries()) {
        const reflectance = (this.#sums[pixel * 3 + channel]! / count) * gain + bias;
        pixels[pixel * 4 + channel] = brightness(reflectance);
      }
      pixels[pixel * 4 + 3] = 255;
    }
    return pixels;
  }
}

function brightness(reflectance: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, reflectance) / white) ** gamma);
}
