/** From bytes to JSON, with caps: a STAC Item comes from anywhere. */
import { ItemRefused } from './item-refused.ts';

const MiB = 1024 * 1024;

/** Largest Item inside an execute request, in bytes. The largest real one known has 132 kB. */
export const maxInlineItemBytes = MiB;
/** Largest Item that is fetched, in bytes after decompression. */
export const maxFetchedItemBytes = 5 * MiB;

/** Arrays and objects in each other; real Items have 8. */
const maxDepth = 64;

const open = new Set([0x5b, 0x7b]);
const close = new Set([0x5d, 0x7d]);
const quote = 0x22;
const backslash = 0x5c;

/**
 * Parses the bytes of an Item.
 * @throws ItemRefused when they are too many, nested too deeply or no JSON
 */
export function parseItem(bytes: Uint8Array, maxBytes = maxFetchedItemBytes): unknown {
  if (bytes.length > maxBytes) {
    throw new ItemRefused(
      'too-large',
      `The Item is larger than allowed: at most ${maxBytes} bytes are read.`,
    );
  }
  if (isTooDeep(bytes)) {
    throw new ItemRefused(
      'too-deep',
      `The Item is nested deeper than allowed: at most ${maxDepth} levels are read.`,
    );
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ItemRefused('not-json', 'The Item is not JSON.', { cause: error });
  }
}

/** Before parsing, in one pass and without recursion: brackets outside of texts are counted. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (isText && byte === backslash) index++;
    else if (byte === quote) isText = !isText;
    else if (isText) continue;
    else if (open.has(byte)) depth++;
    else if (close.has(byte)) depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}
