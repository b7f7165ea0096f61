import type { Request, Response } from 'express';
import { pathParameter, type Api, type Handler } from '../api.ts';
import { callerOf } from '../caller.ts';
import { outputTitles, statusInfo } from '../documents.ts';
import { localHref } from '../html/page.ts';
import { sendDocument, wantsPage } from '../html/sending.ts';
import { tidyQuery } from '../html/tidy-query.ts';
import { link } from '../links.ts';
import { filterNames, readJobFilter } from '../job-filters.ts';
import { cursorOf, ownQuery, readJobCursor, readLimit } from '../paging.ts';
import { returnPreference } from '../prefer.ts';
import { answerFor } from '../results-answer.ts';
import { sendOutput, sendResults } from '../results-sending.ts';
import { seeOther } from './forms.ts';
import { isReadable, jobPage, jobsPage, sendOutputPage, sendResultsPage } from './job-pages.ts';
import type { JobSummary } from '../../jobs/job.ts';

/** /req/job-list/job-list-op, /req/job-list/job-list-success, /req/job-list/links */
export const listJobs: Handler = async (api, request, response) => {
  const tidy = wantsPage(request) ? tidyQuery(request) : undefined;
  if (tidy !== undefined) return seeOther(response, localHref(api.links, api.links.jobs(tidy)));
  const limit = readLimit(request);
  const filter = readJobFilter(request);
  const { owner } = callerOf(response);
  const after = readJobCursor(request);
  const found = await api.jobs.list({ owner, filter, limit: limit + 1, after });
  // /req/job-list/limit-response
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next =
    found.length > limit && last !== undefined ? [nextPage(api, request, { limit, last })] : [];
  const document = {
    jobs: page.map((job) => status(api, job)),
    links: [link(api.links.jobs(ownQuery(request, filterNames)), 'self', 'Jobs'), ...next],
  };
  await sendDocument(api.links, request, response, {
    document,
    isWhole: true,
    page: () => jobsPage(api, request, page, { ...document, owner }),
  });
};

/** /rec/job-list/job-list-next-1: the same filters, from the last job of this page on. */
function nextPage(
  api: Api,
  request: Request,
  { limit, last: { created, id } }: { limit: number; last: JobSummary },
) {
  const query = ownQuery(request, filterNames, { limit, cursor: cursorOf({ created, id }) });
  return link(api.links.jobs(query), 'next', 'Older jobs');
}

/** /req/core/job, /req/core/job-success, /req/core/job-exception-no-such-job */
export const getJob: Handler = async (api, request, response) => {
  const { owner } = callerOf(response);
  const job = await api.jobs.summary(pathParameter(request, 'jobId'), owner);
  await sendJob(api, job, request, response);
};

/** /req/dismiss/job-dismiss-success */
export const dismissJob: Handler = async (api, request, response) => {
  const { owner } = callerOf(response);
  const job = await api.jobs.dismiss(pathParameter(request, 'jobId'), owner);
  await sendJob(api, job, request, response);
};

async function sendJob(
  api: Api,
  job: JobSummary,
  request: Request,
  response: Response,
): Promise<void> {
  const document = status(api, job);
  const page = async () => jobPage(api, await api.jobs.get(job.id, job.owner), document);
  await sendDocument(api.links, request, response, { document, page });
}

/**
 * /req/core/job-results: the stored execute request decides the form. Without results the error says why:
 * /req/core/job-results-exception/no-such-job, /req/core/job-results-exception/results-not-ready.
 */
export const getResults: Handler = async (api, request, response) => {
  response.vary('Accept');
  if (wantsPage(request)) return sendResultsPage(api, request, response);
  const { owner } = callerOf(response);
  const job = await api.jobs.finished(pathParameter(request, 'jobId'), owner);
  const process = api.registry.get(job.processId);
  const source = {
    jobId: job.id,
    request: job.request,
    results: job.results,
    titles: outputTitles(process.description),
    preference: returnPreference(request.get('Prefer')),
  };
  const answer = answerFor(job.request, job.results, request.get('Accept'), 'document');
  // /rec/core/process-execute-preference-applied: only a document can choose between values and links.
  if (answer.kind === 'document' && source.preference !== undefined)
    response.setHeader('Preference-Applied', `return=${source.preference}`);
  response.vary('Prefer');
  await sendResults(api, source, answer, response);
};

export const getOutput: Handler = async (api, request, response) => {
  const id = pathParameter(request, 'jobId');
  const outputId = pathParameter(request, 'outputId');
  const output = await api.jobs.output(id, outputId, callerOf(response).owner);
  response.vary('Accept');
  if (wantsPage(request) && isReadable(output))
    return sendOutputPage(api, { id, outputId, output }, response);
  await sendOutput(api, output, response);
};

function status(api: Api, job: JobSummary) {
  return statusInfo(job, api.links, job.hasResults === true && !api.jobs.isExpired(job));
}
