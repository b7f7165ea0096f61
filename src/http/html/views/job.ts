/** One job: how far, how long, may I stop it; what it was asked for; why it failed. */
import type { Job, LogLine } from '../../../jobs/job.ts';
import { shownInputs } from '../../../processes/redact.ts';
import type { StatusInfo } from '../../documents.ts';
import { relations, type Links } from '../../links.ts';
import { jobName, shortName } from '../inputs.ts';
import { tree } from '../document.ts';
import { badge, between, breakable, card, duration, facts, size, time } from '../marks.ts';
import { linkOf, localHref, type Page } from '../page.ts';
import type { MaskStatistics } from '../statistics.ts';
import { html, type Html } from '../template.ts';
import { linkSection } from './about.ts';
import { openStages } from './stages.ts';

export interface JobPage {
  readonly job: Job;
  readonly status: StatusInfo;
  readonly links: Links;
  /** Oldest first. */
  readonly log: readonly LogLine[];
  readonly statistics?: MaskStatistics;
  /** How long results can be had; absent when there are none. */
  readonly livesUntil?: string;
}

const reloadSeconds = 5;

export function jobView(page: JobPage): Page {
  const { job, status, links } = page;
  const name = jobName(job);
  const isOpen = job.status === 'accepted' || job.status === 'running';
  const first = isOpen ? `${job.progress} %` : job.status;
  return {
    title: `${first} · ${shortName(name)}`,
    current: 'jobs',
    crumbs: [{ name: 'Jobs', href: links.jobs() }],
    here: shortName(name),
    heading: breakable(name),
    isName: true,
    ...(isOpen && { scripts: ['job'] as const, refreshSeconds: reloadSeconds }),
    body: html`${isOpen ? open(page) : ended(page)}
<div class="two"><div class="stack">
${isOpen && card('stages', 'Stages', openStages(job, page.log))}
${page.statistics !== undefined && card('stages', 'Stages', stages(page.statistics))}
${card('in', 'Inputs', inputs(job, links))}
${logSection(page.log)}
</div><div class="stack">
${card('job', 'Job', jobFacts(job, status, links))}
${card('cost', 'Cost', cost(page))}
</div></div>
${linkSection(links, status.links)}`,
  };
}

/** While it waits or runs: a script keeps it up to date, without one the page loads itself again. */
function open({ job, links }: JobPage): Html {
  const self = localHref(links, links.job(job.id));
  return html`<section class="card stack" data-job="${self}" aria-labelledby="h-state"><h2 id="h-state" class="sr">State</h2>
<div class="row">${badge(job.status)}<span id="message" role="status">${job.message}</span><b class="figure end" id="percent">${job.progress} %</b></div>
<progress id="progress" max="100" value="${job.progress}" aria-label="Progress of the job">${job.progress} %</progress>
<div class="row">${dismissForm(self, 'Dismiss the job')}<span class="small quiet"><span class="js-only"><span id="left"></span> <span id="live">Live: this page follows the job.</span></span><noscript>This page loads itself again every ${reloadSeconds} seconds.</noscript></span></div></section>`;
}

function dismissForm(self: string, label: string): Html {
  return html`<form method="post" action="${self}"><input type="hidden" name="_method" value="DELETE"><button class="btn danger" type="submit">${label}</button></form>`;
}

function ended({ job, status, links, livesUntil }: JobPage): Html {
  const results = linkOf(status.links, relations.results);
  const self = localHref(links, links.job(job.id));
  return html`<section class="card stack" aria-labelledby="h-state"><h2 id="h-state" class="sr">State</h2>
<div class="row">${badge(job.status)}<span>${job.message}</span><span class="figure end quiet">${job.progress} %</span></div>
${job.failure !== undefined && job.failure.message !== job.message && html`<p class="cause">${job.failure.message}</p>`}
${expiry(job, livesUntil)}
<div class="row">${results !== undefined && html`<a class="btn main" href="${localHref(links, results.href)}">See the results</a>`}<a class="btn" href="${againHref(links, job)}">Start again</a>${job.status !== 'dismissed' && dismissForm(self, results === undefined ? 'Remove the job' : 'Remove the results')}</div></section>`;
}

function expiry({ status, expired }: Job, livesUntil: string | undefined): Html | undefined {
  if (livesUntil !== undefined) return html`<p>The results live until ${time(livesUntil)}.</p>`;
  if (status !== 'successful') return undefined;
  return html`<p>The results are gone: their time is over${expired !== undefined && html` since ${time(expired)}`}.</p>`;
}

/** The form with the inputs of a job filled in. */
export function againHref(links: Links, job: Job): string {
  return `${localHref(links, links.process(job.processId))}?job=${job.id}`;
}

function jobFacts(job: Job, status: StatusInfo, links: Links): Html {
  return facts([
    ['Id', html`<span class="id">${job.id}</span>`],
    ['Type', status.type],
    [
      'Process',
      html`<a href="${localHref(links, links.process(job.processId))}">${job.processId}</a>`,
    ],
    ['Created', time(job.created)],
    ['Started', job.started && time(job.started)],
    ['Ended', job.finished && time(job.finished)],
    ['Updated', time(job.updated)],
  ]);
}

function cost({ job, statistics }: JobPage): Html {
  const { started, finished, updated, created } = job;
  const files = Object.values(job.results ?? {}).filter((output) => output.kind !== 'value');
  const bytes = files.reduce((sum, output) => sum + output.size, 0);
  return facts([
    ['Waited', started === undefined ? undefined : between(created, started)],
    ['Worked', started === undefined ? undefined : between(started, finished ?? updated)],
    [
      'Windows',
      statistics?.windows && `${statistics.windows.run} run, ${statistics.windows.skipped} skipped`,
    ],
    ['Peak memory', statistics?.peakMemoryMb && size(statistics.peakMemoryMb * 1_048_576)],
    ['Results', bytes > 0 ? size(bytes) : undefined],
    ['Attempts', String(job.attempt)],
  ]);
}

function logSection(log: readonly LogLine[]): Html | undefined {
  if (log.length === 0) return undefined;
  return html`<section aria-labelledby="h-log"><h2 id="h-log">Log</h2><ol class="log" id="log" tabindex="0" aria-label="Log, newest last">${log.map(
    (line) =>
      html`<li><time datetime="${line.time}">${line.time.slice(11, 19)}</time><span>${line.message}</span></li>`,
  )}</ol></section>`;
}

/** What the pipeline does in its stages; one that is not here goes by its own name. */
const stageNames: Readonly<Record<string, string>> = {
  metadata: 'Check the product',
  read: 'Read the bands',
  prepare: 'Prepare the windows',
  network: 'Network',
  mosaic: 'Mosaic',
  write: 'Write the pixels',
  cog: 'Overviews and COG',
  pictures: 'Pictures',
};

function stages({ seconds }: MaskStatistics): Html {
  const total = seconds.find(([stage]) => stage === 'total')?.[1] ?? 0;
  const parts = seconds.filter(([stage]) => stage !== 'total');
  const longest = Math.max(total, ...parts.map(([, length]) => length), 0.001);
  return html`<table><caption class="sr">Seconds by stage</caption><thead><tr><th scope="col">Stage</th><th scope="col">Share of the time</th><th scope="col" class="num">Time</th></tr></thead><tbody>${parts.map(
    ([stage, length]) =>
      html`<tr><th scope="row">${stageNames[stage] ?? stage}</th><td><svg class="cost" aria-hidden="true"><rect width="100%" height="100%" rx="3"/><rect width="${((100 * length) / longest).toFixed(1)}%" height="100%" rx="3"/></svg></td><td class="num">${duration(length)}</td></tr>`,
  )}</tbody></table><p class="small quiet">${duration(total)} in all. Stages overlap, so they may add up to more.</p>`;
}

function inputs(job: Job, links: Links): Html {
  const given = Object.entries(shownInputs(job.request.inputs));
  if (given.length === 0) return html`<p>None.</p>`;
  return facts(
    given.map(([id, value]) => [
      html`<code>${id}</code>`,
      value === '***' ? '*** (never shown)' : tree(links, value),
    ]),
  );
}
