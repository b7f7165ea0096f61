/** What a request brings to say who asks. */
import type { Request } from 'express';
import type { Credentials } from '../authentication/authenticator.ts';

/**
 * `X-API-Key` wins: a gateway in front may need Authorization for itself. The password of Basic is the key, so that
 * browsers and QGIS can send one; its user name is of no use. RFC 6750, RFC 7617
 */
export function credentialsOf(request: Request): Credentials | undefined {
  const key = request.get('X-API-Key');
  if (key !== undefined) return { kind: 'key', key };
  const header = request.get('Authorization');
  if (header === undefined) return undefined;
  const [, scheme = '', word = ''] = /^([A-Za-z]+) +([\w.~+/=-]+) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { kind: 'bearer', word };
    case 'basic':
      return basic(word);
    default:
      return { kind: 'unknown' };
  }
}

function basic(word: string): Credentials {
  const pair = Buffer.from(word, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? { kind: 'unknown' } : { kind: 'key', key: pair.slice(colon + 1) };
}
