/**
 * The only HTTP client for addresses that a user can influence. Every hop passes the whole guard; redirects are
 * followed by hand; what comes is limited in time and size. No proxy, no cookies, HTTP/1.1.
 */
import type { Transform } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import { AddressNotAllowed } from '../errors.ts';
import { version } from '../version.ts';
import { counted, discard, pacedChunks, release, unpacked, unpackerOf, type Pace } from './body.ts';
import { connectionFault, failed, PassingFault, tooLarge } from './fault.ts';
import { checkUrl, guardedConnector, leadsInside, redirectsAway, type Lookup } from './guard.ts';
import type { OutboundPolicy } from './policy.ts';

export interface OutboundTimeouts extends Pace {
  readonly connectMs: number;
  /** From the connection to the end of the headers. */
  readonly headersMs: number;
}

export interface OutboundOptions {
  /** Instead of the resolver of the system. */
  readonly lookup?: Lookup;
  readonly timeouts?: Partial<OutboundTimeouts>;
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Most bytes of the body of the answer, unpacked. */
  readonly maxBytes: number;
}

/** Something to hand over. A redirect is an answer. */
export interface OutboundMessage extends Sent {
  readonly body: string;
}

export interface OutboundRequest extends Sent {
  readonly method?: 'GET' | 'HEAD';
  /** In bytes, up to and without `to`. */
  readonly range?: { readonly from: number; readonly to?: number };
  /** Strong ETag or date: another version is sent as a whole. */
  readonly ifRange?: string;
  /** Whether a body that is packed in spite of the request is unpacked; else it is refused. */
  readonly unpacks?: boolean;
  /** 0: redirects are answers. */
  readonly maxRedirects?: number;
}

export interface Answer {
  readonly status: number;
  /** The last address of the redirects. May hold secrets: show it with `shownUrl`. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body, once. Whoever does not want it calls `discard`. Throws TransferFailed, Cancelled. */
  bytes(): AsyncIterable<Uint8Array>;
  discard(): void;
}

/** What was asked of a host, and the bytes of the bodies that came from there. */
export interface HostTraffic {
  readonly host: string;
  readonly requests: number;
  readonly bytes: number;
}

const defaultTimeouts: OutboundTimeouts = {
  connectMs: 5_000,
  headersMs: 10_000,
  idleMs: 30_000,
  slowestBytesPerSecond: 4_096,
};
const mostRedirects = 3;
/** All other headers may hold secrets of the host for which they were made. */
const headersForAnyHost = ['accept', 'accept-encoding', 'user-agent', 'range', 'if-range'];

interface Hop {
  readonly url: URL;
  readonly isRedirected: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

interface Exchange {
  /** As the caller gave it: messages name this one. */
  readonly asked: string;
  readonly request: Omit<OutboundRequest, 'method'> & { readonly method?: Method };
  readonly body?: string;
}

type Method = 'GET' | 'HEAD' | 'POST';

/** Holds connections: whoever makes one closes it. */
export class OutboundClient {
  readonly #policy: OutboundPolicy;
  readonly #timeouts: OutboundTimeouts;
  readonly #agent: Agent;
  readonly #traffic = new Map<string, HostTraffic>();

  constructor(policy: OutboundPolicy, { lookup, timeouts }: OutboundOptions = {}) {
    this.#policy = policy;
    this.#timeouts = { ...defaultTimeouts, ...timeouts };
    const { connectMs, headersMs, idleMs } = this.#timeouts;
    this.#agent = new Agent({
      connect: guardedConnector(policy, { lookup, connectMs }),
      // Shorter ones are kept below, with what undici does not count: waiting for names, and a body that drips.
      headersTimeout: connectMs + 2 * headersMs,
      bodyTimeout: 2 * idleMs,
    });
  }

  /**
   * Asks for an address; any status is an answer.
   * @throws AddressNotAllowed, TransferFailed, Cancelled
   */
  async get(url: string, request: OutboundRequest): Promise<Answer> {
    return this.#exchange({ asked: url, request });
  }

  /**
   * Hands a message over; any status is an answer.
   * @throws AddressNotAllowed, TransferFailed, Cancelled
   */
  async post(url: string, { body, ...rest }: OutboundMessage): Promise<Answer> {
    const request = { ...rest, method: 'POST' as const, maxRedirects: 0 };
    return this.#exchange({ asked: url, request, body });
  }

  async #exchange(exchange: Exchange): Promise<Answer> {
    const { asked: url, request } = exchange;
    let hop: Hop = {
      url: checkUrl(url, this.#policy),
      isRedirected: false,
      headers: headersOf(request),
    };
    const most = request.maxRedirects ?? mostRedirects;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#send(hop, exchange);
      const location = most > 0 ? locationOf(response) : undefined;
      if (location === undefined) return this.#answer(hop, response, exchange);
      release(response.body);
      if (redirects === most) throw failed(url, `redirected more than ${most} times`);
      hop = this.#nextHop(hop, location, exchange);
    }
  }

  /** What was asked of each host so far. */
  traffic(): readonly HostTraffic[] {
    return [...this.#traffic.values()];
  }

  /** Ends all connections, also those at work. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #send(
    { url, headers, isRedirected }: Hop,
    exchange: Exchange,
  ): Promise<Dispatcher.ResponseData> {
    const { signal, method = 'GET' } = exchange.request;
    const { connectMs, headersMs } = this.#timeouts;
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new PassingFault('no answer in time')),
      connectMs + headersMs,
    );
    this.#count(url, 1, 0);
    try {
      return await this.#agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        ...(exchange.body !== undefined && { body: exchange.body }),
        signal: AbortSignal.any([signal, late.signal]),
      });
    } catch (error) {
      // The connector refused the name; the message is about the address that was given.
      if (error instanceof AddressNotAllowed)
        throw (isRedirected ? redirectsAway : leadsInside)(exchange.asked, this.#policy, error);
      throw connectionFault(exchange.asked, error, signal);
    } finally {
      clearTimeout(timer);
    }
  }

  #nextHop(from: Hop, location: string, { asked }: Exchange): Hop {
    try {
      const url = checkUrl(absolute(location, from.url), this.#policy);
      if (url.protocol !== from.url.protocol)
        throw new AddressNotAllowed('A redirect to another scheme is not followed.');
      const isSameOrigin = url.origin === from.url.origin;
      const headers = isSameOrigin ? from.headers : headersForOthers(from.headers);
      return { url, isRedirected: true, headers };
    } catch (error) {
      throw redirectsAway(asked, this.#policy, error);
    }
  }

  #answer({ url }: Hop, response: Dispatcher.ResponseData, exchange: Exchange): Answer {
    const { body, statusCode: status } = response;
    const headers = headerMap(response.headers);
    try {
      assertSize(headers, status, exchange);
    } catch (error) {
      release(body);
      throw error;
    }
    const encoding = headers.get('content-encoding') ?? '';
    return {
      status,
      url: url.href,
      headers,
      bytes: () => this.#bytes(url, { body, encoding }, exchange),
      discard: () => release(body),
    };
  }

  async *#bytes(
    url: URL,
    { body, encoding }: { body: Dispatcher.ResponseData['body']; encoding: string },
    exchange: Exchange,
  ): AsyncGenerator<Uint8Array> {
    const { asked, request } = exchange;
    const most = (bytes: number): void => {
      if (bytes > request.maxBytes) throw tooLarge(asked, request.maxBytes);
    };
    let before = 0;
    const came = counted(pacedChunks(body, this.#timeouts), (bytes) => {
      this.#count(url, 0, bytes - before);
      before = bytes;
      most(bytes);
    });
    try {
      if (isPlain(encoding)) yield* came;
      else yield* counted(unpacked(came, unpackerFor(encoding, exchange)), most);
    } catch (error) {
      throw connectionFault(asked, error, request.signal);
    } finally {
      discard(body);
    }
  }

  #count({ host }: URL, requests: number, bytes: number): void {
    const before = this.#traffic.get(host) ?? { host, requests: 0, bytes: 0 };
    this.#traffic.set(host, {
      host,
      requests: before.requests + requests,
      bytes: before.bytes + bytes,
    });
  }
}

function headersOf({ headers, range, ifRange }: Exchange['request']): Record<string, string> {
  const own = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    'user-agent': `senseiv2-cloudmask-server/${version}`,
    'accept-encoding': 'identity',
    ...Object.fromEntries(own),
    ...(range && { range: `bytes=${range.from}-${range.to === undefined ? '' : range.to - 1}` }),
    ...(ifRange !== undefined && { 'if-range': ifRange }),
  };
}

function headersForOthers(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => headersForAnyHost.includes(name));
  return Object.fromEntries(kept);
}

function headerMap(headers: Dispatcher.ResponseData['headers']): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}

function locationOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  const location = headerMap(headers).get('location');
  return location === '' ? undefined : location;
}

/** What cannot be read as an address is refused as one. */
function absolute(location: string, base: URL): string {
  return URL.canParse(location, base.href) ? new URL(location, base).href : location;
}

function assertSize(
  headers: ReadonlyMap<string, string>,
  status: number,
  { asked, request }: Exchange,
): void {
  if (status >= 300 || request.method === 'HEAD') return;
  if (Number(headers.get('content-length') ?? 0) > request.maxBytes)
    throw tooLarge(asked, request.maxBytes);
}

function isPlain(encoding: string): boolean {
  return encoding === '' || encoding.toLowerCase() === 'identity';
}

function unpackerFor(encoding: string, { asked, request }: Exchange): Transform {
  const unpacker = request.unpacks === true ? unpackerOf(encoding) : undefined;
  if (unpacker === undefined)
    throw failed(asked, 'the server packs it for the transfer, which was not asked for');
  return unpacker();
}
