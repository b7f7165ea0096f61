/** What a callback says: the results document of success, the status of everything else. */
import { outputTitles, statusInfo } from './http/documents.ts';
import type { Links } from './http/links.ts';
import { resultIds } from './http/results-answer.ts';
import { resultsDocument } from './http/results-document.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Callback } from './jobs/outbox.ts';
import type { Registry } from './processes/registry.ts';
import type { Storage } from './storage/storage.ts';

export interface CallbackBodyTools {
  readonly jobs: Jobs;
  readonly links: Links;
  readonly storage: Storage;
  readonly registry: Registry;
}

/** The same at every try, as long as results live; undefined when they are gone. /req/callback/job-callback */
export async function callbackBody(
  { job }: Callback,
  { jobs, links, storage, registry }: CallbackBodyTools,
): Promise<string | undefined> {
  const { id: jobId, request, results, status } = job;
  if (results === undefined || status !== 'successful')
    return JSON.stringify(statusInfo(job, links, false));
  if (jobs.isExpired(job)) return undefined;
  const titles = outputTitles(registry.get(job.processId).description);
  const source = { jobId, request, results, titles };
  const ids = resultIds(request, results);
  return JSON.stringify(await resultsDocument(source, ids, links, storage));
}
