/** Small pieces that many pages use: icons, times, sizes, names. */
import type { JobStatus } from '../../jobs/job.ts';
import { html, type Html, type Part } from './template.ts';

const ring = html`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2"/>`;
const drawings: Readonly<Record<JobStatus, Html>> = {
  accepted: html`${ring}<path d="M8 4.5V8l2.5 2" fill="none" stroke="currentColor" stroke-width="2"/>`,
  running: html`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-opacity=".3" stroke-width="2.2"/><path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" stroke-width="2.2"/>`,
  successful: html`<path d="M2.5 8.5l3.5 3.5 7.5-8" fill="none" stroke="currentColor" stroke-width="2.2"/>`,
  failed: html`<path d="M3.5 3.5l9 9m0-9l-9 9" stroke="currentColor" stroke-width="2.2"/>`,
  dismissed: html`${ring}<path d="M4 12l8-8" stroke="currentColor" stroke-width="2"/>`,
};

/** A state as a mark and a word: never by colour alone. */
export function badge(status: JobStatus, word: string = status): Html {
  const spin = status === 'running' ? 'spin' : '';
  return html`<span class="badge ${status}"><svg class="${spin}" viewBox="0 0 16 16" aria-hidden="true">${drawings[status]}</svg>${capital(word)}</span>`;
}

/** With a capital at its beginning. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A time in UTC for people; a script adds the reader's own zone. */
export function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/** A time in UTC to the minute, short. */
export function minute(iso: string): Html {
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
  return html`<time datetime="${iso}">${text}</time>`;
}

/** The day of a time, short. */
export function day(iso: string): Html {
  const words = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const;
  return html`<time datetime="${iso}">${new Date(iso).toLocaleDateString('en-GB', words)}</time>`;
}

/** A name that may break after each underscore, or a phone shows three broken lines. */
export function breakable(name: string): Html {
  const parts = name.split('_');
  return html`${parts.map((part, at) => (at === 0 ? part : html`_<wbr>${part}`))}`;
}

/** A list of names and values. Pairs whose value is undefined are left out. */
export function facts(pairs: readonly (readonly [name: Part, value: Part])[]): Html {
  const given = pairs.filter(([, value]) => value !== undefined && value !== '' && value !== false);
  return html`<dl class="facts">
    ${given.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
  </dl>`;
}

/** Large figures side by side. */
export function figures(pairs: readonly (readonly [name: string, value: Part])[]): Html {
  const given = pairs.filter(([, value]) => value !== undefined);
  return html`<dl class="big">
    ${given.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** Bytes in the unit that suits them. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Seconds for people: `8 min 57 s`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds - 60 * minutes)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The time between two moments (ISO 8601). */
export function between(from: string, to: string): string {
  return duration(Math.max(0, Date.parse(to) - Date.parse(from)) / 1000);
}

/** A card with a heading. `id` is unique in the page. */
export function card(id: string, heading: string, body: Part): Html {
  return html`<section class="card" aria-labelledby="h-${id}">
    <h2 id="h-${id}">${heading}</h2>
    ${body}
  </section>`;
}

/** Text to be copied, with its button. */
export function snippet(id: string, label: string, text: string): Html {
  return html`<pre id="${id}" tabindex="0" role="region" aria-label="${label}">${text}</pre>
    <p class="js-only no-print">
      <button class="btn" type="button" data-copy="#${id}">Copy</button>
    </p>`;
}
