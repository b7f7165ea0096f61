/** The key with which a client repeats a request that may have arrived already. */
import type { Request } from 'express';
import { InvalidHeader } from '../errors.ts';

const accepted = '1 to 255 printable ASCII characters without spaces, or such a string in quotes';

/**
 * A string of structured fields (RFC 9651) as draft-ietf-httpapi-idempotency-key-header has it, or the same without
 * its quotes, as most clients send it.
 * @throws InvalidHeader
 */
export function idempotencyKey(request: Request): string | undefined {
  const found = request.get('Idempotency-Key');
  if (found === undefined) return undefined;
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(found)?.[1]?.replaceAll(/\\(.)/g, '$1');
  const key = quoted ?? found;
  const pattern = quoted === undefined ? /^[\x21\x23-\x7e]{1,255}$/ : /^[\x20-\x7e]{1,255}$/;
  if (!pattern.test(key)) throw new InvalidHeader('Idempotency-Key', accepted);
  return key;
}
