/** Results that are not there: why, what the job was asked for, and how to start it again. */
import type { Job } from '../../../jobs/job.ts';
import { shownInputs } from '../../../processes/redact.ts';
import type { Links } from '../../links.ts';
import type { Problem } from '../../problem.ts';
import { tree } from '../document.ts';
import { jobName, shortName } from '../inputs.ts';
import { badge, card, facts, time } from '../marks.ts';
import { localHref, type Page } from '../page.ts';
import { html } from '../template.ts';
import { againHref } from './job.ts';
import { problemView } from './problem.ts';

export function noResultsView(problem: Problem, job: Job, links: Links): Page {
  const self = localHref(links, links.job(job.id));
  const isOpen = job.status === 'accepted' || job.status === 'running';
  const inputs = Object.entries(shownInputs(job.request.inputs));
  const more = html`<section class="card stack" aria-labelledby="h-next"><h2 id="h-next">The job</h2>
${facts([
  ['Name', jobName(job)],
  ['State', badge(job.status)],
  ['Ended', job.finished === undefined ? undefined : time(job.finished)],
  ['Results removed', job.expired === undefined ? undefined : time(job.expired)],
])}
<div class="row"><a class="btn main" href="${isOpen ? self : againHref(links, job)}">${isOpen ? 'Follow the job' : 'Start again'}</a>${!isOpen && html`<a class="btn" href="${self}">See the job</a>`}</div></section>
${card('in', 'Inputs', facts(inputs.map(([id, value]) => [html`<code>${id}</code>`, tree(links, value)])))}`;
  return {
    ...problemView(problem, links, more),
    current: 'jobs',
    crumbs: [
      { name: 'Jobs', href: links.jobs() },
      { name: shortName(jobName(job)), href: links.job(job.id) },
    ],
    here: 'Results',
  };
}
