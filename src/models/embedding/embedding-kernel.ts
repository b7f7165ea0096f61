/**
 * The band embedding: e_c = shift_c + Σ_bands gain · sin(frequency · (x + phase)), computed by WebAssembly SIMD (see
 * `kernel/assembly.ts`; `npm run build:kernel` compiles it). The BatchNorm behind it is part of gain and shift.
 */
import { readFile } from 'node:fs/promises';

import { cellWidths } from './cell-widths.ts';

/** Of one window, from the descriptor network. */
export interface EmbeddingParameters {
  /** Bands × channels, as phase and gain. */
  readonly frequency: Float32Array;
  readonly phase: Float32Array;
  readonly gain: Float32Array;
  /** One for each channel. */
  readonly shift: Float32Array;
}

/** What is used of it: TypeScript describes WebAssembly for browsers only. */
declare const WebAssembly: {
  instantiate(code: Uint8Array): Promise<{ readonly instance: { readonly exports: unknown } }>;
};

/** A global variable of the kernel. */
interface Address {
  readonly value: number;
}

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly valuesAt: Address;
  readonly outputAt: Address;
  readonly parametersAt: Address;
  readonly shiftAt: Address;
  reserve(patch: number, channels: number, bands: number): number;
  begin(): void;
  prepare(band: number, cellWidth: number): void;
  embed(firstChannel: number, channels: number): void;
}

/** Channels that the kernel works on at once. */
const lanes = 32;

/** One for each thread: it works in a memory of its own. */
export class EmbeddingKernel {
  /** In the kernel's memory: values that are written here need not be copied by `embed`. maxBands × patch². */
  readonly values: Float32Array<ArrayBuffer>;
  /** In the kernel's memory: as the target of `embed` it spares a copy. channels × patch². */
  readonly output: Float32Array<ArrayBuffer>;
  readonly #exports: KernelExports;
  readonly #pixels: number;
  readonly #channels: number;
  /** For each band 32 frequencies, 32 phases and 32 gains. */
  readonly #parameters: Float64Array<ArrayBuffer>;
  readonly #shift: Float32Array<ArrayBuffer>;

  private constructor(exports: KernelExports, patch: number, channels: number, maxBands: number) {
    const { buffer } = exports.memory;
    this.#exports = exports;
    this.#pixels = patch * patch;
    this.#channels = channels;
    this.values = new Float32Array(buffer, exports.valuesAt.value, maxBands * this.#pixels);
    this.output = new Float32Array(buffer, exports.outputAt.value, channels * this.#pixels);
    this.#parameters = new Float64Array(buffer, exports.parametersAt.value, maxBands * 3 * lanes);
    this.#shift = new Float32Array(buffer, exports.shiftAt.value, lanes);
  }

  /**
   * @param patch side of a window in pixels: a multiple of 8
   * @param channels a multiple of 4
   */
  static async create(patch: number, channels: number, maxBands: number): Promise<EmbeddingKernel> {
    if (patch % 8 !== 0 || channels % 4 !== 0) {
      throw new RangeError(`No kernel for windows of ${patch} pixels and ${channels} channels.`);
    }
    const code = await readFile(new URL('kernel.wasm', import.meta.url));
    const { instance } = await WebAssembly.instantiate(code);
    const exports = instance.exports as KernelExports;
    if (exports.reserve(patch, channels, maxBands) === 0) {
      throw new RangeError(`No memory for windows of ${patch} pixels and ${maxBands} bands.`);
    }
    return new EmbeddingKernel(exports, patch, channels, maxBands);
  }

  /**
   * @param values bands × patch²; NaN gives NaN
   * @param target channels × patch²
   */
  embed(values: Float32Array, parameters: EmbeddingParameters, target: Float32Array): void {
    const bands = this.#bandsOf(values, parameters, target);
    if (!isView(this.values, values)) this.values.set(values);
    const widths = cellWidths(parameters, bands);
    for (let first = 0; first < this.#channels; first += lanes) {
      this.#writeParameters(parameters, bands, first);
      this.#exports.begin();
      for (const [band, width] of widths.entries()) this.#exports.prepare(band, width);
      this.#exports.embed(first, Math.min(lanes, this.#channels - first));
    }
    if (!isView(this.output, target)) target.set(this.output);
  }

  #bandsOf(values: Float32Array, parameters: EmbeddingParameters, target: Float32Array): number {
    const bands = values.length / this.#pixels;
    const { frequency, phase, gain, shift } = parameters;
    const isComplete =
      [frequency, phase, gain].every(({ length }) => length === bands * this.#channels) &&
      shift.length === this.#channels;
    if (!isComplete || values.length > this.values.length || target.length !== this.output.length) {
      throw new RangeError(
        `Values (${values.length}), parameters (${gain.length}) and target (${target.length}) do not match.`,
      );
    }
    return bands;
  }

  /** Of up to 32 channels from `first` on; what is missing to 32 is 0. */
  #writeParameters(parameters: EmbeddingParameters, bands: number, first: number): void {
    const { frequency, phase, gain, shift } = parameters;
    const end = Math.min(first + lanes, this.#channels);
    this.#parameters.fill(0);
    this.#shift.fill(0);
    this.#shift.set(shift.subarray(first, end));
    for (let band = 0; band < bands; band++) {
      const from = band * this.#channels;
      for (const [row, numbers] of [frequency, phase, gain].entries()) {
        const part = numbers.subarray(from + first, from + end);
        this.#parameters.set(part, (band * 3 + row) * lanes);
      }
    }
  }
}

/** Whether `array` is the start of the kernel's own memory `own`. */
function isView(own: Float32Array, array: Float32Array): boolean {
  return array.buffer === own.buffer && array.byteOffset === own.byteOffset;
}
