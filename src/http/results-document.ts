import type { StoredOutput, Results } from '../jobs/job.ts';
import type { ExecutionRequest } from '../processes/execution-request.ts';
import type { Json } from '../processes/process.ts';
import type { Storage } from '../storage/storage.ts';
import type { Links } from './links.ts';
import type { ReturnPreference } from './prefer.ts';
import { isByReference } from './results-answer.ts';

/** Results of a job, or of a run in place (which has no job and no files). */
export interface ResultsSource {
  readonly jobId: string;
  readonly request: ExecutionRequest;
  readonly results: Results;
  readonly titles: Readonly<Record<string, string>>;
  /** What the request for these results prefers to what the execute request says. */
  readonly preference?: ReturnPreference | undefined;
}

/** JSON files up to this size stand in a document by value, and in pages. */
export const largestInlineBytes = 1024 * 1024;

/** Absolute URL under which one output can be had. */
export function hrefOf(links: Links, jobId: string, id: string, output: StoredOutput): string {
  if (output.kind === 'delivered') return output.href;
  return output.kind === 'file'
    ? links.resultFile(jobId, output.fileName)
    : links.output(jobId, id);
}

/** Media type of an output when it is sent alone. */
export function mediaTypeOfOutput(output: StoredOutput): string {
  if (output.mediaType !== undefined) return output.mediaType;
  return output.kind === 'value' && typeof output.value === 'string'
    ? 'text/plain; charset=utf-8'
    : 'application/json';
}

/**
 * /req/core/process-execute-sync-document, /req/core/job-results-async-document: output id → value or
 * link. Values are always wrapped: bare ones break generated clients, bare objects the standard.
 */
export async function resultsDocument(
  source: ResultsSource,
  ids: readonly string[],
  links: Links,
  storage: Storage,
): Promise<Record<string, Json>> {
  const members = ids.map(async (id) => {
    const output = source.results[id];
    if (output === undefined) return [];
    const isLink = source.preference
      ? source.preference === 'minimal'
      : isByReference(source.request, id);
    const inline = isLink ? undefined : await inlineValue(output, storage);
    return [[id, inline ?? linkTo(source, id, output, links)] as const];
  });
  return Object.fromEntries((await Promise.all(members)).flat());
}

function linkTo(source: ResultsSource, id: string, output: StoredOutput, links: Links): Json {
  return {
    href: hrefOf(links, source.jobId, id, output),
    type: mediaTypeOfOutput(output),
    title: source.titles[id] ?? id,
  };
}

function isBbox(value: Json): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return (
    Array.isArray(value['bbox']) &&
    Object.keys(value).every((name) => ['bbox', 'crs'].includes(name))
  );
}

async function inlineValue(output: StoredOutput, storage: Storage): Promise<Json | undefined> {
  if (output.kind === 'value') {
    // The one object that the standard wants bare: wrapped, it would fit two of its schemas.
    if (isBbox(output.value)) return output.value;
    return {
      value: output.value,
      ...(output.mediaType !== undefined && { mediaType: output.mediaType }),
    };
  }
  if (output.kind === 'delivered') {
    const { value, mediaType } = output;
    return value === undefined ? undefined : { value, mediaType };
  }
  // GeoJSON has a `bbox` member and would fit two schemas of the standard at once: it goes by link.
  const isInline = output.mediaType === 'application/json' && output.size <= largestInlineBytes;
  if (!isInline) return undefined;
  const content = await storage.read(output);
  return { value: JSON.parse(content.toString('utf8')) as Json, mediaType: output.mediaType };
}
