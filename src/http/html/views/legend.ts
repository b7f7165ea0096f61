/** The classes of a result: bar, legend with switches, table. */
import { lookOf, percent, sharesBar, swatch } from '../classes.ts';
import { capital, card } from '../marks.ts';
import { html, type Html } from '../template.ts';
import { isCategorised, namesOf, type ResultsPage } from './results-page.ts';

export function legendCard(page: ResultsPage): Html {
  const { statistics } = page;
  const names = namesOf(page);
  if (!isCategorised(page)) return card('leg', 'Probabilities', bands(page, names));
  const shares = statistics?.classes;
  return card(
    'leg',
    'Classes',
    html`${shares !== undefined && html`${sharesBar(shares, 'wide')}<p class="small quiet">Shares of the ${area(page) ?? 'pixels'} with data.</p>`}
<ul class="legend">${names.map((name, at) => entry(name, statistics?.classes[at]?.value ?? at, shares?.[at]?.share))}</ul>
${shares !== undefined && table(page)}`,
  );
}

/** What the pixels with data cover, for people. */
function area({ statistics, scene }: ResultsPage): string | undefined {
  const [valid, pixel] = [statistics?.valid, scene?.grid?.pixel];
  if (valid === undefined || pixel === undefined) return undefined;
  const squareKilometres = Math.round((valid * pixel ** 2) / 1_000_000);
  return `${squareKilometres.toLocaleString('en')} km²`;
}

/** Bar and legend alone, where there is no map to switch classes of. */
export function sharesCard({ statistics }: ResultsPage): Html | undefined {
  if (statistics === undefined) return undefined;
  const { classes } = statistics;
  return card(
    'leg',
    'Classes',
    html`${sharesBar(classes, 'wide')}<p class="small quiet">Shares of the pixels with data.</p><ul class="legend">${classes.map(({ value, name, share }) => html`<li>${swatch(name)}<span>${value} · ${capital(name)}</span><span class="figure">${percent(share)}</span></li>`)}</ul>`,
  );
}

function entry(name: string, value: number, share: number | undefined): Html {
  return html`<li><label><input class="js-only" type="checkbox" checked data-class="${value}" data-name="${name}" data-colour="${lookOf(name).colour}">${swatch(name)}<span>${value} · ${capital(name)}</span></label>${share !== undefined && html`<span class="figure">${percent(share)}</span>`}</li>`;
}

function table({ statistics }: ResultsPage): Html {
  return html`<details><summary>As a table</summary><table><thead><tr><th scope="col">Class</th><th scope="col" class="num">Share of the valid pixels</th></tr></thead><tbody>${(
    statistics?.classes ?? []
  ).map(
    ({ value, name, share }) =>
      html`<tr><th scope="row">${value} · ${capital(name)}</th><td class="num">${(100 * share).toFixed(4)} %</td></tr>`,
  )}</tbody></table></details>`;
}

/** Percent in one hue for each band; which band, one chooses. */
function bands({ statistics }: ResultsPage, names: readonly string[]): Html {
  return html`<p class="small quiet">One band for each class, 0–100 percent. The map shows one at a time.</p>
<fieldset class="js-only no-print"><legend>Band on the map</legend><div class="choices tight">${names.map((name, at) => html`<label class="choice"><input type="radio" name="band" value="${at}" data-name="${name}" data-colour="${lookOf(name).colour}"${at === 0 && html` checked`}><b>${capital(name)}</b></label>`)}</div></fieldset>
<svg class="bar thin js-only" role="img" aria-label="From 0 percent, transparent, to 100 percent, full colour"><rect id="ramp" width="100%" height="100%" fill="url(#ramp-colours)"/><defs><linearGradient id="ramp-colours"><stop id="ramp-0" offset="0" stop-color="${lookOf(names[0] ?? '').colour}" stop-opacity="0"/><stop id="ramp-1" offset="1" stop-color="${lookOf(names[0] ?? '').colour}"/></linearGradient></defs></svg>
<p class="row js-only small quiet"><span>0 %</span><span class="end">100 %</span></p>
${statistics !== undefined && html`<p class="small quiet">Pixels whose largest probability is this class:</p><ul class="legend">${statistics.classes.map(({ value, name, share }) => html`<li>${swatch(name)}<span>${value} · ${capital(name)}</span><span class="figure">${percent(share)}</span></li>`)}</ul>`}`;
}
