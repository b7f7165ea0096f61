/**
 * Files of the store: from this machine's disk, or from a store that has addresses of its own. Our links to the latter redirect
 * to a fresh one, so that large files do not pass through here. The scripts and pictures of web pages are the exception: what
 * a page may read is told by its own policy and by the rules of the bucket, so it is served as if the file were ours.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { Unusable } from '../errors.ts';
import type { Access, ByteRange, Storage, Stored } from '../storage/storage.ts';
import { HttpFault } from './problem.ts';

/** Sends a stored file with everything that GDAL and QGIS need: HEAD, Range, ETag, length, exact type. */
export async function sendStored(
  storage: Storage,
  stored: Stored,
  response: Response,
): Promise<void> {
  const access = await described(storage, stored, response);
  await (access.kind === 'file'
    ? sendFile(access.path, response)
    : sendStream(storage, stored, response));
}

/** Answers a temporary link: with the file, or with the address at which it can be had now. */
export async function sendByLink(
  storage: Storage,
  stored: Stored,
  response: Response,
): Promise<void> {
  const access = await described(storage, stored, response);
  if (access.kind === 'file') return sendFile(access.path, response);
  // An address that is signed for GET answers HEAD with 403.
  const { req: request } = response;
  if (request.method === 'HEAD' || isOfPage(request) || request.fresh)
    return sendStream(storage, stored, response);
  for (const name of ['Content-Type', 'Content-Disposition', 'ETag']) response.removeHeader(name);
  response.setHeader('Cache-Control', 'no-store');
  response.status(307).location(access.url).end();
}

/**
 * True for what a page asks for, false for a click on a link and for all programs. Browsers say so themselves, but on http
 * (other than this machine) they only name the page.
 */
function isOfPage(request: Request): boolean {
  // The fetch of Node.js sends a mode as well, but is no browser, and names no site.
  if (request.get('Sec-Fetch-Site') !== undefined)
    return request.get('Sec-Fetch-Mode') !== 'navigate';
  return request.get('Origin') !== undefined || request.get('Referer') !== undefined;
}

/** Where a stored file lies, with its headers set. A file that is recorded but not there is damage, not a 404. */
async function described(storage: Storage, stored: Stored, response: Response): Promise<Access> {
  const access = await storage.access(stored);
  if (access === undefined) throw new Unusable(`The stored result ${stored.key} is missing.`);
  response.setHeader('Content-Type', stored.mediaType);
  response.setHeader('Content-Disposition', `inline; filename="${stored.fileName}"`);
  response.setHeader('ETag', `"${stored.sha256}"`);
  response.setHeader('Cache-Control', 'private, no-transform');
  response.setHeader('Referrer-Policy', 'no-referrer');
  return access;
}

function sendFile(path: string, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    response.sendFile(path, { cacheControl: false, dotfiles: 'allow' }, (error) => {
      // A client that goes away in the middle (GDAL does) is no error of ours.
      if (error === undefined || response.headersSent) resolve();
      else reject(error);
    });
  });
}

/** As `sendFile` does it, for what lies elsewhere. RFC 9110 §13, §14 */
async function sendStream(storage: Storage, stored: Stored, response: Response): Promise<void> {
  const { req: request } = response;
  const { size } = stored;
  response.setHeader('Accept-Ranges', 'bytes');
  assertUnchanged(request, stored);
  if (request.fresh) return void response.status(304).end();
  const part = rangeOf(request, stored);
  const { from, to } = part ?? { from: 0, to: size };
  response.setHeader('Content-Length', to - from);
  if (part !== undefined)
    response.status(206).setHeader('Content-Range', `bytes ${from}-${to - 1}/${size}`);
  if (request.method === 'HEAD') return void response.end();
  const body = await begun(storage.bytes(stored, { from, to }));
  try {
    await pipeline(Readable.from(body, { objectMode: false }), response);
  } catch (error) {
    if (!response.req.socket.destroyed) throw error;
  }
}

/** If-Match: an answer for the version that the client knows, or none. */
function assertUnchanged(request: Request, { sha256 }: Stored): void {
  const wanted = request.get('If-Match');
  if (wanted === undefined || wanted === '*' || wanted.includes(`"${sha256}"`)) return;
  const title = 'A condition of the request does not hold';
  throw new HttpFault(412, 'precondition-failed', title, `${title}.`);
}

/** The one range that is asked for; undefined where the whole is to be sent. */
function rangeOf(request: Request, { size, sha256 }: Stored): ByteRange | undefined {
  const condition = request.get('If-Range');
  if (request.method === 'HEAD' || (condition !== undefined && condition !== `"${sha256}"`))
    return undefined;
  const asked = request.range(size, { combine: true });
  if (asked === -1) {
    const title = 'The range is not satisfiable';
    throw new HttpFault(416, 'range-not-satisfiable', title, `The file has ${size} bytes.`);
  }
  if (asked === undefined || asked === -2 || asked.type !== 'bytes' || asked.length !== 1)
    return undefined;
  const [range] = asked;
  return range && { from: range.start, to: range.end + 1 };
}

/** The same bytes, of which the first are there already: what fails before them can still be answered as an error. */
async function begun(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* all() {
    if (first.done === true) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
}
