/** One document, two forms: JSON for programs, a page for people. */
import type { Request, Response } from 'express';
import { InvalidParameter } from '../../errors.ts';
import { namedQuality } from '../negotiation.ts';
import type { Links } from '../links.ts';
import { sendBody, sendJson } from '../send.ts';
import { assets } from './bundle/bundle.ts';
import { framed } from './frame.ts';
import type { Page } from './page.ts';

export interface Answer {
  /** What is sent as JSON. */
  readonly document: unknown;
  /** The media type of the JSON, when it is not `application/json`. */
  readonly mediaType?: string;
  /** The page about the same. */
  readonly page: () => Page | Promise<Page>;
  /** The page has every fact of the document already. */
  readonly isWhole?: boolean;
}

/** Everything from us, nothing inline, no frame around it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * /req/html/definition: a page for who asks for one by `f=html`, or by an Accept that likes HTML better
 * than JSON. Without a word, and for any type, JSON. @throws InvalidParameter
 */
export function wantsPage(request: Request): boolean {
  const asked = request.query['f'];
  if (asked === 'html') return true;
  if (asked === 'json') return false;
  if (asked !== undefined)
    throw new InvalidParameter('f', JSON.stringify(asked).slice(0, 40), '"html", "json"');
  return likesPages(request.get('Accept'));
}

/** True for an Accept header that names HTML and does not like JSON better. */
export function likesPages(accept: string | undefined): boolean {
  const quality = namedQuality(accept, 'text/html');
  const json = ['application/json', 'application/problem+json'];
  return quality > 0 && json.every((type) => namedQuality(accept, type) < quality);
}

/** /req/json/definition, /req/html/definition: every document in both forms, in the one that the request wants. */
export async function sendDocument(
  links: Links,
  request: Request,
  response: Response,
  answer: Answer,
): Promise<void> {
  response.vary('Accept');
  if (!wantsPage(request)) return sendJson(response, answer.document, answer.mediaType);
  const page = await answer.page();
  await sendPage(links, response, page, answer.isWhole === true ? undefined : answer.document);
}

/** Sends a page, with all of a document at its end. */
export async function sendPage(
  links: Links,
  response: Response,
  page: Page,
  document?: unknown,
): Promise<void> {
  const { hash } = await assets();
  const path = new URL(links.root).pathname.replace(/\/$/, '');
  const self = path + response.req.url;
  const around = { links, self, assets: `${path}/assets/${hash}` };
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('Referrer-Policy', 'same-origin');
  if (!response.hasHeader('Cache-Control')) response.setHeader('Cache-Control', 'no-cache');
  const text = framed(page, document === undefined ? around : { ...around, document });
  sendBody(response, 'text/html; charset=utf-8', text);
}
