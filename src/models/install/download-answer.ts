/** One request of a download, and what its answer means. */
import { ModelUnusable } from '../../errors.ts';
import { Retryable } from './retryable.ts';
import { shownUrl } from './shown-url.ts';

/** A part that is here already. */
export interface Resume {
  readonly from: number;
  /** ETag or date of the version that the part is of. */
  readonly validator: string;
}

export interface Answer {
  /** Place of the first byte that comes. */
  readonly start: number;
  /** Size of the whole file, where the server says it. */
  readonly total: number | undefined;
  /** Strong ETag or date of this version; empty where there is none. */
  readonly validator: string;
  /** The bytes. Throws Retryable when the connection is cut. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** The part is the whole file: there is nothing to receive. */
const whole = Symbol('whole');

export function isWhole(answer: Answer | typeof whole): answer is typeof whole {
  return answer === whole;
}

const longestPauseMs = 60_000;

/**
 * Asks for the file, or for the rest of it.
 * @throws Retryable, or ModelUnusable where trying again would not help.
 */
export async function ask(
  url: string,
  resume: Resume | undefined,
  signal: AbortSignal,
): Promise<Answer | typeof whole> {
  const headers: Record<string, string> = { 'Accept-Encoding': 'identity' };
  if (resume !== undefined) {
    headers['Range'] = `bytes=${resume.from}-`;
    headers['If-Range'] = resume.validator;
  }
  const response = await fetch(url, { headers, signal }).catch((error: unknown) => {
    throw connectionFault(url, error);
  });
  if (new URL(url).protocol === 'https:' && !response.url.startsWith('https:')) {
    throw new ModelUnusable(
      `${shownUrl(url)} leads to ${shownUrl(response.url)}, which is not encrypted.`,
    );
  }
  if (response.status === 416 && resume !== undefined) {
    await response.body?.cancel();
    if (rangeOf(response).total === resume.from) return whole;
    return ask(url, undefined, signal);
  }
  assertOk(url, response);
  return answerOf(response, resume);
}

function answerOf(response: Response, resume: Resume | undefined): Answer {
  const chunks = (): AsyncIterable<Uint8Array> => chunksOf(response);
  const validator = validatorOf(response);
  if (response.status === 200) return { start: 0, total: sizeOf(response), validator, chunks };
  const { start, total } = rangeOf(response);
  if (start === undefined || start !== resume?.from) {
    throw new ModelUnusable(
      `${shownUrl(response.url)} answers with another range than the one asked for.`,
    );
  }
  return { start, total, validator, chunks };
}

/** A server that packs in spite of the header says the packed size, and a part of it is of no use. */
function isPacked({ headers }: Response): boolean {
  return !['', 'identity'].includes(headers.get('Content-Encoding') ?? '');
}

function sizeOf(response: Response): number | undefined {
  const length = response.headers.get('Content-Length') ?? '';
  return /^\d{1,15}$/.test(length) && !isPacked(response) ? Number(length) : undefined;
}

/** Weak ETags do not promise the same bytes. */
function validatorOf(response: Response): string {
  if (isPacked(response)) return '';
  const etag = response.headers.get('ETag') ?? '';
  return etag.startsWith('"') ? etag : (response.headers.get('Last-Modified') ?? '');
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body ?? [];
  } catch (error) {
    throw new Retryable('the connection was cut', { cause: error });
  }
}

/** `bytes 5-9/10`, or of a 416 `bytes *` and the size. */
function rangeOf(response: Response): { start: number | undefined; total: number | undefined } {
  const header = response.headers.get('Content-Range') ?? '';
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(header) ?? [];
  return {
    start: start === undefined ? undefined : Number(start),
    total: total === undefined || total === '*' ? undefined : Number(total),
  };
}

function assertOk(url: string, response: Response): void {
  const { status } = response;
  if (status === 200 || status === 206) return;
  if (status >= 500 || status === 429 || status === 408) {
    const seconds = Number(response.headers.get('Retry-After') ?? 0);
    const pauseMs = seconds > 0 ? Math.min(1000 * seconds, longestPauseMs) : undefined;
    throw new Retryable(`the server answers ${status}`, { pauseMs });
  }
  throw new ModelUnusable(
    `${shownUrl(url)} cannot be downloaded: the server answers ${status}. If the file has moved, give its address with ` +
      '--from <url>, or download it by other means and give it with --from <file>.',
  );
}

/** Faults that no pause mends. */
const lasting = /^(bad port|ENOTFOUND|ECONNREFUSED|ERR_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

function connectionFault(url: string, error: unknown): Error {
  const cause =
    error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  const reason =
    cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
  if (!lasting.test(reason)) return new Retryable(`no connection (${reason})`, { cause: error });
  const host = new URL(url).host;
  return new ModelUnusable(
    `${host} cannot be reached (${reason}). Download ${shownUrl(url)} by other means and give the file with --from <file>. ` +
      'Behind a proxy, set NODE_USE_ENV_PROXY=1 and HTTPS_PROXY.',
    { cause: error },
  );
}
