/** What pages show of the STAC Item of a mask: when and where. It comes from a file, so every member is looked at. */
import type { StoredOutput } from '../../jobs/job.ts';
import type { Storage } from '../../storage/storage.ts';
import { largestInlineBytes } from '../results-document.ts';
import { members } from './statistics.ts';

export interface SceneFacts {
  /** RFC 3339: when the satellite saw it. */
  readonly sensed?: string;
  readonly platform?: string;
  /** As `EPSG:32632`. */
  readonly crs?: string;
  readonly grid?: {
    readonly width: number;
    readonly height: number;
    /** Side of a pixel in metres. */
    readonly pixel: number;
  };
}

/** What the Item among the results says, when it is there and read as such. */
export async function readScene(
  output: StoredOutput | undefined,
  storage: Storage,
): Promise<SceneFacts | undefined> {
  if (output?.kind !== 'file' || output.mediaType !== 'application/geo+json') return undefined;
  // Larger ones are none of ours.
  if (output.size > largestInlineBytes) return undefined;
  const { properties } = members(JSON.parse((await storage.read(output)).toString('utf8')));
  const { datetime, platform, ...rest } = members(properties);
  const crs = rest['proj:code'];
  const grid = gridIn(rest['proj:shape'], rest['proj:transform']);
  return {
    ...(typeof datetime === 'string' && { sensed: datetime }),
    ...(typeof platform === 'string' && { platform }),
    ...(typeof crs === 'string' && { crs }),
    ...(grid && { grid }),
  };
}

function gridIn(shape: unknown, transform: unknown): SceneFacts['grid'] {
  const [height, width] = Array.isArray(shape) ? shape.map(Number) : [];
  const [pixel] = Array.isArray(transform) ? transform.map(Number) : [];
  if (height === undefined || width === undefined || pixel === undefined) return undefined;
  return [height, width, pixel].every(Number.isFinite) ? { width, height, pixel } : undefined;
}
