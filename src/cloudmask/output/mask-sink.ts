/** Takes the final rows of a scene and turns them into the mask file, the counts and the pictures' pixels. */
import { CogWriter } from '../../raster/cog-writer.ts';
import type { FinalRow } from '../inference/moving-window.ts';
import { classify, percentages } from '../postprocess/classify.ts';
import { combiner, type Combine, type Style } from '../postprocess/styles.ts';
import type { Product } from '../products/product.ts';
import { reflectanceScale, type ReflectanceScale } from '../radiometry/radiometry.ts';
import type { Scene } from '../scene.ts';
import type { StageTimes } from '../stages.ts';
import { cogProfile } from './cog-profile.ts';
import { Overview } from './overview.ts';
import { Tally } from './statistics.ts';

export interface MaskSinkRequest {
  readonly scene: Scene;
  readonly style: Style;
  readonly categorise: boolean;
  /** Names of the network's classes. */
  readonly modelClasses: readonly string[];
  /** Where the COG will be. */
  readonly file: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly times: StageTimes;
}

export class MaskSink {
  readonly tally = new Tally();
  readonly overview: Overview;
  readonly #request: MaskSinkRequest;
  readonly #writer: CogWriter;
  readonly #combine: Combine;

  private constructor(request: MaskSinkRequest, writer: CogWriter) {
    const { scene, style, modelClasses } = request;
    this.#request = request;
    this.#writer = writer;
    this.#combine = combiner(style, modelClasses);
    this.overview = new Overview(scene, colourScales(scene.product));
  }

  static async create(request: MaskSinkRequest): Promise<MaskSink> {
    const profile = cogProfile(request.style, request.categorise, request.tags);
    const writer = await CogWriter.create(request.file, request.scene.product.grid, profile);
    return new MaskSink(request, writer);
  }

  /** Writes `count` rows from row `top` on. */
  async write(rows: Iterable<FinalRow>, top: number, count: number): Promise<void> {
    const { scene, style, categorise, times } = this.#request;
    const bands = categorise ? 1 : style.classes.length;
    const pixels = new Uint8Array(bands * count * scene.width);
    await times.time('mosaic', () => {
      const probabilities = new Float32Array(style.classes.length * scene.width);
      for (const row of rows) {
        this.#combine(row.probabilities, probabilities, scene.width);
        this.#take(row, probabilities, { pixels, line: row.row - top, lines: count });
      }
    });
    await times.time('write', () => this.#writer.writeRows(top, count, pixels));
  }

  #take(
    { row, validity }: FinalRow,
    probabilities: Float32Array,
    block: { readonly pixels: Uint8Array; readonly line: number; readonly lines: number },
  ): void {
    const { scene, style, categorise } = this.#request;
    const { width } = scene;
    const line = (band: number): Uint8Array => {
      const from = (band * block.lines + block.line) * width;
      return block.pixels.subarray(from, from + width);
    };
    const classes = categorise ? line(0) : new Uint8Array(width);
    classify(probabilities, style.classes.length, validity, classes);
    if (!categorise) {
      for (const index of style.classes.keys()) {
        const plane = probabilities.subarray(index * width, (index + 1) * width);
        percentages(plane, validity, line(index));
      }
    }
    this.tally.add(classes);
    const { red, green, blue } = scene.product.trueColour;
    const colours = [red, green, blue].map((id) => scene.digitalNumbers(id, row));
    const [r, g, b] = colours as [Uint16Array, Uint16Array, Uint16Array];
    this.overview.add({ row, validity, classes, colours: [r, g, b] });
  }

  /** Makes the COG of what was written. */
  async finish(signal: AbortSignal): Promise<void> {
    await this.#request.times.time('cog', () => this.#writer.finish(signal));
  }

  /** Removes what is left of scratch files. */
  async close(): Promise<void> {
    await this.#writer.discard();
  }
}

function colourScales(product: Product): [ReflectanceScale, ReflectanceScale, ReflectanceScale] {
  const scale = (id: string): ReflectanceScale => {
    const band = product.bands.find((candidate) => candidate.id === id);
    if (band == null)
      throw new Error(`${product.kind} names ${id} for true colour but has no such band.`);
    return reflectanceScale(band.radiometry);
  };
  const { red, green, blue } = product.trueColour;
  return [scale(red), scale(green), scale(blue)];
}
