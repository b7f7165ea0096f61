/** Domain → JSON documents of the API. No member is ever null. */
import type { JobSummary } from '../jobs/job.ts';
import type { ProcessDescription, ProcessSummary } from '../processes/description.ts';
import { link, openApiMediaType, relations, type Link, type Links } from './links.ts';

/** /req/core/landingpage-success */
export function landingPage(links: Links) {
  return {
    title: 'SEnSeIv2 cloud masks',
    description:
      'OGC API - Processes server that makes cloud and cloud-shadow masks of satellite products.',
    links: [
      link(links.landing(), 'self', 'This document'),
      link(links.api(), 'service-desc', 'Definition of this API', openApiMediaType),
      link(links.conformance(), relations.conformance, 'Conformance classes'),
      link(links.processes(), relations.processes, 'Processes'),
      link(links.jobs(), relations.jobList, 'Jobs'),
    ],
  };
}

/** Summary in the list of processes; `processSummary` members only. */
export function processSummary(
  description: ProcessDescription,
  links: Links,
): ProcessSummary & { links: Link[] } {
  const { inputs: _inputs, outputs: _outputs, ...summary } = description;
  return {
    ...summary,
    links: [link(links.process(description.id), 'self', 'Process description')],
  };
}

/** /req/core/process-success */
export function processDocument(description: ProcessDescription, links: Links) {
  return {
    ...description,
    links: [
      link(links.process(description.id), 'self', 'This document'),
      link(links.execution(description.id), relations.execute, 'Execute the process (POST)'),
      link(links.processes(), 'up', 'Processes'),
    ],
  };
}

/** The status of a job, as it is sent. */
export type StatusInfo = ReturnType<typeof statusInfo>;

/** /req/core/job-success, /req/job-list/processID-mandatory. `hasResults`: a link to results that are not there (any more) would mislead. */
export function statusInfo(job: JobSummary, links: Links, hasResults: boolean) {
  return {
    jobID: job.id,
    id: job.id,
    processID: job.processId,
    type: 'process',
    status: job.status,
    message: job.message,
    progress: job.progress,
    created: job.created,
    ...(job.started !== undefined && { started: job.started }),
    ...(job.finished !== undefined && { finished: job.finished }),
    updated: job.updated,
    links: [
      link(links.job(job.id), 'self', 'This document'),
      link(links.job(job.id), 'monitor', 'Status of the job'),
      ...(hasResults ? [link(links.results(job.id), relations.results, 'Results')] : []),
      link(links.logs(job.id), 'log', 'What happened to the job'),
      link(links.definition(job.id), 'describedby', 'The execute request'),
      link(links.provenance(job.id), relations.provenance, 'Provenance'),
    ],
  };
}

/** Titles of the outputs of a process, by id. */
export function outputTitles(description: ProcessDescription): Record<string, string> {
  const outputs = Object.entries(description.outputs);
  return Object.fromEntries(outputs.map(([id, output]) => [id, output.title]));
}
