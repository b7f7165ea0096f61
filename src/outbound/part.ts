/** One request for a file or a part of it, and what its answer means. */
import type { Answer, OutboundClient } from './client.ts';
import { failed, statusFault } from './fault.ts';

/** Which version of a file is meant. */
export interface FileVersion {
  /** Strong ETag or date; empty where the server says none: such a file cannot be gone on with. */
  readonly validator: string;
  /** In bytes, where the server says it. */
  readonly total: number | undefined;
}

export interface PartRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  readonly from: number;
  /** Up to and without; undefined: to the end. */
  readonly to: number | undefined;
  /** Of which version the part shall be; undefined asks for the whole file without a range. */
  readonly version: FileVersion | undefined;
}

export interface PartAnswer {
  /** Place of the first byte that comes. */
  readonly start: number;
  /** Whether the server sends the file from its beginning, whatever was asked: it may be another version. */
  readonly isAnew: boolean;
  readonly version: FileVersion;
  bytes(): AsyncIterable<Uint8Array>;
  discard(): void;
}

/**
 * Asks for a part. `end`: there is nothing after `from`; `changed`: the server has another version.
 * @throws AddressNotAllowed, TransferFailed, Cancelled
 */
export async function askPart(
  client: OutboundClient,
  part: PartRequest,
): Promise<PartAnswer | 'end' | 'changed'> {
  const answer = await client.get(part.url, {
    headers: part.headers ?? {},
    signal: part.signal,
    maxBytes: part.maxBytes,
    ...(part.version && {
      range: { from: part.from, ...(part.to !== undefined && { to: part.to }) },
      ...(part.version.validator !== '' && { ifRange: part.version.validator }),
    }),
  });
  const meaning = meaningOf(part, answer);
  if (meaning === 'end' || meaning === 'changed' || meaning instanceof Error) answer.discard();
  if (meaning instanceof Error) throw meaning;
  return meaning;
}

function meaningOf(part: PartRequest, answer: Answer): PartAnswer | 'end' | 'changed' | Error {
  const { status, headers } = answer;
  const body = { bytes: () => answer.bytes(), discard: () => answer.discard() };
  if (status === 200) {
    const version = { validator: validatorOf(headers), total: lengthOf(headers) };
    return { start: 0, isAnew: true, version, ...body };
  }
  const { start, total } = contentRange(headers);
  if (status === 416 && part.version !== undefined) return total === part.from ? 'end' : 'changed';
  if (status !== 206 || part.version === undefined) return statusFault(part.url, status, headers);
  const version = { validator: validatorOf(headers), total };
  // Some servers answer a range without looking at If-Range.
  if (!isSame(part.version, version)) return 'changed';
  if (start !== part.from) return failed(part.url, 'not the part that was asked for');
  return { start, isAnew: false, version, ...body };
}

/** What one of the two does not say does not differ. */
export function isSame(one: FileVersion, other: FileVersion): boolean {
  const isOtherTotal =
    one.total !== undefined && other.total !== undefined && one.total !== other.total;
  const isOtherValidator =
    one.validator !== '' && other.validator !== '' && one.validator !== other.validator;
  return !isOtherTotal && !isOtherValidator;
}

/** Weak ETags do not promise the same bytes. What is sent back to the server holds no odd characters. */
export function validatorOf(headers: ReadonlyMap<string, string>): string {
  const etag = headers.get('etag') ?? '';
  if (/^"[\x21\x23-\x7e]{1,256}"$/.test(etag)) return etag;
  const date = headers.get('last-modified') ?? '';
  return /^[\w ,:+-]{1,40}$/.test(date) ? date : '';
}

function lengthOf(headers: ReadonlyMap<string, string>): number | undefined {
  const length = headers.get('content-length') ?? '';
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** `bytes 5-9/10`, or of a 416 `bytes *` and the size. */
export function contentRange(headers: ReadonlyMap<string, string>): {
  readonly start: number | undefined;
  readonly total: number | undefined;
} {
  const header = headers.get('content-range') ?? '';
  const [, start, total] = /^bytes (?:(\d{1,15})-\d{1,15}|\*)\/(\d{1,15}|\*)$/.exec(header) ?? [];
  return {
    start: start === undefined ? undefined : Number(start),
    total: total === undefined || total === '*' ? undefined : Number(total),
  };
}
