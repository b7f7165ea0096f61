/**
 * Which form results take: the table `response` × `transmissionMode` of the standard, as plain data.
 * It is driven by the stored execute request; a request that did not say leaves it to negotiation.
 */
import type { Results } from '../jobs/job.ts';
import type { ExecutionRequest, ResponseForm } from '../processes/execution-request.ts';
import { jsonQuality, namedQuality, takesAnything } from './negotiation.ts';

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
  const ids = resultIds(request, results);
  if (request.response === undefined) {
    const preferred = preferredFile(results, ids, accept);
    if (preferred !== undefined) return { kind: 'one', id: preferred };
  }
  const form = request.response ?? otherwise;
  return form === 'document' ? { kind: 'document', ids } : rawAnswer(request, ids);
}

/** Ids of the outputs that were asked for and are there, in the order of the request. */
export function resultIds(request: ExecutionRequest, results: Results): string[] {
  return Object.keys(request.outputs).filter((id) => Object.hasOwn(results, id));
}

/**
 * At once: /req/core/process-execute-sync-raw-value-one, /req/core/process-execute-sync-raw-value-multi,
 * /req/core/process-execute-sync-raw-ref, /req/core/process-execute-sync-raw-mixed-multi. As a job:
 * /req/core/job-results-async-raw-value-one, /req/core/job-results-async-raw-value-multi,
 * /req/core/job-results-async-raw-ref, /req/core/job-results-async-raw-mixed-multi.
 */
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

/**
 * The file whose media type Accept names and prefers to JSON. Browsers list types of pictures for
 * whatever they show: a client that takes anything gets the document.
 */
function preferredFile(
  results: Results,
  ids: readonly string[],
  accept: string | undefined,
): string | undefined {
  if (takesAnything(accept)) return undefined;
  const files = ids.flatMap((id) => {
    const output = results[id];
    if (output?.kind !== 'file' || /[/+]json\b/.test(output.mediaType)) return [];
    return [{ id, quality: namedQuality(accept, output.mediaType) }];
  });
  const [best] = files.toSorted((one, other) => other.quality - one.quality);
  return best !== undefined && best.quality > jsonQuality(accept) ? best.id : undefined;
}
