/** `/assets/<hash>/<file>`: what pages load. No part of the API, so it stands in no definition. */
import { Router, type Request, type Response } from 'express';
import { sendBody, sendPlainNotFound } from '../send.ts';
import { assets } from './bundle/bundle.ts';

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  webp: 'image/webp',
};

/** A year: a file that changes gets another address. */
const longest = 'public, max-age=31536000, immutable';

/** Serves the files of pages, and the icon under the name that browsers try. */
export function assetRouter(): Router {
  const router = Router({ caseSensitive: true });
  router.get('/assets/:hash/:file', async (request: Request, response: Response) => {
    const { hash, files } = await assets();
    const name = String(request.params['file']);
    const content = request.params['hash'] === hash ? files.get(name) : undefined;
    if (content === undefined) return sendPlainNotFound(response);
    response.setHeader('Cache-Control', longest);
    sendBody(response, types[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain', content);
  });
  router.get('/favicon.ico', async (_request: Request, response: Response) => {
    const icon = (await assets()).files.get('icon.svg');
    if (icon === undefined) return sendPlainNotFound(response);
    sendBody(response, 'image/svg+xml', icon);
  });
  return router;
}
