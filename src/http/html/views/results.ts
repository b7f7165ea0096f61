/** Results: is the mask good, what is the cloud cover, give me the file. */
import { hrefOf, mediaTypeOfOutput } from '../../results-document.ts';
import { percent } from '../classes.ts';
import { tree } from '../document.ts';
import { fieldText } from '../form/fields.ts';
import { jobName, shortName } from '../inputs.ts';
import {
  badge,
  between,
  breakable,
  capital,
  card,
  day,
  facts,
  figures,
  minute,
  size,
} from '../marks.ts';
import { localHref, type Page } from '../page.ts';
import type { MaskStatistics } from '../statistics.ts';
import { html, type Html } from '../template.ts';
import { legendCard, sharesCard } from './legend.ts';
import { mapSection } from './map.ts';
import { isCategorised, type ResultsPage } from './results-page.ts';
import { useCard } from './use.ts';

export function resultsView(page: ResultsPage): Page {
  const { job, links, statistics } = page;
  const name = jobName(job);
  const cover = statistics?.cloudCover;
  const first = cover === undefined ? 'Results' : `${percent(cover / 100)} cloud`;
  return {
    title: `${first} · ${shortName(name)}`,
    current: 'jobs',
    crumbs: [
      { name: 'Jobs', href: links.jobs() },
      { name: shortName(name), href: links.job(job.id) },
    ],
    here: 'Results',
    heading: breakable(name),
    isName: true,
    lead: html`<span class="row">${badge('successful')}<span>${whenAndWhere(page)}</span></span>`,
    scripts: ['map'],
    body: html`${card('sum', 'Summary', summary(page))}
${warnings(statistics)}
${mask(page)}
${values(page)}
<div class="two even">${useCard(page)}${card('how', 'How it was made', making(page))}</div>`,
  };
}

/** When the satellite saw what, and in which projection; without an Item how the job ended. */
function whenAndWhere({ job, scene }: ResultsPage): Html {
  const { sensed, platform, crs } = scene ?? {};
  // STAC writes "sentinel-2a" and "landsat-8".
  const satellite = platform?.replaceAll(/(?:^|\d)[a-z]/g, (letters) => letters.toUpperCase());
  const known = [sensed && minute(sensed), satellite, crs].filter(Boolean);
  return known.length > 0
    ? html`${known.map((part, at) => html`${at > 0 && ' · '}${part}`)}`
    : html`${job.message}`;
}

function summary({ job, statistics, livesUntil }: ResultsPage): Html {
  const isDelivered = job.results['cloud_mask']?.kind === 'delivered';
  const cover = statistics?.cloudCover;
  const noData = statistics?.noData;
  const others = (statistics?.classes ?? []).filter(
    ({ name }) => !/cloud(?:s|$)/.test(name) || name === 'cloud shadows',
  );
  return figures([
    ['Cloud cover', cover === undefined ? undefined : percent(cover / 100)],
    ...others.map(({ name, share }) => [capital(name), percent(share)] as const),
    ['No data', noData === undefined ? undefined : percent(noData)],
    ['Links live until', isDelivered ? undefined : day(livesUntil)],
  ]);
}

function warnings(statistics: MaskStatistics | undefined): Html | undefined {
  if (statistics === undefined || statistics.warnings.length === 0) return undefined;
  return html`<section class="card notice" aria-label="To be known">${statistics.warnings.map((text) => html`<p>${text}</p>`)}</section>`;
}

/** The map beside legend and downloads. Without a mask (echo, or one that was not asked for) only the files. */
function mask(page: ResultsPage): Html {
  const downloads = card('down', 'Take it with you', files(page));
  const found = page.job.results['cloud_mask'];
  if (found?.kind === 'delivered') return delivered(page, downloads);
  if (found?.kind !== 'file' || !page.ids.includes('cloud_mask')) return downloads;
  return html`<div class="two">${mapSection(page, found)}<div class="stack">${legendCard(page)}${downloads}</div></div>`;
}

/** A mask in a bucket of the user's: no browser can read it there, so there is no map. */
function delivered(page: ResultsPage, downloads: Html): Html {
  const notice = html`<p>The results were delivered to your bucket. Nothing of them is kept here but the figures, so there is no map; the links need your keys, unless the bucket is public.</p>`;
  return html`<div class="two"><div class="stack">${card('bucket', 'In your bucket', notice)}${sharesCard(page)}</div>${downloads}</div>`;
}

function files({ job, ids, titles, links }: ResultsPage): Html {
  const found = ids.flatMap((id) => {
    const output = job.results[id];
    return output === undefined ? [] : [{ id, output }];
  });
  if (found.length === 0) return html`<p>The request asked for no output.</p>`;
  const sums = found.flatMap(({ id, output }) =>
    output.kind !== 'value'
      ? [[titles[id] ?? id, html`<span class="id">${output.sha256}</span>`] as const]
      : [],
  );
  return html`<ul class="files">${found.map(({ id, output }) => {
    const href = localHref(links, hrefOf(links, job.id, id, output));
    const type = mediaTypeOfOutput(output);
    const isMain = id === 'cloud_mask' && output.kind === 'file' ? 'btn main' : '';
    return html`<li><a class="${isMain}" href="${href}" type="${type}"${output.kind === 'file' && html` download="${output.fileName}"`}>${isMain !== '' && 'Download: '}${titles[id] ?? id}</a>${output.kind === 'delivered' && html`<code>${output.uri}</code>`}<span class="small quiet">${type}${output.kind !== 'value' && `, ${size(output.size)}`}</span></li>`;
  })}</ul>${sums.length > 0 && html`<details><summary>SHA-256</summary>${facts(sums)}</details>`}`;
}

/** Outputs that are values stand in the page. */
function values({ job, ids, titles, links }: ResultsPage): Html {
  const found = ids.flatMap((id) => {
    const output = job.results[id];
    return output?.kind === 'value' ? [[id, output] as const] : [];
  });
  return html`${found.map(([id, output]) => card(`v-${id}`, titles[id] ?? id, html`<div class="value">${tree(links, output.value)}</div>`))}`;
}

/** What the user chose. */
function chosen(job: ResultsPage['job']) {
  const { stride, output_style: style } = job.request.inputs;
  const bands = isCategorised({ job }) ? 'one band of classes' : 'percent, a band for each class';
  return [
    ['Style', style !== undefined && `${fieldText(style)}, ${bands}`],
    ['Stride', stride !== undefined && `${fieldText(stride)} pixels`],
  ] as const;
}

function making({ job, statistics, scene, links }: ResultsPage): Html {
  const { started, finished } = job;
  const isTimed = started !== undefined && finished !== undefined;
  const windows = statistics?.windows;
  const grid = scene?.grid;
  return facts([
    ['Model', statistics?.model?.id],
    ['Its checksum', statistics?.model && html`<span class="id">${statistics.model.sha256}</span>`],
    ...chosen(job),
    ['Windows', windows && `${windows.run} run, ${windows.skipped} skipped (no data)`],
    ['Grid', grid && `${grid.width} × ${grid.height} pixels of ${grid.pixel} m, no data is 255`],
    ['Time', isTimed ? between(started, finished) : undefined],
    [
      'Process',
      html`<a href="${localHref(links, links.process(job.processId))}">${job.processId}</a>`,
    ],
    ['Job', html`<a class="id" href="${localHref(links, links.job(job.id))}">${job.id}</a>`],
  ]);
}
