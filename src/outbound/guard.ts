/**
 * The guard of every call to an address that a user can influence. The name of a host is resolved once, all its
 * addresses are checked, and the connection is made to just those: who checks first and lets the HTTP library resolve
 * again is beaten by a name that answers differently the second time. So the check sits in the connector, where
 * nothing connects without it, and a kept connection serves only the origin for which it was checked.
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildConnector } from 'undici';
import { AddressNotAllowed } from '../errors.ts';
import {
  acceptedAddresses,
  isAllowedHost,
  isDeniedHost,
  isTrustedOrigin,
  type OutboundPolicy,
} from './policy.ts';
import { isPublicAddress } from './public-address.ts';
import { shownUrl } from './shown-url.ts';

export interface HostAddress {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

/** All addresses of a host name. Rejects with the codes of `node:dns`. */
export type Lookup = (host: string) => Promise<readonly HostAddress[]>;

const longestUrl = 8192;
/** The same words for a name that does not exist and one that leads inside: a caller cannot tell which names exist inside. */
const notPublic = 'its host is unknown or not at a public address';

/**
 * The address, if the policy lets this server call it; nothing is resolved. The fragment is dropped.
 * @throws AddressNotAllowed
 */
export function checkUrl(text: string, policy: OutboundPolicy): URL {
  if (text.length > longestUrl || !URL.canParse(text))
    throw notAllowed(text, policy, 'it is not a URL');
  const url = new URL(text);
  url.hash = '';
  // One name, one way to write it: for the policy, the pool of connections, the certificate and the resolver.
  url.hostname = url.hostname.replace(/\.$/, '');
  const fault = urlFault(url, policy);
  if (fault !== undefined) throw notAllowed(text, policy, fault);
  return url;
}

function urlFault(url: URL, policy: OutboundPolicy): string | undefined {
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'https' && scheme !== 'http') return `its scheme is ${scheme}`;
  if (url.username !== '' || url.password !== '') return 'it holds a user name or a password';
  if (url.hostname.split('.').includes('')) return 'its host is not a name';
  if (isDeniedHost(url.hostname, policy)) return hostNotAccepted;
  return isTrustedOrigin(url, policy) ? undefined : publicFault(url, policy);
}

/** What is wrong with an address for which the operator does not vouch. */
function publicFault(url: URL, policy: OutboundPolicy): string | undefined {
  if (!isAllowedHost(url.hostname, policy)) return hostNotAccepted;
  if (url.protocol !== 'https:') return `its scheme is ${url.protocol.slice(0, -1)}`;
  const port = Number(url.port || 443);
  if (!policy.ports.includes(port)) return `its port is ${port}`;
  const literal = literalAddress(url);
  return literal === undefined || isPublicAddress(literal.address) ? undefined : notPublic;
}

const hostNotAccepted = 'its host is not among the accepted ones';

function notAllowed(text: string, policy: OutboundPolicy, fault = notPublic): AddressNotAllowed {
  return new AddressNotAllowed(
    `${shownUrl(text)}: address not allowed, ${fault}. Accepted: ${acceptedAddresses(policy)}.`,
  );
}

/** The refusal of an address whose name leads where it must not, or is none: the reason is for the log. */
export function leadsInside(text: string, policy: OutboundPolicy, cause: unknown): Error {
  return new AddressNotAllowed(notAllowed(text, policy).message, { cause });
}

/** The refusal of an address that redirects to one that is refused. */
export function redirectsAway(text: string, policy: OutboundPolicy, cause: unknown): Error {
  const { message } = notAllowed(text, policy, 'it redirects to one that is not allowed');
  return new AddressNotAllowed(message, { cause });
}

function literalAddress({ hostname }: URL): HostAddress | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  return family === 0 ? undefined : { address, family };
}

const lookupAll: Lookup = (host) => systemLookup(host, { all: true, order: 'verbatim' });

/**
 * All addresses of the host of a checked URL; every one of them may be called.
 * @throws AddressNotAllowed where one is not public, or there is none; the fault of the resolver where it may pass.
 */
export async function resolveHost(
  url: URL,
  policy: OutboundPolicy,
  lookup: Lookup = lookupAll,
): Promise<readonly HostAddress[]> {
  const literal = literalAddress(url);
  const addresses = literal === undefined ? await resolved(url, policy, lookup) : [literal];
  const isAllowed =
    isTrustedOrigin(url, policy) || addresses.every(({ address }) => isPublicAddress(address));
  if (!isAllowed || addresses.length === 0) throw notAllowed(url.href, policy);
  return addresses;
}

/** How long a name may take to be resolved before a request that holds it is answered, in ms. */
const resolveMs = 5000;

/**
 * Whether this server may call an address, as far as can be said before it does: its name is resolved, nothing is
 * connected. Where the resolver is out of order the answer is yes: it is asked again when the address is called.
 * @throws AddressNotAllowed
 */
export async function checkAddress(
  text: string,
  policy: OutboundPolicy,
  { lookup, limitMs = resolveMs }: { readonly lookup?: Lookup; readonly limitMs?: number } = {},
): Promise<void> {
  const url = checkUrl(text, policy);
  try {
    await inTime(resolveHost(url, policy, lookup), limitMs);
  } catch (error) {
    if (!isPassing(error)) throw error;
  }
}

function isPassing(error: unknown): boolean {
  return passingResolverFaults.includes((error as NodeJS.ErrnoException).code ?? '');
}

const passingResolverFaults = ['EAI_AGAIN', 'ETIMEOUT', 'ETIMEDOUT', 'ESERVFAIL', 'ECONNREFUSED'];

async function resolved(
  url: URL,
  policy: OutboundPolicy,
  lookup: Lookup,
): Promise<readonly HostAddress[]> {
  try {
    return await lookup(url.hostname);
  } catch (error) {
    throw isPassing(error) ? error : leadsInside(url.href, policy, error);
  }
}

/** Answers every question with the addresses that were checked, one or all of them as it is asked. */
function pinnedLookup(addresses: readonly HostAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}

export interface ConnectorOptions {
  readonly lookup: Lookup | undefined;
  readonly connectMs: number;
}

/** Connects to checked addresses only, literal ones included; TLS keeps the name of the host. */
export function guardedConnector(
  policy: OutboundPolicy,
  { lookup, connectMs }: ConnectorOptions,
): buildConnector.connector {
  const how = { timeout: connectMs, allowH2: false, rejectUnauthorized: true };
  return (options, connected) => {
    const checked = checkedAddresses(options, policy, lookup);
    inTime(checked, connectMs).then(
      (addresses) =>
        buildConnector({ ...how, lookup: pinnedLookup(addresses) })(options, connected),
      (error: unknown) => {
        connected(error instanceof Error ? error : new Error(String(error)), null);
      },
    );
  };
}

async function checkedAddresses(
  { protocol, host, hostname }: buildConnector.Options,
  policy: OutboundPolicy,
  lookup: Lookup | undefined,
): Promise<readonly HostAddress[]> {
  return resolveHost(checkUrl(`${protocol}//${host ?? hostname}`, policy), policy, lookup);
}

/** The resolver of the system cannot be interrupted, and a connection that waits for it cannot be closed. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const stop = new AbortController();
  const late = sleep(ms, undefined, { signal: stop.signal }).then(() => {
    throw Object.assign(new Error('The name was not resolved in time.'), { code: 'ETIMEOUT' });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}
