/** Forms are taken from our own pages only: another site must not start or stop anything through somebody's browser. */
import type { Request } from 'express';
import type { Links } from '../../links.ts';
import { HttpFault } from '../../problem.ts';

/** True for what a form without scripts sends. */
export function isForm(request: Request): boolean {
  const type = request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  return type === 'application/x-www-form-urlencoded';
}

/**
 * Browsers say where a request comes from, and no page can change it. Programs say nothing: they may.
 * @throws HttpFault 403
 */
export function requireOwnPage(links: Links, request: Request): void {
  if (isFromOwnPage(links, request)) return;
  throw new HttpFault(
    403,
    'foreign-form',
    'The form is not from this server',
    'found a form that a page of another site sent; accepted: forms of the pages of this server, or JSON',
  );
}

function isFromOwnPage(links: Links, request: Request): boolean {
  const site = request.get('Sec-Fetch-Site');
  if (site !== undefined) return site === 'same-origin';
  const origin = request.get('Origin');
  if (origin === undefined) return true;
  // The server may have other names than its public one, so the one in the request counts as well.
  const own = [new URL(links.root).host, request.get('Host')];
  return URL.canParse(origin) && own.includes(new URL(origin).host);
}
