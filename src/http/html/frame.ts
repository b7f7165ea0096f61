/** What stands around every page: head, skip link, navigation, the way here, footer. */
import type { Links } from '../links.ts';
import { openApiMediaType, relations } from '../links.ts';
import { version } from '../../version.ts';
import { assetNames, type AssetName } from './asset-names.ts';
import { wholeDocument } from './document.ts';
import { cloudMaskCompanion } from './form/cloudmask-companion.ts';
import { localHref, type Page } from './page.ts';
import { html, type Html } from './template.ts';

export interface Surroundings {
  readonly links: Links;
  /** The path of this page with its query, as the browser sees it. */
  readonly self: string;
  /** Folder of style sheet and scripts, with the version of their content in it. */
  readonly assets: string;
  /** What is sent as JSON under the same address: all of it stands at the end of the page. Absent where the page itself has all of it. */
  readonly document?: unknown;
}

const site = 'Cloud masks';

/** Patterns of the classes: one set for all drawings of a page. */
const patterns = html`<svg class="sr" aria-hidden="true" focusable="false"><defs>
<pattern id="p1" width="10" height="10" patternUnits="userSpaceOnUse"><path d="M0 0l10 10M10 0L0 10" stroke="#fff" stroke-opacity=".75"/></pattern>
<pattern id="p2" width="8" height="8" patternUnits="userSpaceOnUse"><rect x="1" y="1" width="2" height="2" fill="#18212b" fill-opacity=".75"/></pattern>
<pattern id="p3" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0v8" stroke="#fff" stroke-width="3" stroke-opacity=".75"/></pattern>
</defs></svg>`;

/** The whole page as text. */
export function framed(page: Page, around: Surroundings): string {
  const { links, document } = around;
  const { text } = html`<!DOCTYPE html>
<html lang="en">
${head(page, around)}
<body>
<a class="skip" href="#main">Skip to the content</a>
${patterns}
${banner(page, around)}
<main id="main" class="wrap" tabindex="-1">
<div class="${page.example !== undefined ? 'two even mid' : ''}"><div>${way(page, links)}
<h1 class="${page.isName === true ? 'name' : ''}">${page.heading}</h1>
${page.lead !== undefined && html`<p class="lead">${page.lead}</p>`}
${page.actions !== undefined && html`<p class="row acts">${page.actions}</p>`}</div>
${example(page, around)}</div>
${page.body}
${document !== undefined && wholeDocument(links, document)}
</main>
${footer(around)}
</body>
</html>
`;
  return text;
}

function head(page: Page, { self, assets }: Surroundings): Html {
  const scripts = ['page', ...(page.scripts ?? [])] as const;
  const asset = (name: AssetName): string => `${assets}/${assetNames[name]}`;
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · ${site}</title>
<link rel="icon" href="${asset('icon')}" type="image/svg+xml">
<link rel="stylesheet" href="${asset('style')}">
<link rel="alternate" type="application/json" href="${asJson(self)}">
${page.refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${page.refreshSeconds}"></noscript>`}
${scripts.map((name) => html`<script type="module" src="${asset(name)}"></script>\n`)}</head>`;
}

function example({ example: shown }: Page, { assets }: Surroundings): Html | undefined {
  if (shown === undefined) return undefined;
  return html`<figure><img class="hero" src="${assets}/${assetNames.example}" width="960" height="476" alt="${shown.alt}"><figcaption>${shown.caption}</figcaption></figure>`;
}

function banner({ current }: Page, { links, assets }: Surroundings): Html {
  const entries = [
    ['start', 'Start', links.landing()],
    ['mask', 'Mask a product', links.process(cloudMaskCompanion.processId)],
    ['jobs', 'Jobs', links.jobs()],
    ['api', 'API', links.api()],
  ] as const;
  const mark = html` aria-current="page"`;
  return html`<header class="top"><div>
<a class="brand" href="${localHref(links, links.landing())}"><img src="${assets}/${assetNames.icon}" width="30" height="30" alt="">${site}</a>
<nav aria-label="Main">${entries.map(([name, word, href]) => html`<a href="${localHref(links, href)}"${name === current && mark}>${word}</a>`)}</nav>
</div></header>`;
}

function way({ crumbs, here }: Page, links: Links): Html | undefined {
  if (here === undefined) return undefined;
  const steps = [{ name: 'Start', href: links.landing() }, ...(crumbs ?? [])];
  return html`<nav aria-label="Breadcrumb"><p class="crumbs">${steps.map(({ name, href }) => html`<a href="${localHref(links, href)}">${name}</a> › `)}<span aria-current="page">${here}</span></p></nav>`;
}

function footer({ links, self }: Surroundings): Html {
  const at = (href: string): string => localHref(links, href);
  return html`<footer class="foot"><div>
<a href="${asJson(self)}" rel="alternate" type="application/json">This page as JSON</a>
<a href="${at(links.processes())}" rel="${relations.processes}">Processes</a>
<a href="${at(links.api())}" rel="service-desc" type="${openApiMediaType}">API definition</a>
<a href="${at(links.conformance())}" rel="${relations.conformance}">Conformance</a>
<a href="${at(`${links.root}/readyz`)}">Readiness</a>
<span>OGC API – Processes 1.0 · version ${version}</span>
</div></footer>`;
}

/** The same address, asking for JSON. */
function asJson(self: string): string {
  const [path, query] = self.split('?');
  const rest = (query ?? '').split('&').filter((part) => part !== '' && !part.startsWith('f='));
  return `${path}?${[...rest, 'f=json'].join('&')}`;
}
