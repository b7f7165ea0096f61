import type { Response } from 'express';

/** Sends text with exactly this media type (Express would add to it), with Content-Length and ETag. */
export function sendBody(response: Response, mediaType: string, body: string | Buffer): void {
  response.setHeader('Content-Type', mediaType);
  response.send(Buffer.isBuffer(body) ? body : Buffer.from(body));
}

/** Sends JSON. Members that are undefined do not appear; null never does in our documents. */
export function sendJson(
  response: Response,
  document: unknown,
  mediaType = 'application/json',
): void {
  sendBody(response, mediaType, JSON.stringify(document));
}

/** A plain, cheap 404 for names beside a result that clients try. */
export function sendPlainNotFound(response: Response): void {
  response.status(404);
  sendBody(response, 'text/plain; charset=utf-8', 'Not found.\n');
}
