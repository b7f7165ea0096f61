import { pathParameter, type Api, type Handler } from '../api.ts';
import { statusInfo } from '../documents.ts';
import { link } from '../links.ts';
import { cursorOf, ownQuery, readJobCursor, readLimit } from '../paging.ts';
import { answerFor } from '../results-answer.ts';
import { sendOutput, sendResults } from '../results-sending.ts';
import { sendJson } from '../send.ts';
import { outputTitles } from './processes.ts';
import type { Job } from '../../jobs/job.ts';

/** /req/job-list/job-list-success, /req/job-list/links */
export const listJobs: Handler = async (api, request, response) => {
  const limit = readLimit(request);
  const found = await api.jobs.list(limit + 1, readJobCursor(request));
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = found.length > limit && last !== undefined ? [nextPage(api, limit, last)] : [];
  sendJson(response, {
    jobs: page.map((job) => status(api, job)),
    links: [link(api.links.jobs(ownQuery(request)), 'self', 'Jobs'), ...next],
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
  sendJson(response, status(api, await api.jobs.get(pathParameter(request, 'jobId'))));
};

/** /req/dismiss/job-dismiss-success */
export const dismissJob: Handler = async (api, request, response) => {
  sendJson(response, status(api, await api.jobs.dismiss(pathParameter(request, 'jobId'))));
};

/** /req/core/job-results: the stored execute request decides the form. */
export const getResults: Handler = async (api, request, response) => {
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
  await sendOutput(api, await api.jobs.output(id, pathParameter(request, 'outputId')), response);
};

function status(api: Api, job: Job) {
  return statusInfo(job, api.links, job.results !== undefined && !api.jobs.isExpired(job));
}
