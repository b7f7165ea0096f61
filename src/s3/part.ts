/** Whether an S3 service sends the part of an object that it was asked for. */
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { contentRange } from '../outbound/part.ts';

/** A part of an object, in bytes. */
export interface Span {
  readonly from: number;
  /** Up to and without. */
  readonly to: number;
}

/** Which version of an object is read. */
export interface ObjectVersion {
  readonly bytes: number;
  /** Changes with the content; empty where it is not known. */
  readonly etag: string;
}

export const changed = 'it changed while it was read';
export const otherPart = 'the storage sends another part than it was asked for';

export function isWhole({ bytes }: ObjectVersion, { from, to }: Span): boolean {
  return from === 0 && to === bytes;
}

/** Lists of some servers have ETags without the quotes that answers have. */
export function quoted(etag = ''): string {
  return /^$|"$/.test(etag) ? etag : `"${etag}"`;
}

/**
 * The body of an answer, if it is the beginning of the part that was asked for. Some servers send ranges with status 200,
 * some the whole object whatever they are asked: only `Content-Range` tells them apart.
 * @throws what `refused` says
 */
export function bodyOf(
  answer: GetObjectCommandOutput,
  version: ObjectVersion,
  span: Span,
  refused: (reason: string) => Error,
): AsyncIterable<Uint8Array> {
  const body = answer.Body as AsyncIterable<Uint8Array> & { destroy(): void };
  const fault = answerFault(answer, version, span);
  if (fault === undefined) return body;
  body.destroy();
  throw refused(fault);
}

function answerFault(
  { ContentRange: range, ETag }: GetObjectCommandOutput,
  version: ObjectVersion,
  span: Span,
): string | undefined {
  const { bytes, etag } = version;
  const sent = quoted(ETag);
  if (etag !== '' && sent !== '' && sent !== etag) return changed;
  if (range === undefined) return isWhole(version, span) ? undefined : otherPart;
  const { start, total = bytes } = contentRange(new Map([['content-range', range]]));
  if (total !== bytes) return changed;
  return start === span.from ? undefined : otherPart;
}
