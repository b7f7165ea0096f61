/** The numbers of a run, as they are delivered and printed. */
import type { CloudModel } from '../../models/model.ts';
import { noData } from '../postprocess/classify.ts';
import type { Product } from '../products/product.ts';
import type { Style } from '../postprocess/styles.ts';
import type { WindowCounts } from '../inference/moving-window.ts';
import { isWithinTraining, warningsOf } from './training.ts';

export interface MaskParameters {
  readonly output_style: Style['name'];
  /** Step of the moving window in pixels. */
  readonly stride: number;
  readonly categorise: boolean;
}

export interface Statistics {
  readonly product: string;
  readonly model: { readonly id: string; readonly sha256: string; readonly device: string };
  readonly parameters: MaskParameters;
  readonly pixels: { readonly total: number; readonly valid: number; readonly nodata: number };
  /** Share of the valid pixels, 0–1. */
  readonly classes: readonly {
    readonly value: number;
    readonly name: string;
    readonly share: number;
  }[];
  /** Thick and thin cloud of the valid pixels in percent; absent for styles that do not tell. */
  readonly cloud_cover?: number;
  readonly windows: WindowCounts;
  /** Whether the model was trained with products of this level; absent where the model does not say. */
  readonly within_training?: boolean;
  /** What a user should know of the product and its mask; absent when all is well. */
  readonly warnings?: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
  /** Largest resident memory of the process. */
  readonly peak_memory_mb: number;
}

/** Counts the values of the mask. */
export class Tally {
  readonly #counts = new Float64Array(256);

  add(classes: Uint8Array): void {
    for (const value of classes) this.#counts[value]!++;
  }

  of(value: number): number {
    return this.#counts[value]!;
  }

  get total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }
}

export interface StatisticsSource {
  readonly product: Product;
  readonly model: CloudModel;
  readonly parameters: MaskParameters;
  readonly style: Style;
  readonly tally: Tally;
  readonly windows: WindowCounts;
  readonly seconds: Readonly<Record<string, number>>;
}

/** Puts the statistics document together. Shares are 0 where no pixel is valid. */
export function statisticsOf(source: StatisticsSource): Statistics {
  const { product, model, style, tally } = source;
  const { total } = tally;
  const nodata = tally.of(noData);
  const valid = total - nodata;
  const share = (count: number): number => (valid === 0 ? 0 : round(count / valid, 6));
  const isWithin = isWithinTraining(product, model.manifest);
  const warnings = warningsOf(product, model.manifest);
  const cloudy = style.cloud.reduce((sum, value) => sum + tally.of(value), 0);
  return {
    product: product.id,
    model: { id: model.manifest.id, sha256: model.sha256, device: model.device },
    parameters: source.parameters,
    pixels: { total, valid, nodata },
    classes: style.classes.map(({ value, name }) => ({
      value,
      name,
      share: share(tally.of(value)),
    })),
    ...(style.cloud.length === 0 ? {} : { cloud_cover: round(100 * share(cloudy), 4) }),
    windows: source.windows,
    ...(isWithin !== undefined && { within_training: isWithin }),
    ...(warnings.length > 0 && { warnings }),
    seconds: source.seconds,
    peak_memory_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
