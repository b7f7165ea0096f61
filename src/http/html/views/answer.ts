/** What a process answered at once: it has no job. */
import type { ProcessDescription } from '../../../processes/description.ts';
import type { Links } from '../../links.ts';
import { tree } from '../document.ts';
import { card } from '../marks.ts';
import type { Page } from '../page.ts';
import { html } from '../template.ts';

export function answerView(
  { id, title, outputs }: ProcessDescription,
  document: Readonly<Record<string, unknown>>,
  links: Links,
): Page {
  const found = Object.entries(document);
  return {
    title: `Answer · ${title}`,
    crumbs: [
      { name: 'Processes', href: links.processes() },
      { name: id, href: links.process(id) },
    ],
    here: 'Answer',
    heading: `Answer of ${title}`,
    body: html`${found.length === 0 && html`<p class="card">It has no outputs.</p>`}
${found.map(([name, value]) => card(`v-${name}`, outputs[name]?.title ?? name, html`<div class="value">${tree(links, value)}</div>`))}`,
  };
}
