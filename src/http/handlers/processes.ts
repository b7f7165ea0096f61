import type { Request, Response } from 'express';
import { pathParameter, type Api, type Handler } from '../api.ts';
import { outputTitles, processDocument, processSummary, statusInfo } from '../documents.ts';
import { isForm } from '../html/form/own-page.ts';
import { sendDocument, sendPage, wantsPage } from '../html/sending.ts';
import { answerView } from '../html/views/answer.ts';
import { processView } from '../html/views/process.ts';
import { processesView } from '../html/views/processes.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { link } from '../links.ts';
import { cursorOf, ownQuery, readIdCursor, readLimit } from '../paging.ts';
import { executionMode } from '../prefer.ts';
import { methodNotAllowed } from '../problem.ts';
import { answerFor } from '../results-answer.ts';
import { resultsDocument } from '../results-document.ts';
import { sendResults } from '../results-sending.ts';
import { sendJson } from '../send.ts';
import { executeByForm, textsOfJob } from './forms.ts';
import { anonymous } from '../../jobs/job.ts';
import { readExecutionRequest, type ExecutionRequest } from '../../processes/execution-request.ts';
import { executeBody } from '../../processes/kvp-request.ts';
import type { Process } from '../../processes/registry.ts';

/** /req/core/process-list, /req/core/process-list-success, /req/core/pl-links, /req/core/pl-limit-response */
export const listProcesses: Handler = (api, request, response) => {
  const limit = readLimit(request);
  const after = readIdCursor(request);
  const rest = api.registry.all.filter(
    ({ description }) => after === undefined || description.id > after,
  );
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rest.length > page.length && last !== undefined;
  const next = hasMore
    ? [api.links.processes(`?limit=${limit}&cursor=${cursorOf(last.description.id)}`)]
    : [];
  const document = {
    processes: page.map(({ description }) => processSummary(description, api.links)),
    links: [
      link(api.links.processes(ownQuery(request)), 'self', 'Processes'),
      ...next.map((href) => link(href, 'next', 'Next page')),
    ],
  };
  const view = () => processesView(document, api.links);
  return sendDocument(api.links, request, response, { document, page: view });
};

/** /req/core/process, /req/core/process-exception/no-such-process */
export const getProcess: Handler = (api, request, response) => {
  const { links } = api;
  const { description } = api.registry.get(pathParameter(request, 'processId'));
  const document = processDocument(description, links);
  const page = async () => {
    const texts = await textsOfJob(api, description.id, request.query['job']);
    return processView({ document, links, texts });
  };
  return sendDocument(links, request, response, { document, page });
};

/** /req/core/process-execute-op */
export const executeProcess: Handler = async (api, request, response) => {
  if (isForm(request)) return executeByForm(api, request, response);
  const process = api.registry.get(pathParameter(request, 'processId'));
  const execution = await readExecutionRequest(process, request.body, api.callbackPolicy);
  const { mode, applied } = executionMode(
    process.description.jobControlOptions,
    request.get('Prefer'),
  );
  if (mode === 'sync') return answerInPlace(api, { process, execution }, request, response);
  const job = await api.jobs.accept(process, execution, {
    caller: { owner: anonymous },
    key: idempotencyKey(request),
  });
  // /req/core/process-execute-success-async: 201 with a Location header that points to the new job.
  response.status(201).setHeader('Location', api.links.job(job.id));
  if (applied !== undefined) response.setHeader('Preference-Applied', applied);
  sendJson(response, statusInfo(job, api.links, false));
};

/** /req/kvp-execute/process-execute-op: only what runs at once and changes nothing, as GET promises. */
export const executeByQuery: Handler = async (api, request, response) => {
  const process = api.registry.get(pathParameter(request, 'processId'));
  if (!process.description.jobControlOptions.includes('sync-execute')) {
    response.setHeader('Allow', 'POST, OPTIONS');
    throw methodNotAllowed('GET', 'POST');
  }
  const body = executeBody(process.description, request.query);
  const execution = await readExecutionRequest(process, body, api.callbackPolicy);
  return answerInPlace(api, { process, execution }, request, response);
};

/** /req/core/job-results-success-sync: the results themselves, without a job. */
async function answerInPlace(
  api: Api,
  { process, execution }: { process: Process; execution: ExecutionRequest },
  request: Request,
  response: Response,
): Promise<void> {
  response.vary('Accept');
  const away = new AbortController();
  response.once('close', () => away.abort());
  const results = await api.runInPlace(process, execution, away.signal);
  const titles = outputTitles(process.description);
  const source = { jobId: '', request: execution, results, titles };
  if (wantsPage(request)) {
    const document = await resultsDocument(source, Object.keys(results), api.links, api.storage);
    const page = answerView(process.description, document, api.links);
    return sendPage(api.links, response, page, document);
  }
  // No Link header here: the official suite takes every one for a monitor link.
  const answer = answerFor(execution, results, request.get('Accept'), 'raw');
  return sendResults(api, source, answer, response);
}
