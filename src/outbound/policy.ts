/** Where the operator lets this server call when a user names an address. */
import { domainToASCII } from 'node:url';

export interface OutboundPolicy {
  /** Exact names, `*.example.org` (any depth below, not the name itself), or `*` (every public host). */
  readonly allowedHosts: readonly string[];
  /** The same forms; wins over everything else. */
  readonly deniedHosts: readonly string[];
  /** Exact origins that the operator vouches for: there http, any port and private addresses are allowed. */
  readonly trustedOrigins: readonly string[];
  /** Accepted ports of all other origins. */
  readonly ports: readonly number[];
}

export const defaultPorts: readonly number[] = [443, 8443];

export function isTrustedOrigin(url: URL, policy: OutboundPolicy): boolean {
  return policy.trustedOrigins.some(
    (origin) => URL.canParse(origin) && new URL(origin).origin === url.origin,
  );
}

export function isAllowedHost(host: string, policy: OutboundPolicy): boolean {
  return policy.allowedHosts.some((pattern) => fits(host, pattern));
}

export function isDeniedHost(host: string, policy: OutboundPolicy): boolean {
  return policy.deniedHosts.some((pattern) => fits(host, pattern));
}

/** `host` as a WHATWG URL has it, without a dot at the end. */
function fits(host: string, pattern: string): boolean {
  if (pattern === '*') return true;
  const isBelow = pattern.startsWith('*.');
  const name = plainName(isBelow ? pattern.slice(2) : pattern);
  if (name === '') return false;
  return isBelow ? host.endsWith(`.${name}`) : host === name;
}

/** Lower case, Punycode, no dot at the end; an address of IPv6 keeps its brackets. Empty where it is no name. */
function plainName(name: string): string {
  return name.startsWith('[') ? name.toLowerCase() : domainToASCII(name).replace(/\.$/, '');
}

const shownHosts = 8;

/** What a user may name, in words. Trusted origins are the operator's own and are not told. */
export function acceptedAddresses({ allowedHosts, ports }: OutboundPolicy): string {
  if (allowedHosts.length === 0) return 'no addresses of other servers';
  const at = `https addresses on port ${ports.join(' or ')}`;
  if (allowedHosts.includes('*')) return `${at} of public hosts`;
  const more = allowedHosts.length - shownHosts;
  const hosts = allowedHosts.slice(0, shownHosts).join(', ');
  return `${at} of ${hosts}${more > 0 ? ` and ${more} more` : ''}`;
}
