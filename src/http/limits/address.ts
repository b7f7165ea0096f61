import { BlockList, isIPv6 } from 'node:net';
import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

/** The network that one household or machine has in IPv6, in bits: of its addresses it may take as many as it likes. */
const ipv6Bits = 64;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Where a request comes from, as far as proxies that are trusted tell: an address of IPv4, a network of IPv6. */
export function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? '', ipv6Bits);
}

/** Whether a request comes from this machine itself, and not through a proxy that is trusted. */
export function isFromHere({ ip = '' }: Request): boolean {
  return loopback.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
}
