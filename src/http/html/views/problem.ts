/** An error as a page: what happened, in the same words as in JSON, and where to go on. */
import type { Links } from '../../links.ts';
import type { Problem } from '../../problem.ts';
import { card, facts } from '../marks.ts';
import { localHref, type Page } from '../page.ts';
import { html, type Html } from '../template.ts';

/** @param more what a page that knows the cause better has to say */
export function problemView(problem: Problem, links: Links, more?: Html): Page {
  const at = (href: string): string => localHref(links, href);
  return {
    title: `${problem.title} (${problem.status})`,
    here: problem.title,
    heading: problem.title,
    body: html`<section class="card notice" aria-label="What happened"><p class="cause">${problem.detail ?? problem.title}</p>
${faultList(problem)}
${facts([
  ['Status', problem.status],
  ['Type', html`<code>${problem.type}</code>`],
  ['Reference', problem.instance],
])}</section>
${more ?? card('next', 'Where to go on', html`<p class="row"><a class="btn" href="${at(links.landing())}">Start</a><a class="btn" href="${at(links.processes())}">Processes</a><a class="btn" href="${at(links.jobs())}">Jobs</a></p>`)}`,
  };
}

function faultList({ faults }: Problem): Html | undefined {
  if (faults === undefined) return undefined;
  return html`<ul>${faults.map(({ input, message }) => html`<li><b>${input}</b>: ${message}</li>`)}</ul>`;
}
