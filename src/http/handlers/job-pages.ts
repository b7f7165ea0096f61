/** What the pages of jobs need besides their documents. */
import type { Request, Response } from 'express';
import { DomainError, NoSuchJob } from '../../errors.ts';
import type { Job, JobSummary, StoredOutput } from '../../jobs/job.ts';
import type { FinishedJob } from '../../jobs/jobs.ts';
import { pathParameter, type Api } from '../api.ts';
import { callerOf } from '../caller.ts';
import { outputTitles, type StatusInfo } from '../documents.ts';
import { sendPage } from '../html/sending.ts';
import { readScene } from '../html/scene.ts';
import { readStatistics, type MaskStatistics } from '../html/statistics.ts';
import { jobView } from '../html/views/job.ts';
import { jobsView, type JobRow } from '../html/views/jobs.ts';
import { noResultsView } from '../html/views/no-results.ts';
import { outputView } from '../html/views/output.ts';
import { resultsView } from '../html/views/results.ts';
import type { Page } from '../html/page.ts';
import type { Link } from '../links.ts';
import { prepareProblem } from '../problem.ts';
import { resultIds } from '../results-answer.ts';
import { largestInlineBytes, mediaTypeOfOutput, resultsDocument } from '../results-document.ts';

/** On a longer page no cloud cover is shown, which means a file to be read, and on a very long one no names. */
const mostWithStatistics = 50;
const mostWithNames = 200;

interface ListDocument {
  readonly jobs: readonly StatusInfo[];
  readonly links: readonly Link[];
  readonly owner: string;
}

export async function jobsPage(
  api: Api,
  request: Request,
  jobs: readonly JobSummary[],
  { jobs: documents, links: own, owner }: ListDocument,
): Promise<Page> {
  const rows = jobs.map(async (summary, at): Promise<readonly JobRow[]> => {
    const status = documents[at];
    const job = jobs.length <= mostWithNames ? await jobOr(api, summary) : summary;
    const isShort = jobs.length <= mostWithStatistics;
    const statistics = isShort ? await statisticsOf(api, job) : undefined;
    return status === undefined ? [] : [{ job, status, ...(statistics && { statistics }) }];
  });
  const processIds = api.registry.all.map(({ description }) => description.id);
  const { links } = api;
  const { query } = request;
  const whose = api.access.authenticator.isOn && { owner };
  const list = { own, links, processIds, query, ...whose };
  return jobsView({ ...list, rows: (await Promise.all(rows)).flat() });
}

/** The whole of a job; what was known of it, if it has been removed since. */
async function jobOr(api: Api, summary: JobSummary): Promise<JobSummary & Partial<Job>> {
  try {
    return { ...(await api.jobs.get(summary.id, summary.owner)), ...summary };
  } catch (error) {
    if (error instanceof NoSuchJob) return summary;
    throw error;
  }
}

export async function jobPage(api: Api, job: Job, status: StatusInfo): Promise<Page> {
  const statistics = await statisticsOf(api, job);
  const hasResults = job.results !== undefined && !api.jobs.isExpired(job);
  const livesUntil = hasResults ? api.jobs.livesUntil(job) : undefined;
  return jobView({
    job,
    status,
    links: api.links,
    log: await api.jobs.log(job.id, job.owner),
    ...(statistics && { statistics }),
    ...(livesUntil !== undefined && { livesUntil }),
  });
}

/** The statistics of a job that has them. */
async function statisticsOf(
  api: Api,
  job: JobSummary & Partial<Job>,
): Promise<MaskStatistics | undefined> {
  if (job.results === undefined || api.jobs.isExpired(job)) return undefined;
  return readStatistics(await stillThere(api, job.results['statistics']), api.storage);
}

/** A file that is being removed just now is none. What was delivered may have its content with it. */
async function stillThere(
  { storage }: Api,
  output: StoredOutput | undefined,
): Promise<StoredOutput | undefined> {
  if (output?.kind !== 'file') return output;
  return (await storage.access(output)) === undefined ? undefined : output;
}

/** The results as a page, or why there are none and what to do about it. */
export async function sendResultsPage(
  api: Api,
  request: Request,
  response: Response,
): Promise<void> {
  const { links } = api;
  const job = await api.jobs.get(pathParameter(request, 'jobId'), callerOf(response).owner);
  const found = await finishedOr(api, job);
  if (found instanceof DomainError) {
    const problem = prepareProblem(found, response);
    return sendPage(links, response, noResultsView(problem, job, links), problem);
  }
  const titles = outputTitles(api.registry.get(job.processId).description);
  const ids = resultIds(job.request, found.results);
  const source = { jobId: job.id, request: job.request, results: found.results, titles };
  const document = await resultsDocument(source, ids, links, api.storage);
  const statistics = ids.includes('statistics') ? await statisticsOf(api, job) : undefined;
  const item = ids.includes('item') ? found.results['item'] : undefined;
  const scene = await readScene(await stillThere(api, item), api.storage);
  const page = resultsView({
    job: found,
    ids,
    titles,
    links,
    livesUntil: api.jobs.livesUntil(job) ?? job.updated,
    ...(statistics && { statistics }),
    ...(scene && { scene }),
  });
  await sendPage(links, response, page, document);
}

async function finishedOr(api: Api, job: Job): Promise<FinishedJob | DomainError> {
  try {
    return await api.jobs.finished(job.id, job.owner);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** True for what people can read in a page: everything but pictures, masks and long files. */
export function isReadable(output: StoredOutput): boolean {
  if (output.kind !== 'file') return output.value !== undefined;
  return /[/+]json$/.test(output.mediaType) && output.size <= largestInlineBytes;
}

interface NamedOutput {
  readonly id: string;
  readonly outputId: string;
  readonly output: StoredOutput;
}

/** One output that people can read. */
export async function sendOutputPage(
  { links, jobs, storage }: Api,
  { id, outputId, output }: NamedOutput,
  response: Response,
): Promise<void> {
  const job = await jobs.get(id, callerOf(response).owner);
  const value: unknown =
    output.kind !== 'file'
      ? output.value
      : JSON.parse((await storage.read(output)).toString('utf8'));
  const mediaType = mediaTypeOfOutput(output);
  await sendPage(links, response, outputView({ job, outputId, value, mediaType, links }));
}
