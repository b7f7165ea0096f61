/** Any JSON document as nested lists: every fact of it, whatever it holds, and our own links as links. */
import type { Links } from '../links.ts';
import { isOurs, localHref } from './page.ts';
import { html, type Html } from './template.ts';

/** /req/html/content: the whole of a document, below a heading that opens it. */
export function wholeDocument(links: Links, document: unknown): Html {
  return html`<section class="card whole" aria-labelledby="h-whole">
    <details>
      <summary><h2 id="h-whole">Everything in this document</h2></summary>
      ${tree(links, document)}
    </details>
  </section>`;
}

/** A JSON value. Members that are absent do not appear, as in JSON. */
export function tree(links: Links, value: unknown): Html {
  if (Array.isArray(value)) return listOf(links, value);
  if (typeof value === 'object' && value !== null) return membersOf(links, value);
  return html`${String(value)}`;
}

function listOf(links: Links, values: readonly unknown[]): Html {
  if (values.length === 0) return html`<span class="quiet">none</span>`;
  if (values.every((value) => typeof value !== 'object' || value === null))
    return html`${values.map((value, at) => html`${at > 0 && ', '}<span>${String(value)}</span>`)}`;
  return html`<ol class="tree">
    ${values.map((value) => html`<li>${tree(links, value)}</li>`)}
  </ol>`;
}

function membersOf(links: Links, value: object): Html {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return html`<span class="quiet">empty</span>`;
  return html`<dl class="tree">
    ${members.map(
      ([name, member]) => html`<dt>${name}</dt>
        <dd>${name === 'href' ? address(links, member, value) : tree(links, member)}</dd>`,
    )}
  </dl>`;
}

/** What a user gave stays text: only addresses of ours are links. */
function address(links: Links, href: unknown, { rel, type }: { rel?: unknown; type?: unknown }) {
  if (typeof href !== 'string' || !isOurs(links, href)) return html`${String(href)}`;
  const words = html`${typeof rel === 'string' && html` rel="${rel}"`}${
    typeof type === 'string' && html` type="${type}"`
  }`;
  return html`<a href="${localHref(links, href)}" ${words}>${href}</a>`;
}
