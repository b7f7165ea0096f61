/** What is known about a job beside its status: log, inputs, definition, provenance. */
import type { JobSummary, LogLine } from '../../../jobs/job.ts';
import type { Links } from '../../links.ts';
import { tree } from '../document.ts';
import { facts, time } from '../marks.ts';
import type { Page } from '../page.ts';
import { html, type Html } from '../template.ts';

/** A document about a job under a heading, all of it. */
export function recordView(
  { id, processId }: Pick<JobSummary, 'id' | 'processId'>,
  title: string,
  document: unknown,
  links: Links,
): Page {
  return about(id, title, links, {
    lead: `Of a job of ${processId}.`,
    body: html`<section class="card value" aria-label="${title}">${tree(links, document)}</section>`,
  });
}

export function logView(id: string, lines: readonly LogLine[], links: Links): Page {
  const body: Html =
    lines.length === 0
      ? html`<p class="card">Nothing has happened yet.</p>`
      : html`<section class="card" aria-label="Log">${facts(lines.map((line) => [time(line.time), line.message]))}</section>`;
  return about(id, 'Log', links, { lead: 'What happened to the job, oldest first.', body });
}

function about(
  id: string,
  title: string,
  links: Links,
  content: Pick<Page, 'body'> & { readonly lead: string },
): Page {
  return {
    title: `${title} · Job`,
    current: 'jobs',
    crumbs: [
      { name: 'Jobs', href: links.jobs() },
      { name: id.slice(0, 8), href: links.job(id) },
    ],
    here: title,
    heading: title,
    ...content,
  };
}
