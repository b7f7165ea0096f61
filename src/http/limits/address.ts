import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

/** The network that one household or machine has in IPv6, in bits: of its addresses it may take as many as it likes. */
const ipv6Bits = 64;

/** Where a request comes from, as far as proxies that are trusted tell: an address of IPv4, a network of IPv6. */
export function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? '', ipv6Bits);
}
