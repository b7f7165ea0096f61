/** The Accept header (RFC 9110): media ranges with their quality. */
import { isSameMediaType } from '../processes/media-type.ts';

interface MediaRange {
  /** Type with its parameters, without the quality. */
  readonly type: string;
  /** From 0 (not wanted) to 1. */
  readonly quality: number;
}

function mediaRanges(accept: string | undefined): readonly MediaRange[] {
  const ranges = (accept ?? '').match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
  return ranges.map((range) => {
    const parts = range.split(';');
    const at = parts.findIndex((part) => /^\s*q\s*=/i.test(part));
    const quality = at < 0 ? 1 : Number(parts[at]?.split('=')[1]);
    const type = parts.slice(0, at < 0 ? parts.length : at).join(';');
    return { type: type.trim(), quality: Number.isNaN(quality) ? 1 : quality };
  });
}

/** Quality of a media type that Accept names itself, not by a wildcard; 0 when it does not. */
export function namedQuality(accept: string | undefined, mediaType: string): number {
  const named = mediaRanges(accept).filter((range) => isSameMediaType(range.type, mediaType));
  return Math.max(0, ...named.map((range) => range.quality));
}

/** True for clients that take anything (wildcards) or that show pages: those do not ask for a file. */
export function takesAnything(accept: string | undefined): boolean {
  return namedQuality(accept, '*/*') > 0 || namedQuality(accept, 'text/html') > 0;
}

/** Quality of JSON, by name or by `application/*`. */
export function jsonQuality(accept: string | undefined): number {
  const named = mediaRanges(accept).filter((range) =>
    isSameMediaType(range.type, 'application/json'),
  );
  if (named.length > 0) return namedQuality(accept, 'application/json');
  return namedQuality(accept, 'application/*');
}
