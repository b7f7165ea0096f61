/** The list of jobs: is mine done, what went wrong. */
import { anonymous, type Job, type JobStatus, type JobSummary } from '../../../jobs/job.ts';
import type { StatusInfo } from '../../documents.ts';
import type { Link, Links } from '../../links.ts';
import { percent, sharesBar } from '../classes.ts';
import { jobName } from '../inputs.ts';
import { badge, between, breakable, capital, facts, minute, time } from '../marks.ts';
import { linkOf, localHref, type Page } from '../page.ts';
import type { MaskStatistics } from '../statistics.ts';
import { html, type Html, type Part } from '../template.ts';
import { linkList } from './about.ts';

export interface JobRow {
  readonly job: JobSummary & Partial<Job>;
  readonly status: StatusInfo;
  readonly statistics?: MaskStatistics;
}

export interface JobList {
  readonly rows: readonly JobRow[];
  readonly own: readonly Link[];
  readonly links: Links;
  readonly processIds: readonly string[];
  /** Whose they are; absent where all are anonymous. */
  readonly owner?: string;
  /** The query of this page: what the filters hold. */
  readonly query: Readonly<Record<string, unknown>>;
}

const statuses: readonly JobStatus[] = ['accepted', 'running', 'successful', 'failed', 'dismissed'];
const folded = ['processID', 'datetime', 'minDuration', 'maxDuration', 'limit'];

export function jobsView({ rows, own, links, owner, processIds, query }: JobList): Page {
  const isFiltered = [...folded, 'status', 'cursor'].some((name) => query[name] !== undefined);
  const counted = `${rows.length} ${rows.length === 1 ? 'job' : 'jobs'} on this page`;
  return {
    title: 'Jobs',
    current: 'jobs',
    here: 'Jobs',
    heading: 'Jobs',
    lead: lead(owner),
    body: html`${filters(links, processIds, query)}
<section aria-labelledby="h-list"><h2 id="h-list">${rows.length > 0 ? counted : 'No jobs'}</h2>
${rows.length > 0 ? html`<ul class="jobs">${rows.map((row) => rowView(row, links))}</ul>` : nothing(links, isFiltered)}</section>
${pages(own, links)}
<details><summary>Links</summary>${linkList(links, own)}</details>`,
  };
}

function lead(owner: string | undefined): Part {
  if (owner === undefined) return 'Newest first.';
  return owner === anonymous
    ? 'Jobs of all who have not said who they are, newest first.'
    : html`Your jobs, <b>${owner}</b>, newest first.`;
}

function nothing(links: Links, isFiltered: boolean): Html {
  const at = (href: string): string => localHref(links, href);
  return isFiltered
    ? html`<p class="card">No job is like this. <a href="${at(links.jobs())}">Show all jobs</a>.</p>`
    : html`<p class="card">Nothing has been asked for yet. <a href="${at(links.processes())}">Start the first job</a>.</p>`;
}

function rowView({ job, status, statistics }: JobRow, links: Links): Html {
  const { created, started, finished } = job;
  const took = started !== undefined && finished !== undefined && between(started, finished);
  return html`<li><a class="what" href="${localHref(links, links.job(job.id))}">${breakable(jobName(job))}</a>${badge(job.status)}<div class="meta"><span class="id">${job.id}</span><br>${status.processID} · ${minute(created)}${took !== false && html` · took ${took}`}${details(status, links)}</div><div class="result">${outcome(job, statistics)}</div></li>`;
}

/** What few want to know of every job. All of it stands in the JSON. */
function details(status: StatusInfo, links: Links): Html {
  const { type, message, progress, created, started, finished, updated } = status;
  return html`<details><summary>Times and links</summary>${facts([
    ['Type', type],
    ['Message', message],
    ['Progress', `${progress} %`],
    ['Created', time(created)],
    ['Started', started !== undefined && time(started)],
    ['Ended', finished !== undefined && time(finished)],
    ['Updated', time(updated)],
  ])}${linkList(links, status.links)}</details>`;
}

function outcome(job: JobRow['job'], statistics: MaskStatistics | undefined): Html {
  const isOpen = job.status === 'running' || job.status === 'accepted';
  if (isOpen)
    return html`<progress class="thin" max="100" value="${job.progress}" aria-label="Progress of ${jobName(job)}">${job.progress} %</progress><span class="figure">${job.progress} %</span> · ${job.message}`;
  const cover = statistics?.cloudCover;
  return html`${statistics !== undefined && sharesBar(statistics.classes, 'thin')}${cover !== undefined && html`<b class="figure">${percent(cover / 100)} cloud</b>`}${cover === undefined && job.message}${job.expired !== undefined && ' The results are gone.'}`;
}

function filters(links: Links, processIds: readonly string[], query: JobList['query']): Html {
  const chosen = (name: string): readonly string[] =>
    [query[name] ?? []]
      .flat()
      .map(String)
      .flatMap((text) => text.split(','));
  const action = localHref(links, links.jobs());
  const isOpen = folded.some((name) => query[name] !== undefined);
  return html`<form class="card stack no-print" method="get" action="${action}" aria-label="Filter the jobs">
<fieldset><legend class="small">Status</legend><div class="row">${statuses.map((status) => html`<label class="chip"><input type="checkbox" name="status" value="${status}"${chosen('status').includes(status) && html` checked`}>${badge(status)}</label>`)}</div></fieldset>
<details${isOpen && html` open`}><summary>More filters</summary>${moreFilters(processIds, chosen)}</details>
<p class="row"><button class="btn main" type="submit">Show</button><a class="btn" href="${action}">Clear</a></p></form>`;
}

type Chosen = (name: string) => readonly string[];

function moreFilters(processIds: readonly string[], chosen: Chosen): Html {
  const interval = (chosen('datetime')[0] ?? '').split('/');
  const [from = '', to = ''] = interval.map((end) => (/^\d/.test(end) ? end.slice(0, 10) : ''));
  const seconds = (name: string): Html =>
    html`<input type="number" id="q-${name}" name="${name}" min="0" step="1" inputmode="numeric" value="${chosen(name)[0] ?? ''}">`;
  const option = (name: string, value: string, word = value): Html =>
    html`<option value="${value}"${chosen(name).includes(value) && html` selected`}>${word}</option>`;
  return html`<div class="fields tight">
${filter('processID', 'Process', html`<select id="q-processID" name="processID">${option('processID', '', 'any')}${processIds.map((id) => option('processID', id))}</select>`)}
${filter('from', 'Created from', html`<input type="date" id="q-from" name="from" value="${from}">`)}
${filter('to', 'Created until', html`<input type="date" id="q-to" name="to" value="${to}">`)}
${filter('minDuration', 'Longer than (seconds)', seconds('minDuration'))}
${filter('maxDuration', 'Shorter than (seconds)', seconds('maxDuration'))}
${filter('limit', 'How many', html`<select id="q-limit" name="limit">${['10', '50', '200'].map((count) => option('limit', count))}</select>`)}</div>`;
}

function filter(name: string, title: string, control: Html): Html {
  return html`<div><label class="label small" for="q-${name}">${title}</label>${control}</div>`;
}

function pages(own: readonly Link[], links: Links): Html | undefined {
  const found = ['prev', 'next'].flatMap((rel) => linkOf(own, rel) ?? []);
  if (found.length === 0) return undefined;
  return html`<nav class="row" aria-label="Pages">${found.map(({ href, rel, type, title }) => html`<a class="btn" href="${localHref(links, href)}" rel="${rel}" type="${type ?? ''}">${rel === 'next' ? `${title ?? 'Older'} ›` : `‹ ${capital(title ?? 'Newer')}`}</a>`)}</nav>`;
}
