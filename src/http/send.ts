import type { Response } from 'express';
import type { Access, Stored } from '../storage/storage.ts';

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

/** Sends a stored file with everything that GDAL and QGIS need: HEAD, Range, ETag, length, exact type. */
export function sendStored(response: Response, stored: Stored, access: Access): Promise<void> {
  response.setHeader('Content-Type', stored.mediaType);
  response.setHeader('Content-Disposition', `inline; filename="${stored.fileName}"`);
  response.setHeader('ETag', `"${stored.sha256}"`);
  response.setHeader('Cache-Control', 'private, no-transform');
  response.setHeader('Referrer-Policy', 'no-referrer');
  return new Promise((resolve, reject) => {
    response.sendFile(access.path, { cacheControl: false, dotfiles: 'allow' }, (error) => {
      // A client that goes away in the middle (GDAL does) is no error of ours.
      if (error === undefined || response.headersSent) resolve();
      else reject(error);
    });
  });
}

/** A plain, cheap 404 for names beside a result that clients try. */
export function sendPlainNotFound(response: Response): void {
  response.status(404);
  sendBody(response, 'text/plain; charset=utf-8', 'Not found.\n');
}
