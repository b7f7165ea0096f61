/**
 * Which form results take: the table `response` × `transmissionMode` of the standard, as plain data.
 * It is driven by the stored execute request; a request that did not say leaves it to negotiation.
 */
import type { Results } from '../jobs/job.ts';
import {
  isSameMediaType,
  type ExecutionRequest,
  type ResponseForm,
} from '../processes/execution-request.ts';

export type ResultsAnswer =
  | { readonly kind: 'document'; readonly ids: readonly string[] }
  | { readonly kind: 'empty' }
  | { readonly kind: 'one'; readonly id: string }
  | { readonly kind: 'links'; readonly ids: readonly string[] }
  | { readonly kind: 'multipart'; readonly ids: readonly string[] };

/**
 * @param accept the Accept header of the request for results
 * @param otherwise the form when neither the request nor Accept says
 */
export function answerFor(
  request: ExecutionRequest,
  results: Results,
  accept: string | undefined,
  otherwise: ResponseForm,
): ResultsAnswer {
  const ids = Object.keys(request.outputs).filter((id) => Object.hasOwn(results, id));
  if (request.response === undefined) {
    const named = ids.find((id) => isNamed(results, id, accept));
    if (named !== undefined) return { kind: 'one', id: named };
  }
  const form = request.response ?? otherwise;
  return form === 'document' ? { kind: 'document', ids } : rawAnswer(request, ids);
}

/** /req/core/process-execute-sync-raw-value-one, -value-multi, -ref, -mixed-multi; the same for jobs. */
function rawAnswer(request: ExecutionRequest, ids: readonly string[]): ResultsAnswer {
  const [first] = ids;
  if (first === undefined) return { kind: 'empty' };
  if (ids.every((id) => isByReference(request, id))) return { kind: 'links', ids };
  // One output was asked for, not: one of several happened to be there.
  if (Object.keys(request.outputs).length === 1) return { kind: 'one', id: first };
  return { kind: 'multipart', ids };
}

export function isByReference(request: ExecutionRequest, id: string): boolean {
  return request.outputs[id]?.transmissionMode === 'reference';
}

/** True when Accept names the media type of a file (`image/tiff`), not only by a wildcard or as JSON. */
function isNamed(results: Results, id: string, accept: string | undefined): boolean {
  const output = results[id];
  if (output?.kind !== 'file' || /[/+]json\b/.test(output.mediaType)) return false;
  const ranges = (accept ?? '').split(',').map((range) => range.replace(/;\s*q=.*$/i, ''));
  return ranges.some((range) => isSameMediaType(range, output.mediaType));
}
