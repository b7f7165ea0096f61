/** Pages of the server about itself. */
import type { Readiness } from '../../api.ts';
import type { Link, Links } from '../../links.ts';
import { swatch } from '../classes.ts';
import { badge, capital, card, facts, figures, snippet } from '../marks.ts';
import { localHref, type Page } from '../page.ts';
import { html, type Html } from '../template.ts';

export interface Landing {
  readonly document: {
    readonly title: string;
    readonly description: string;
    readonly links: readonly Link[];
  };
  readonly readiness: Readiness;
  readonly links: Links;
}

const processId = 'senseiv2-cloudmask';
const example = 'S2A_MSIL1C_20170729T153601_N0205_R111_T19UDP_20170729T153557';

/** What is this, can I try it, does it work just now. */
export function landingView({ document, readiness, links }: Landing): Page {
  const at = (href: string): string => localHref(links, href);
  return {
    title: document.title,
    current: 'start',
    heading: 'Cloud and shadow masks for Sentinel‑2 and Landsat',
    lead: html`${document.description} Name a product and get a Cloud Optimized GeoTIFF with four classes, on the product’s own grid: by this page, from QGIS, from a workflow engine, or with one <code>curl</code>.`,
    example: {
      alt: 'Left, a coast under broken cloud in true colour; right, the same place as a mask: clouds purple and light blue, shadows red, the rest green.',
      caption:
        'What a mask looks like: the north shore of the St Lawrence, 29 July 2017. Contains modified Copernicus Sentinel data 2017. This one was drawn by thresholds, for illustration.',
    },
    actions: html`<a class="btn main" href="${at(links.process(processId))}">Mask a product</a><a class="btn" href="${at(links.jobs())}">See the jobs</a>`,
    body: html`<div class="two">
${card('use', 'Use it from where you work', uses(links))}
${card('classes', 'The four classes', legend())}
</div>
${card('now', 'Right now', now(readiness))}
${linkSection(links, document.links)}`,
  };
}

function uses(links: Links): Html {
  const body = JSON.stringify({ inputs: { product: example } });
  const curl = `curl -X POST ${links.execution(processId)} \\\n  -H 'Content-Type: application/json' -H 'Prefer: respond-async' \\\n  -d '${body}'`;
  const python = `from owslib.ogcapi.processes import Processes\nmasks = Processes('${links.landing()}')\njob = masks.execute('${processId}', {'product': '…'}, async_=True)`;
  return html`<details open><summary>curl</summary>${snippet('curl', 'curl command', curl)}</details>
<details><summary>QGIS</summary><p>Layer › Add Layer › Add Raster Layer › Protocol HTTP(S), with the link of a result. Class names and colours are in the file.</p></details>
<details><summary>Python (OWSLib)</summary>${snippet('python', 'Python example', python)}</details>`;
}

const meanings = [
  ['clear sky', 'land, water or snow seen without hindrance'],
  ['thick clouds', 'opaque: the ground cannot be seen'],
  ['thin clouds', 'translucent: the ground shows through'],
  ['cloud shadows', 'dark ground on the side away from the sun'],
] as const;

function legend(): Html {
  return html`<ul class="legend">${meanings.map(
    ([name, meaning], value) =>
      html`<li>${swatch(name)}<span><b>${value} · ${capital(name)}</b><br><span class="small quiet">${meaning}</span></span></li>`,
  )}</ul>`;
}

function now({ status, jobs, model }: Readiness): Html {
  return figures([
    ['Service', readyBadge(status)],
    ['Running', jobCount(jobs['running'])],
    ['Waiting', jobCount(jobs['accepted'])],
    ['Model', model.id],
  ]);
}

function jobCount(number = 0): string {
  return `${number} ${number === 1 ? 'job' : 'jobs'}`;
}

function readyBadge(status: Readiness['status']): Html {
  return status === 'ready' ? badge('successful', status) : badge('failed', status);
}

/** All links of a document. `rel` and `type` stand in the link as they do in the JSON. */
export function linkSection(links: Links, all: readonly Link[]): Html {
  return html`<section aria-labelledby="h-links"><h2 id="h-links">Links</h2>${linkList(links, all)}</section>`;
}

export function linkList(links: Links, all: readonly Link[]): Html {
  return html`<ul class="links">${all.map(
    ({ href, rel, type, title }) =>
      html`<li><a href="${localHref(links, href)}" rel="${rel}"${type !== undefined && html` type="${type}"`}>${title ?? rel}</a>${type !== undefined && html`<span>${type}</span>`}</li>`,
  )}</ul>`;
}

/** Which parts of which standards hold. */
export function conformanceView(classes: readonly string[]): Page {
  return {
    title: 'Conformance',
    here: 'Conformance',
    heading: 'Conformance classes',
    lead: 'The parts of the standards that this server implements in whole.',
    body: html`<section class="card"><ul class="plain">${classes.map(
      (name) =>
        html`<li><b>${name.slice(name.lastIndexOf('/') + 1)}</b><br><code>${name}</code></li>`,
    )}</ul></section>`,
  };
}

/** For who watches the server. */
export function readinessView(readiness: Readiness): Page {
  const { status, database, gdal, model, jobs } = readiness;
  const trouble = [gdal.message, model.message].filter((message) => message !== undefined);
  const counts = Object.entries(jobs).map(([name, count]) => [capital(name), count] as const);
  return {
    title: `${capital(status)} · Readiness`,
    here: 'Readiness',
    heading: 'Can the server do its work?',
    body: html`<section class="card stack" aria-label="State"><div class="row">${readyBadge(status)}</div>
${trouble.map((message) => html`<p>${message}</p>`)}
${facts([
  ['Database', database],
  ['GDAL', gdal.version ?? 'not known yet'],
  ['Missing GDAL drivers', gdal.missingDrivers?.join(', ') || 'none'],
  ['Model', model.id],
  ['Model is present', yesOrNo(model.isPresent)],
  ['Model is usable', yesOrNo(model.isUsable)],
])}</section>
${card('jobs', 'Jobs by state', counts.length > 0 ? facts(counts) : html`<p>There are none.</p>`)}`,
  };
}

function yesOrNo(is: boolean | undefined): string {
  if (is === undefined) return 'not known yet';
  return is ? 'yes' : 'no';
}

export function healthView({ status }: { readonly status: string }): Page {
  return {
    title: 'Health',
    here: 'Health',
    heading: 'Is the server alive?',
    body: html`<section class="card" aria-label="State">${badge('successful', status)}</section>`,
  };
}
