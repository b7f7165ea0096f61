/** The list of processes. */
import type { ProcessSummary } from '../../../processes/description.ts';
import type { Link, Links } from '../../links.ts';
import { localHref, type Page } from '../page.ts';
import { html, type Html } from '../template.ts';
import { linkSection } from './about.ts';

export interface ProcessList {
  readonly processes: readonly (ProcessSummary & { readonly links: readonly Link[] })[];
  readonly links: readonly Link[];
}

export function processesView(document: ProcessList, links: Links): Page {
  return {
    title: 'Processes',
    here: 'Processes',
    heading: 'Processes',
    lead: 'What can be run here. Each has a form.',
    body: html`${document.processes.length === 0 && html`<p class="card">There are no more processes.</p>`}
${document.processes.map((process) => entry(process, links))}
${linkSection(links, document.links)}`,
  };
}

function entry(
  { id, title, description, ...rest }: ProcessList['processes'][number],
  links: Links,
): Html {
  const words = [...(rest.keywords ?? []), ...rest.jobControlOptions].join(' · ');
  const href = localHref(links, links.process(id));
  return html`<section class="card" aria-labelledby="h-${id}"><h2 id="h-${id}"><a href="${href}" rel="self" type="application/json">${title}</a></h2>
<p>${description}</p><p class="small quiet"><span class="id">${id}</span> · version ${rest.version} · ${words}</p></section>`;
}
