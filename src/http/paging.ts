import type { Request } from 'express';
import { InvalidParameter } from '../errors.ts';
import type { Place } from '../jobs/job-store.ts';

export const defaultLimit = 10;
export const maxLimit = 10_000;

/** /req/core/pl-limit-definition: an integer from 1 to 10000, 10 when absent. @throws InvalidParameter */
export function readLimit(request: Request): number {
  const found = request.query['limit'];
  if (found === undefined) return defaultLimit;
  const limit = Number(found);
  if (typeof found === 'string' && /^\d{1,6}$/.test(found) && limit >= 1 && limit <= maxLimit)
    return limit;
  throw new InvalidParameter(
    'limit',
    JSON.stringify(found).slice(0, 80),
    `an integer from 1 to ${maxLimit}`,
  );
}

/** The page that was asked for, as a query for its own link. */
export function ownQuery(request: Request): string {
  const given = ['limit', 'cursor'].flatMap((name) => {
    const value = request.query[name];
    return typeof value === 'string' ? [`${name}=${encodeURIComponent(value)}`] : [];
  });
  return given.length > 0 ? `?${given.join('&')}` : '';
}

/** A place in a list as an opaque word for a `next` link. */
export function cursorOf(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function decoded(request: Request): unknown {
  const found = request.query['cursor'];
  if (found === undefined) return undefined;
  if (typeof found !== 'string') throw invalidCursor();
  try {
    return JSON.parse(Buffer.from(found, 'base64url').toString());
  } catch {
    throw invalidCursor();
  }
}

const invalidCursor = (): InvalidParameter =>
  new InvalidParameter(
    'cursor',
    'a word that this server did not make',
    'the cursor of a "next" link',
  );

/** @throws InvalidParameter */
export function readJobCursor(request: Request): Place | undefined {
  const place = decoded(request) as Partial<Place> | null | undefined;
  if (place === undefined) return undefined;
  if (typeof place?.created === 'string' && typeof place.id === 'string') return place as Place;
  throw invalidCursor();
}

/** @throws InvalidParameter */
export function readIdCursor(request: Request): string | undefined {
  const id = decoded(request);
  if (id === undefined || typeof id === 'string') return id;
  throw invalidCursor();
}
