/** One request, as it is told to whoever makes figures of requests: by its pattern, never by its path. */
import type { Request } from 'express';

export interface ObservedRequest {
  readonly method: string;
  /** In the spelling of the API definition: `/jobs/{jobId}`; `none` where no route fits. */
  readonly route: string;
  /** Of the answer; undefined where the client left before its end. */
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** Called for every request: it is quick and throws nothing. */
export type ObserveRequest = (request: ObservedRequest) => void;

/** Others are possible, and a client may try them all. */
const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'];

/** Patterns by the router's spelling, of which there are as many as routes. */
const patterns = new Map<string, string>();

export function answeredRequest(
  request: Request,
  status: number | undefined,
  durationMs: number,
): ObservedRequest {
  const method = methods.includes(request.method) ? request.method : 'other';
  return { method, route: routeOf(request), status, durationMs };
}

function routeOf(request: Request): string {
  const { path } = (request.route ?? {}) as { readonly path?: unknown };
  if (typeof path !== 'string') return 'none';
  const known = patterns.get(path);
  if (known !== undefined) return known;
  const pattern = path.replaceAll(/:(\w+)/g, '{$1}');
  patterns.set(path, pattern);
  return pattern;
}
