import type { Request } from 'express';
import { InvalidParameter } from '../errors.ts';
import type { Place } from '../jobs/job-store.ts';

export const defaultLimit = 10;
export const maxLimit = 10_000;

/** /req/core/pl-limit-definition, /req/job-list/limit-definition: an integer from 1 to 10000, 10 when absent. @throws InvalidParameter */
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

/** The page that was asked for, as a query for its own link or, with other values, for that of another page. */
export function ownQuery(
  request: Request,
  filters: readonly string[] = [],
  others: Readonly<Record<string, string | number>> = {},
): string {
  const query = new URLSearchParams();
  for (const name of [...filters, 'limit', 'cursor']) {
    const other = others[name];
    const values = other === undefined ? valuesOf(request, name) : [String(other)];
    for (const value of values ?? []) query.append(name, value);
  }
  return query.size > 0 ? `?${query.toString()}` : '';
}

/** Every value of a query parameter, in the order of the request; undefined when it is absent. */
export function valuesOf(request: Request, name: string): readonly string[] | undefined {
  // The simple parser knows only texts and lists of them.
  const found = request.query[name] as string | string[] | undefined;
  return typeof found === 'string' ? [found] : found;
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
