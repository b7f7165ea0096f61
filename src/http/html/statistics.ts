/** What pages show of the statistics of a mask. They come from a file, so every member is looked at. */
import type { Storage } from '../../storage/storage.ts';
import type { StoredOutput } from '../../jobs/job.ts';
import { largestInlineBytes } from '../results-document.ts';
import type { Share } from './classes.ts';

export interface MaskStatistics {
  readonly classes: readonly Share[];
  /** Percent of the valid pixels. */
  readonly cloudCover?: number;
  /** Share of all pixels, 0–1. */
  readonly noData?: number;
  /** Pixels with data. */
  readonly valid?: number;
  readonly model?: { readonly id: string; readonly sha256: string };
  readonly windows?: { readonly run: number; readonly skipped: number };
  /** By stage, in the order of the run; `total` last. */
  readonly seconds: readonly (readonly [stage: string, seconds: number])[];
  readonly peakMemoryMb?: number;
  readonly warnings: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;

/** The statistics among the results, when they are there and read as such. */
export async function readStatistics(
  output: StoredOutput | undefined,
  storage: Storage,
): Promise<MaskStatistics | undefined> {
  if (output?.kind === 'delivered') return statisticsIn(output.value);
  if (output?.kind !== 'file' || output.mediaType !== 'application/json') return undefined;
  // Larger ones are none of ours.
  if (output.size > largestInlineBytes) return undefined;
  return statisticsIn(JSON.parse((await storage.read(output)).toString('utf8')));
}

/** Undefined for anything that is not the statistics of a mask. */
function statisticsIn(value: unknown): MaskStatistics | undefined {
  const { classes, cloud_cover: cover, pixels, model, windows, seconds, ...rest } = members(value);
  if (!Array.isArray(classes)) return undefined;
  const { id, sha256 } = members(model);
  const { run, skipped } = members(windows);
  const { peak_memory_mb: memory, warnings } = rest;
  return {
    classes: classes.map(shareOf),
    ...(isNumber(cover) && { cloudCover: cover }),
    ...pixelsIn(members(pixels)),
    ...(typeof id === 'string' && typeof sha256 === 'string' && { model: { id, sha256 } }),
    ...(isNumber(run) && isNumber(skipped) && { windows: { run, skipped } }),
    seconds: Object.entries(members(seconds)).filter((pair): pair is [string, number] =>
      isNumber(pair[1]),
    ),
    ...(isNumber(memory) && { peakMemoryMb: memory }),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
  };
}

function pixelsIn({ total, nodata, valid }: Members): Pick<MaskStatistics, 'noData' | 'valid'> {
  return {
    ...(isNumber(valid) && { valid }),
    ...(isNumber(total) && isNumber(nodata) && total > 0 && { noData: nodata / total }),
  };
}

function shareOf(value: unknown): Share {
  const { value: number, name, share } = members(value);
  return { value: Number(number), name: String(name), share: Number(share) };
}

export function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
