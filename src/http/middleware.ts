/** What every request passes. */
import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Log } from '../log.ts';
import { sendProblem, unsupportedMediaType } from './problem.ts';

/** /rec/core/access-control-expose-headers */
const exposed =
  'Location, Link, Preference-Applied, Content-Range, Content-Length, Content-Disposition, ETag, Accept-Ranges, Last-Modified';
const allowedHeaders =
  'Accept, Content-Type, If-Modified-Since, If-None-Match, If-Range, Prefer, Range';

/** /rec/core/cross-origin: anybody may read; there are no credentials that could be misused. */
export const headers: RequestHandler = (_request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', exposed);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
};

/** Answers OPTIONS, also as the preflight of a browser. */
export function preflight(methods: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('Allow', methods);
    response.setHeader('Access-Control-Allow-Methods', methods);
    response.setHeader('Access-Control-Allow-Headers', allowedHeaders);
    response.setHeader('Access-Control-Max-Age', '86400');
    response.status(204).end();
  };
}

/** One line for each request. Signatures of result links and queries are not logged. */
export function requestLog(log: Log): RequestHandler {
  return (request, response, next) => {
    const startMs = performance.now();
    response.locals['requestId'] = randomUUID();
    response.once('close', () => {
      const { statusCode: status } = response;
      const ms = Math.round(performance.now() - startMs);
      log[levelOf(request.path, status)](
        { method: request.method, path: loggedPath(request.originalUrl), status, ms },
        'Request:Answered',
      );
    });
    next();
  };
}

/** GDAL asks for dozens of names beside a result, and probes ask for ever: not worth a line each. */
function levelOf(path: string, status: number): 'debug' | 'info' {
  const isNoise =
    /\/(?:healthz|readyz)$/.test(path) || (path.includes('/results/') && status === 404);
  return isNoise ? 'debug' : 'info';
}

function loggedPath(url: string): string {
  return (url.split('?')[0] ?? '').replace(/(\/results\/[^/]+\/)[^/]+/, '$1***').slice(0, 300);
}

/** A missing Content-Type means JSON, since one client sends none. */
const requireJson: RequestHandler = (request, _response, next) => {
  const type = request.get('Content-Type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const isFine = type === '' || /^application\/(?:[\w.+-]+\+)?json$/.test(type);
  next(isFine ? undefined : unsupportedMediaType(`"${type}"`));
};

/** Parses JSON, whatever it is: the domain judges it. */
export function jsonBody(maxBytes: number): RequestHandler[] {
  return [requireJson, express.json({ type: () => true, limit: maxBytes, strict: false })];
}

/** The only place where errors become answers. What nobody foresaw is logged with the request's number. */
export function errorHandler(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      log.error({ err: error }, 'Request:Broken');
      next(error);
      return;
    }
    const problem = sendProblem(error, request, response);
    const isOurs = problem.status >= 500 && problem.instance !== undefined;
    if (isOurs)
      log.error({ err: error, requestId: response.locals['requestId'] }, 'Request:Failed');
  };
}
