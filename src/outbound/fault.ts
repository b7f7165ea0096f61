/** What a failed transfer is called: the class of the fault for the user, the reason in `cause` for the log. */
import { AddressNotAllowed, Cancelled, TransferFailed } from '../errors.ts';
import { shownUrl } from './shown-url.ts';

/** Cause of a failure that may pass: trying again can help. */
export class PassingFault extends Error {
  /** What the server asks to wait at least. */
  readonly pauseMs: number | undefined;
  constructor(message: string, options: { cause?: unknown; pauseMs?: number | undefined } = {}) {
    super(message, { cause: options.cause });
    this.pauseMs = options.pauseMs;
  }
}

/** Why a failure may pass; undefined where trying again would not help. */
export function passingFault(error: unknown): PassingFault | undefined {
  return error instanceof Error && error.cause instanceof PassingFault ? error.cause : undefined;
}

/** `what` is the class of the fault. */
export function failed(url: string, what: string, cause?: unknown): TransferFailed {
  return new TransferFailed(`download of ${shownUrl(url)} failed (${what})`, { cause });
}

/** A failure that may pass. */
export function failedForNow(
  url: string,
  what: string,
  options: { cause?: unknown; pauseMs?: number | undefined } = {},
): TransferFailed {
  return failed(url, what, new PassingFault(what, options));
}

export function tooLarge(url: string, maxBytes: number): TransferFailed {
  return failed(url, `larger than the ${maxBytes} bytes that are accepted`);
}

const longestPauseMs = 60_000;

/** What an answer that is no success means. */
export function statusFault(
  url: string,
  status: number,
  headers: ReadonlyMap<string, string>,
): TransferFailed {
  const cause = new Error(`status ${status}`);
  if (status === 401 || status === 403) {
    const { message } = failed(url, 'access denied');
    return new TransferFailed(`${message}; the storage may need credentials`, { cause });
  }
  if (status === 404 || status === 410) return failed(url, 'not found', cause);
  const pauseMs = pauseOf(headers.get('retry-after'));
  if (status === 429) return failedForNow(url, 'too many requests', { cause, pauseMs });
  if (status === 408 || status >= 500)
    return failedForNow(url, 'error of the server', { cause, pauseMs });
  return failed(url, status >= 400 ? 'request refused' : 'unexpected answer', cause);
}

/** `Retry-After` is a number of seconds or a date. */
function pauseOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? 1000 * Number(header) : Date.parse(header) - Date.now();
  return ms > 0 ? Math.min(ms, longestPauseMs) : undefined;
}

const certificate =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/;
const malformed = /^(HPE_|UND_ERR_HEADERS_OVERFLOW|Z_|ERR__ERROR_|ERR_BROTLI|ERR_PADDING)/;
/** A firewall between says EPERM or EACCES. */
const unreachable =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EPERM|EACCES|EAI_AGAIN|ESERVFAIL|ETIMEOUT|UND_ERR_CONNECT_TIMEOUT)/;
const cut =
  /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_(?!INVALID))/;

/** What an error of the connection means; one of ours stays as it is. */
export function connectionFault(url: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return new Cancelled('The transfer was stopped.');
  if (error instanceof TransferFailed || error instanceof AddressNotAllowed) return error;
  if (error instanceof PassingFault) return failed(url, error.message, error);
  const trouble = connectionTrouble(error);
  if (trouble === 'untrusted') return failed(url, 'no trusted encrypted connection', error);
  if (trouble === 'malformed') return failed(url, 'not a readable answer', error);
  if (trouble === 'unreachable') return failedForNow(url, 'no connection', { cause: error });
  return trouble === 'cut' ? failedForNow(url, 'connection cut', { cause: error }) : error;
}

/** What is wrong with a connection, by the code of its error; undefined where it is something else. */
export function connectionTrouble(
  error: unknown,
): 'untrusted' | 'malformed' | 'unreachable' | 'cut' | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (certificate.test(code)) return 'untrusted';
  if (malformed.test(code)) return 'malformed';
  if (unreachable.test(code)) return 'unreachable';
  return cut.test(code) ? 'cut' : undefined;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // undici leaves the code of its parser out where the answer is no HTTP at all.
  if (error.name === 'HTTPParserError') return 'HPE_';
  const own = (error as NodeJS.ErrnoException).code;
  if (own !== undefined) return own;
  // Where several addresses were tried there are several errors: the first speaks.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : undefined;
}
