/** One output of a job that people can read: a value, or a JSON file. */
import type { Job } from '../../../jobs/job.ts';
import type { Links } from '../../links.ts';
import { tree } from '../document.ts';
import { jobName, shortName } from '../inputs.ts';
import type { Page } from '../page.ts';
import { html } from '../template.ts';

export interface OutputPage {
  readonly job: Job;
  readonly outputId: string;
  readonly value: unknown;
  readonly mediaType: string;
  readonly links: Links;
}

export function outputView({ job, outputId, value, mediaType, links }: OutputPage): Page {
  return {
    title: `${outputId} · ${shortName(jobName(job))}`,
    current: 'jobs',
    crumbs: [
      { name: 'Jobs', href: links.jobs() },
      { name: shortName(jobName(job)), href: links.job(job.id) },
      { name: 'Results', href: links.results(job.id) },
    ],
    here: outputId,
    heading: outputId,
    lead: mediaType,
    body: html`<section class="card value" aria-label="${outputId}">${tree(links, value)}</section>`,
  };
}
