/** What browsers without scripts send: forms. */
import type { Response } from 'express';
import { InvalidInputs, NoSuchJob } from '../../errors.ts';
import { anonymous, type Job } from '../../jobs/job.ts';
import { readExecutionRequest, type ExecutionRequest } from '../../processes/execution-request.ts';
import { shownInputs } from '../../processes/redact.ts';
import { writeOnlyInputs, type Process } from '../../processes/registry.ts';
import { pathParameter, type Api, type Handler } from '../api.ts';
import { processDocument, statusInfo } from '../documents.ts';
import { fieldText } from '../html/form/fields.ts';
import { requireOwnPage } from '../html/form/own-page.ts';
import { executeBody, textsOf, type FieldTexts } from '../html/form/submission.ts';
import { localHref } from '../html/page.ts';
import { sendPage, wantsPage } from '../html/sending.ts';
import { processView } from '../html/views/process.ts';
import { HttpFault } from '../problem.ts';
import { sendJson } from '../send.ts';

/** Starts a job from the form of a process and leads to its page. A refused form comes back as it was filled in. */
export const executeByForm: Handler = async (api, request, response) => {
  requireOwnPage(api.links, request);
  const process = api.registry.get(pathParameter(request, 'processId'));
  const texts = textsOf(request.body);
  const read = await readForm(api, process, texts);
  if (read instanceof InvalidInputs) return sendRefused(api, process, { texts, read }, response);
  const job = await api.jobs.accept(process, read, { caller: { owner: anonymous } });
  seeOther(response, localHref(api.links, api.links.job(job.id)));
};

async function readForm(
  { callbackPolicy }: Api,
  process: Process,
  texts: FieldTexts,
): Promise<ExecutionRequest | InvalidInputs> {
  try {
    return await readExecutionRequest(
      process,
      executeBody(process.description, texts),
      callbackPolicy,
    );
  } catch (error) {
    if (error instanceof InvalidInputs) return error;
    throw error;
  }
}

async function sendRefused(
  { links }: Api,
  { description }: Process,
  { texts, read }: { readonly texts: FieldTexts; readonly read: InvalidInputs },
  response: Response,
): Promise<void> {
  const secrets = writeOnlyInputs(description);
  const kept = Object.entries(texts).filter(([id]) => !secrets.includes(id));
  const document = processDocument(description, links);
  const page = processView({
    document,
    links,
    texts: Object.fromEntries(kept),
    faults: read.faults,
  });
  response.status(400);
  await sendPage(links, response, page);
}

/** /req/dismiss/job-dismiss-op for a form, which knows no DELETE. */
export const dismissByForm: Handler = async (api, request, response) => {
  requireOwnPage(api.links, request);
  const id = pathParameter(request, 'jobId');
  if (textsOf(request.body)['_method'] !== 'DELETE') {
    const detail = 'found a form without "_method"; accepted: _method=DELETE';
    throw new HttpFault(400, 'malformed-request', 'The request is malformed', detail);
  }
  const job = await api.jobs.dismiss(id);
  response.vary('Accept');
  if (!wantsPage(request)) return sendJson(response, statusInfo(job, api.links, false));
  seeOther(response, localHref(api.links, api.links.job(id)));
};

/** The way on after a form, for GET. */
export function seeOther(response: Response, href: string): void {
  response.status(303).setHeader('Location', href);
  response.setHeader('Content-Length', 0);
  response.end();
}

/** Texts for the form of a process from an earlier job of it. Nothing when there is no such job. */
export async function textsOfJob(api: Api, processId: string, jobId: unknown): Promise<FieldTexts> {
  const job = typeof jobId === 'string' ? await foundJob(api, jobId) : undefined;
  if (job?.processId !== processId) return {};
  const secrets = writeOnlyInputs(api.registry.get(processId).description);
  const inputs = Object.entries(shownInputs(job.request.inputs));
  const shown = inputs.filter(([id]) => !secrets.includes(id));
  return Object.fromEntries(shown.map(([id, value]) => [id, fieldText(value)]));
}

async function foundJob({ jobs }: Api, id: string): Promise<Job | undefined> {
  try {
    return await jobs.get(id);
  } catch (error) {
    if (error instanceof NoSuchJob) return undefined;
    throw error;
  }
}
