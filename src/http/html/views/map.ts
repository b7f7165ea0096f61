/** The map of a result. Without scripts the preview stands in its place. */
import type { StoredOutput } from '../../../jobs/job.ts';
import type { Links } from '../../links.ts';
import { hrefOf } from '../../results-document.ts';
import { localHref } from '../page.ts';
import { html, type Html } from '../template.ts';
import { isCategorised, type ResultsPage } from './results-page.ts';

/** @param mask the file that the map reads, by ranges */
export function mapSection(page: ResultsPage, mask: StoredOutput & { kind: 'file' }): Html {
  const { links, job } = page;
  const cog = localHref(links, hrefOf(links, job.id, 'cloud_mask', mask));
  const picture = hrefTo(page, 'true_colour', links);
  const preview = hrefTo(page, 'preview', links);
  const kind = isCategorised(page) ? 'classes' : 'percent';
  return html`<section aria-labelledby="h-map"><h2 id="h-map" class="sr">Map</h2>
<div class="map" data-cog="${cog}" data-kind="${kind}"${picture !== undefined && html` data-picture="${picture}"`}>
${preview === undefined ? html`<p class="no-js">Without scripts there is no map.</p>` : html`<img src="${preview}" alt="Preview: the scene in true colour beside its mask.">`}
<canvas id="canvas" class="js-only" tabindex="0" role="application" aria-label="Map of the mask. Arrow keys move, plus and minus zoom, 0 shows everything." aria-describedby="map-help"></canvas>
${picture !== undefined && html`<label class="sr js-only" for="swipe">Swipe: true colour on the left, mask on the right</label><input class="swipe js-only" type="range" id="swipe" min="0" max="100" step="1" value="50">`}
<div class="zoom js-only">${zoomButton('zoom-in', '+', 'Zoom in')}${zoomButton('zoom-out', '−', 'Zoom out')}${zoomButton('zoom-fit', '⤢', 'Show everything')}</div>
${picture !== undefined && html`<div class="tag north js-only">True colour</div><div class="tag north mask js-only">Mask</div>`}
<div class="tag js-only"><svg id="scale" width="100" height="9" aria-hidden="true"><path id="scale-line" class="scale" d="M1 1v6h90v-6"/></svg><span id="scale-text"></span></div>
<div class="tag east js-only no-print figure" id="where" aria-live="off">point at the map</div></div>
<div class="tools js-only"><label>Opacity <input type="range" id="opacity" min="0" max="100" step="5" value="100"></label>${kind === 'classes' && html`<label class="chip"><input type="checkbox" id="patterns">Patterns</label>`}</div>
<p class="small quiet" id="map-help"><span class="js-only no-print">Drag the map to move, pinch or double-click to zoom; with the map in focus the wheel, arrow keys, + − and 0 work too.${picture !== undefined && ' Drag the handle to compare.'} <span id="map-traffic"></span></span> <span id="map-note" role="status"></span></p></section>`;
}

function zoomButton(id: string, sign: string, name: string): Html {
  return html`<button class="btn square" type="button" id="${id}"><span aria-hidden="true">${sign}</span><span class="sr">${name}</span></button>`;
}

function hrefTo({ job, ids }: ResultsPage, id: string, links: Links): string | undefined {
  const output = job.results[id];
  if (output?.kind !== 'file' || !ids.includes(id)) return undefined;
  return localHref(links, hrefOf(links, job.id, id, output));
}
