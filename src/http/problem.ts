/** Errors → what a client sees. One row per class of `errors.ts`; a test asserts that none is missing. */
import type { Request, Response } from 'express';
import * as errors from '../errors.ts';
import { namedQuality } from './negotiation.ts';
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

interface Row {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  /** When asking again is worth while. */
  readonly retryAfterSeconds?: number;
}

const ogc = 'http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0';
/** Our own causes. Stable names, not addresses of pages. */
const own = 'urn:senseiv2-cloudmask:problem';

const internalRow: Row = { status: 500, type: `${own}:internal-error`, title: 'Internal error' };
const modelRow: Row = {
  status: 500,
  type: `${own}:model-unusable`,
  title: 'The model of this server is not usable',
};
const gone: Row = { status: 410, type: `${own}:results-expired`, title: 'The results are gone' };

const rows = new Map<unknown, Row>([
  [
    errors.InvalidInputs,
    {
      status: 400,
      type: `${own}:invalid-execute-request`,
      title: 'The execute request is not valid',
    },
  ],
  [
    errors.InvalidParameter,
    {
      status: 400,
      type: `${own}:invalid-query-parameter`,
      title: 'A query parameter is not valid',
    },
  ],
  [
    errors.InvalidHeader,
    { status: 400, type: `${own}:invalid-header`, title: 'A header is not valid' },
  ],
  [
    errors.KeyReused,
    {
      status: 422,
      type: `${own}:idempotency-key-reused`,
      title: 'The Idempotency-Key belongs to another request',
    },
  ],
  [
    errors.NoRoom,
    {
      status: 503,
      type: `${own}:no-room`,
      title: 'The server has no room',
      retryAfterSeconds: 60,
    },
  ],
  [
    errors.ProductRefused,
    { status: 400, type: `${own}:product-refused`, title: 'The product cannot be masked' },
  ],
  [
    errors.AddressNotAllowed,
    { status: 400, type: `${own}:address-not-allowed`, title: 'The address is not allowed' },
  ],
  [
    errors.TransferFailed,
    { status: 502, type: `${own}:transfer-failed`, title: 'The product cannot be brought' },
  ],
  [
    errors.DeliveryRefused,
    {
      status: 400,
      type: `${own}:delivery-refused`,
      title: 'The results cannot be delivered there',
    },
  ],
  [
    errors.DeliveryFailed,
    { status: 502, type: `${own}:delivery-failed`, title: 'The results could not be delivered' },
  ],
  [errors.NoSuchProcess, { status: 404, type: `${ogc}/no-such-process`, title: 'No such process' }],
  [errors.NoSuchJob, { status: 404, type: `${ogc}/no-such-job`, title: 'No such job' }],
  [errors.NoSuchOutput, { status: 404, type: `${own}:no-such-output`, title: 'No such output' }],
  [
    errors.ResultsNotReady,
    { status: 404, type: `${ogc}/result-not-ready`, title: 'Results are not ready' },
  ],
  [errors.ResultsExpired, gone],
  [
    errors.JobDismissed,
    { status: 410, type: `${own}:job-dismissed`, title: 'The job was dismissed' },
  ],
  [errors.JobFailed, { status: 500, type: `${own}:job-failed`, title: 'The job failed' }],
  [
    errors.QueueFull,
    {
      status: 429,
      type: `${own}:queue-full`,
      title: 'Too many jobs are waiting',
      retryAfterSeconds: 60,
    },
  ],
  [
    errors.QuotaReached,
    {
      status: 429,
      type: `${own}:quota-reached`,
      title: 'Too much of yours is waiting',
      retryAfterSeconds: 60,
    },
  ],
  [
    errors.TooBusy,
    {
      status: 503,
      type: `${own}:too-busy`,
      title: 'Too many synchronous executions',
      retryAfterSeconds: 5,
    },
  ],
  [
    errors.SecretsLost,
    { status: 500, type: `${own}:secrets-lost`, title: 'Sealed secrets cannot be opened' },
  ],
  [errors.Cancelled, { status: 503, type: `${own}:cancelled`, title: 'The work was stopped' }],
  [errors.ModelUnusable, modelRow],
  [
    errors.Misconfigured,
    { status: 500, type: `${own}:misconfigured`, title: 'The server is not configured well' },
  ],
  [
    errors.CheckpointRefused,
    { status: 500, type: `${own}:checkpoint-refused`, title: 'The checkpoint cannot be used' },
  ],
  [
    errors.StoreUnavailable,
    {
      status: 503,
      type: `${own}:store-unavailable`,
      title: 'The store of the results does not answer',
      retryAfterSeconds: 10,
    },
  ],
  [
    errors.DatabaseUnavailable,
    {
      status: 503,
      type: `${own}:database-unavailable`,
      title: 'The database does not answer',
      retryAfterSeconds: 10,
    },
  ],
  [errors.Unusable, { status: 500, type: `${own}:unusable`, title: 'The server is damaged' }],
]);

/** Results of a failed job answer with a code that fits the cause. /req/core/job-results-failed */
const failureRows: Readonly<Record<string, Row>> = {
  'bad-input': {
    status: 400,
    type: `${own}:job-failed:bad-input`,
    title: 'The job failed because of its inputs',
  },
  'transfer-failed': {
    status: 502,
    type: `${own}:job-failed:transfer-failed`,
    title: 'The product could not be brought',
  },
  'no-room': {
    status: 500,
    type: `${own}:job-failed:no-room`,
    title: 'The server had no room',
  },
  'delivery-failed': {
    status: 502,
    type: `${own}:job-failed:delivery-failed`,
    title: 'The results could not be delivered',
  },
  'model-unusable': modelRow,
  interrupted: {
    status: 500,
    type: `${own}:job-failed:interrupted`,
    title: 'The job was interrupted',
  },
  'out-of-memory': {
    status: 500,
    type: `${own}:job-failed:out-of-memory`,
    title: 'The job needed too much memory',
  },
  'file-too-large': {
    status: 500,
    type: `${own}:job-failed:file-too-large`,
    title: 'The job wrote too large a file',
  },
  'out-of-time': {
    status: 500,
    type: `${own}:job-failed:out-of-time`,
    title: 'The job took too long',
  },
  crashed: {
    status: 500,
    type: `${own}:job-failed:crashed`,
    title: 'The computation ended unexpectedly',
  },
};

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
  const { retryAfterSeconds } = rowOf(error);
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', retryAfterSeconds);
  for (const name of [
    'ETag',
    'Last-Modified',
    'Content-Disposition',
    'Content-Range',
    'Cache-Control',
  ]) {
    response.removeHeader(name);
  }
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
