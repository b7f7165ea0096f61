/** Signatures of result links: a capability that cannot be guessed or derived from the job id. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** 256 bits, base64url. Known before the job runs. */
export function linkSignature(secret: string, jobId: string): string {
  return createHmac('sha256', secret).update(`results/${jobId}`).digest('base64url');
}

/** Compares in constant time. */
export function isLinkSignature(secret: string, jobId: string, found: string): boolean {
  const expected = Buffer.from(linkSignature(secret, jobId));
  const given = Buffer.from(found);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
