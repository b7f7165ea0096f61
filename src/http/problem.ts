/** Errors → what a client sees. */
import type { Request, Response } from 'express';
import * as errors from '../errors.ts';
import { namedQuality } from './negotiation.ts';
import { failureRows, internalRow, own, rows, type Row } from './problem-rows.ts';
import { sendBody } from './send.ts';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  /** Each fault of an execute request. */
  readonly faults?: readonly errors.InputFault[];
}

/** Faults of a request that no domain knows about. */
export class HttpFault extends Error {
  readonly row: Row;
  constructor(status: number, name: string, title: string, detail: string) {
    super(detail);
    this.row = { status, type: `${own}:${name}`, title };
  }
}

export const noSuchResource = (path: string): HttpFault =>
  new HttpFault(404, 'no-such-resource', 'No such resource', `There is nothing at ${path}.`);
export const methodNotAllowed = (method: string, allowed: string): HttpFault =>
  new HttpFault(
    405,
    'method-not-allowed',
    'Method not allowed',
    `${method} is not possible here; accepted: ${allowed}.`,
  );
export const unsupportedMediaType = (found: string): HttpFault =>
  new HttpFault(
    415,
    'unsupported-media-type',
    'Media type not supported',
    `found ${found}; accepted: application/json`,
  );

/** The row of a class, for the test that no class is forgotten. */
export function hasRow(errorClass: unknown): boolean {
  return rows.has(errorClass);
}

/** What a client is told. Of errors that nobody foresaw it learns only a number to give to the operator. */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof errors.JobFailed)
    return { ...(failureRows[error.kind] ?? rowOf(error)), detail: error.message };
  if (error instanceof HttpFault) return { ...error.row, detail: error.message };
  const { retryAfterSeconds, ...row } = rowOf(error);
  // Where asking again helps, the cause is no secret and no trouble of the server.
  if (row.status >= 500 && retryAfterSeconds === undefined) {
    return {
      ...row,
      detail: 'The log of the server says more.',
      instance: `urn:uuid:${requestId}`,
    };
  }
  const faults = error instanceof errors.InvalidInputs && { faults: error.faults };
  return { ...row, detail: error instanceof Error ? error.message : '', ...faults };
}

function rowOf(error: unknown): Row {
  const known = error instanceof Error ? rows.get(error.constructor) : undefined;
  return known ?? requestFault(error) ?? internalRow;
}

const requestFaults: Readonly<Record<number, readonly [name: string, title: string]>> = {
  404: ['no-such-resource', 'No such resource'],
  412: ['precondition-failed', 'A condition of the request does not hold'],
  413: ['body-too-large', 'The request body is too large'],
  415: ['unsupported-media-type', 'Media type or encoding not supported'],
  416: ['range-not-satisfiable', 'The range is not satisfiable'],
};

/** Errors of Express and its parsers carry the status of what the client did wrong. */
function requestFault(error: unknown): Row | undefined {
  const status = Number((error as { status?: unknown } | null)?.status);
  if (!(status >= 400 && status < 500)) return undefined;
  const [name, title] = requestFaults[status] ?? ['malformed-request', 'The request is malformed'];
  return { status, type: `${own}:${name}`, title };
}

/** Details of body parsers quote the body, which may hold secrets: only our own words go out. */
function withoutQuotes(error: unknown, problem: Problem): Problem {
  const isOurs =
    error instanceof errors.DomainError || error instanceof HttpFault || problem.status >= 500;
  if (isOurs) return problem;
  const detail =
    error instanceof URIError
      ? 'The path holds a "%" that begins no character.'
      : `${problem.title}.`;
  return { ...problem, detail };
}

/** Says what went wrong and readies the answer for it: status, Retry-After, none of what a file had set. */
export function prepareProblem(error: unknown, response: Response): Problem {
  const problem = withoutQuotes(error, problemOf(error, String(response.locals['requestId'])));
  response.status(problem.status);
  const retryAfterSeconds =
    error instanceof errors.TooManyRequests ? error.seconds : rowOf(error).retryAfterSeconds;
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
  for (const name of ['ETag', 'Last-Modified', 'Content-Disposition', 'Content-Range'])
    response.removeHeader(name);
  // Some errors may be kept by caches unless they are told; who asks again wants to know what is now.
  response.setHeader('Cache-Control', 'no-store');
  return problem;
}

/**
 * Sends an error. `application/json` unless the request names `application/problem+json`: clients and
 * the official suite parse only the former by default. The body is the same.
 */
export function sendProblem(problem: Problem, request: Request, response: Response): void {
  const isNamed = namedQuality(request.get('Accept'), 'application/problem+json') > 0;
  const type = isNamed ? 'application/problem+json' : 'application/json';
  sendBody(response, type, JSON.stringify(problem));
}
