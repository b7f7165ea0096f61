/** What a job is called in pages, by what it was asked for. */
import type { Job } from '../../jobs/job.ts';
import { shownUrl } from '../../outbound/shown-url.ts';
import type { Json } from '../../processes/process.ts';

/** The name of what a job is about: its product without folders and endings, else its process. */
export function jobName({ request, processId }: Pick<Job, 'processId'> & Partial<Job>): string {
  const product = request?.inputs['product'];
  const text = typeof product === 'object' && product !== null ? nameIn(product) : product;
  if (typeof text !== 'string' || text === '') return processId;
  const path = text.includes('://') ? shownUrl(text) : text;
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return last.replace(/(?:\.SAFE|\.zip|\.tar|\.tar\.gz|\.tgz|\.json)+$/i, '') || processId;
}

/** A link has an address, a STAC Item an id. */
function nameIn(product: Json[] | { [name: string]: Json }): Json | undefined {
  return Array.isArray(product) ? undefined : (product['href'] ?? product['id']);
}

/** The short part of a product's name that tells scenes apart: the tile of Sentinel-2, path and row of Landsat. */
export function shortName(name: string): string {
  const tile = /_(T\d{2}[A-Z]{3})(?:_|$)/.exec(name)?.[1];
  if (tile !== undefined) return `${name.slice(0, 3)} ${tile}`;
  const scene = /^(L\w\d{2})_\w+_(\d{6})_/.exec(name);
  return scene === null ? name : `${scene[1]} ${scene[2]}`;
}
