/** What a view makes: the inside of a page. `frame.ts` puts the rest around it. */
import type { Link, Links } from '../links.ts';
import type { Html, Part } from './template.ts';

export interface Page {
  /** Begins with what changes: it is what a tab shows. */
  readonly title: string;
  /** Which entry of the navigation is this page's. */
  readonly current?: 'start' | 'mask' | 'jobs' | 'api';
  /** The way here, without the start page and this page. */
  readonly crumbs?: readonly Crumb[];
  /** This page's own name in the way here. Absent on the start page. */
  readonly here?: string;
  readonly heading: Part;
  /** The heading is the name of a product or the like: long, and set smaller. */
  readonly isName?: boolean;
  readonly lead?: Part;
  /** What a visitor most likely wants to do next: links that look like buttons. */
  readonly actions?: Html;
  /** A drawing or picture of the server's own below the heading, and words for it. */
  readonly example?: { readonly alt: string; readonly caption: string };
  readonly body: Html;
  /** Script modules besides the one that every page has. */
  readonly scripts?: readonly ('form' | 'job' | 'map')[];
  /** Seconds after which a browser without scripts loads the page again. */
  readonly refreshSeconds?: number;
}

export interface Crumb {
  readonly name: string;
  readonly href: string;
}

/** The address of something of ours for a page: without the origin, so that it holds under every name of the server. */
export function localHref(links: Links, href: string): string {
  const { origin } = new URL(links.root);
  return href.startsWith(`${origin}/`) ? href.slice(origin.length) : href;
}

/** True for what stands below the public root: nothing else becomes a link by itself. */
export function isOurs(links: Links, href: string): boolean {
  return href === links.root || href.startsWith(`${links.root}/`);
}

/** The link of this relation among those of a document. */
export function linkOf(links: readonly Link[], rel: string): Link | undefined {
  return links.find((link) => link.rel === rel);
}
