import type { Request, Response } from 'express';
import { pathParameter, type Api, type Handler } from '../api.ts';
import { statusInfo } from '../documents.ts';
import { localHref } from '../html/page.ts';
import { sendDocument, wantsPage } from '../html/sending.ts';
import { tidyQuery } from '../html/tidy-query.ts';
import { link } from '../links.ts';
import { cursorOf, ownQuery, readJobCursor, readLimit } from '../paging.ts';
import { answerFor } from '../results-answer.ts';
import { sendOutput, sendResults } from '../results-sending.ts';
import { seeOther } from './forms.ts';
import { isReadable, jobPage, jobsPage, sendOutputPage, sendResultsPage } from './job-pages.ts';
import { outputTitles } from './processes.ts';
import type { Job } from '../../jobs/job.ts';

/** /req/job-list/job-list-success, /req/job-list/links */
export const listJobs: Handler = async (api, request, response) => {
  const tidy = wantsPage(request) ? tidyQuery(request) : undefined;
  if (tidy !== undefined) return seeOther(response, localHref(api.links, api.links.jobs(tidy)));
  const limit = readLimit(request);
  const found = await api.jobs.list(limit + 1, readJobCursor(request));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = found.length > limit && last !== undefined ? [nextPage(api, limit, last)] : [];
  const document = {
    jobs: page.map((job) => status(api, job)),
    links: [link(api.links.jobs(ownQuery(request)), 'self', 'Jobs'), ...next],
  };
  await sendDocument(api.links, request, response, {
    document,
    isWhole: true,
    page: () => jobsPage(api, request, page, document),
  });
};

function nextPage(api: Api, limit: number, { created, id }: Job) {
  return link(
    api.links.jobs(`?limit=${limit}&cursor=${cursorOf({ created, id })}`),
    'next',
    'Older jobs',
  );
}

/** /req/core/job-success, /req/core/job-exception-no-such-job */
export const getJob: Handler = async (api, request, response) => {
  await sendJob(api, await api.jobs.get(pathParameter(request, 'jobId')), request, response);
};

/** /req/dismiss/job-dismiss-success */
export const dismissJob: Handler = async (api, request, response) => {
  await sendJob(api, await api.jobs.dismiss(pathParameter(request, 'jobId')), request, response);
};

async function sendJob(api: Api, job: Job, request: Request, response: Response): Promise<void> {
  const document = status(api, job);
  const page = () => jobPage(api, job, document);
  await sendDocument(api.links, request, response, { document, page });
}

/** /req/core/job-results: the stored execute request decides the form. */
export const getResults: Handler = async (api, request, response) => {
  response.vary('Accept');
  if (wantsPage(request)) return sendResultsPage(api, request, response);
  const job = await api.jobs.finished(pathParameter(request, 'jobId'));
  const process = api.registry.get(job.processId);
  const source = {
    jobId: job.id,
    request: job.request,
    results: job.results,
    titles: outputTitles(process),
  };
  const answer = answerFor(job.request, job.results, request.get('Accept'), 'document');
  await sendResults(api, source, answer, response);
};

export const getOutput: Handler = async (api, request, response) => {
  const id = pathParameter(request, 'jobId');
  const outputId = pathParameter(request, 'outputId');
  const output = await api.jobs.output(id, outputId);
  response.vary('Accept');
  if (wantsPage(request) && isReadable(output))
    return sendOutputPage(api, { id, outputId, output }, response);
  await sendOutput(api, output, response);
};

function status(api: Api, job: Job) {
  return statusInfo(job, api.links, job.results !== undefined && !api.jobs.isExpired(job));
}
