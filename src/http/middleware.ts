/** What every request passes. */
import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Log } from '../log.ts';
import type { Api } from './api.ts';
import { knownCaller } from './caller.ts';
import { sendProblemPage } from './html/problem-page.ts';
import { likesPages } from './html/sending.ts';
import { answeredRequest, type ObserveRequest } from './observed-request.ts';
import { prepareProblem, sendProblem } from './problem.ts';

/** /rec/core/access-control-expose-headers */
const exposed =
  'Location, Link, Preference-Applied, Content-Range, Content-Length, Content-Disposition, ETag, Accept-Ranges, Last-Modified, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate';
const allowedHeaders =
  'Accept, Authorization, Content-Type, Idempotency-Key, If-Modified-Since, If-None-Match, If-Range, Prefer, Range, X-API-Key';

/**
 * /rec/core/cross-origin: pages of other sites may ask with credentials of their own. What a browser keeps for us they
 * cannot use: it sends that only where an answer names the site and allows credentials, and ours does neither.
 */
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

/** One line for each request. Credentials, signatures of result links and queries are not logged. */
export function requestLog(log: Log, observe: ObserveRequest): RequestHandler {
  return (request, response, next) => {
    const startMs = performance.now();
    const requestId = randomUUID();
    response.locals['requestId'] = requestId;
    response.once('close', () => {
      const { statusCode: status } = response;
      const elapsedMs = performance.now() - startMs;
      const isAnswered = response.writableFinished;
      observe(answeredRequest(request, isAnswered ? status : undefined, elapsedMs));
      const level = isAnswered ? levelOf(request, status) : 'debug';
      if (!log.isLevelEnabled(level)) return;
      const line = {
        requestId,
        ...jobIdOf(request, response),
        owner: knownCaller(response)?.owner,
        method: request.method,
        path: loggedPath(request.originalUrl),
        ms: Math.round(elapsedMs),
      };
      if (isAnswered) log[level]({ ...line, status }, 'Request:Answered');
      else log[level](line, 'Request:Abandoned');
    });
    next();
  };
}

/**
 * GDAL asks for dozens of names beside a result, clients ask again and again whether a job has ended, and probes ask
 * for ever: not worth a line each.
 */
function levelOf({ method, path }: Request, status: number): 'debug' | 'info' {
  const isPoll = method === 'GET' && status < 400 && /\/jobs\/[^/]+$/.test(path);
  const isProbe = /\/(?:healthz|readyz|metrics)$/.test(path);
  const isNoise = isPoll || isProbe || (path.includes('/results/') && status === 404);
  return isNoise ? 'debug' : 'info';
}

/** The job that a request is about: in its path, or in the Location of one that it made. */
function jobIdOf(request: Request, response: Response): { readonly jobId?: string } {
  const place = `${request.originalUrl} ${String(response.getHeader('Location') ?? '')}`;
  const jobId = /\/(?:jobs|results)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/.exec(
    place,
  )?.[1];
  return jobId === undefined ? {} : { jobId };
}

function loggedPath(url: string): string {
  return (url.split('?')[0] ?? '').replace(/(\/results\/[^/]+\/)[^/]+/, '$1***').slice(0, 300);
}

/** The only place where errors become answers. What nobody foresaw is logged with the request's number. */
export function errorHandler({ log, links }: Pick<Api, 'log' | 'links'>): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    const names = {
      requestId: String(response.locals['requestId']),
      ...jobIdOf(request, response),
    };
    if (response.closed || request.socket.destroyed) {
      // The client left: nobody reads an answer, and what stopped because of that is no error.
      log.debug({ reason: String(error), ...names }, 'Request:Stopped');
      return;
    }
    if (response.headersSent) {
      log.error({ err: error, ...names }, 'Request:Broken');
      next(error);
      return;
    }
    const problem = prepareProblem(error, response);
    const isOurs = problem.status >= 500 && problem.instance !== undefined;
    if (isOurs) log.error({ err: error, ...names }, 'Request:Failed');
    if (asksForPage(request)) await sendProblemPage(links, response, problem);
    else sendProblem(problem, request, response);
  };
}

/** As for any other answer, but without judging: a wrong `f` is answered here as well. */
function asksForPage(request: Request): boolean {
  const asked = request.query['f'];
  return asked === 'html' || (asked !== 'json' && likesPages(request.get('Accept')));
}
