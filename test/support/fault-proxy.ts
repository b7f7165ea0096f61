/** Stands before an S3 server and does what networks and services do: bursts of errors, cut and slow connections, damage. */
import {
  createServer,
  request as send,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is done to one request. */
export type Fault =
  /** Answered by the proxy, as S3 does. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code?: string;
      readonly headers?: OutgoingHttpHeaders;
      readonly body?: string;
    }
  /** The connection ends after so many bytes of the body, before the server has seen the end. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The server does it; the answer is lost. */
  | { readonly kind: 'lost-answer' }
  /** The connection ends after so many bytes of the body of the answer. */
  | { readonly kind: 'cut-answer'; readonly afterBytes: number }
  /** One bit of the body is another. */
  | { readonly kind: 'flipped-bit' }
  /** Nothing is answered. */
  | { readonly kind: 'silence' }
  /** The answer comes so much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The answer is changed. */
  | {
      readonly kind: 'changed';
      readonly headers: (headers: OutgoingHttpHeaders) => OutgoingHttpHeaders;
    };

/** `PUT`, and what of the query tells the operation: `PUT ?partNumber=1`, `POST ?uploads`, `HEAD`. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** How many requests came before this one. */
  readonly before: number;
}

export interface FaultProxy {
  readonly url: string;
  /** Methods and operations, in order. */
  readonly asked: readonly Asked[];
}

/** `decide` says what happens to each request; undefined: it is passed on as it is. */
export async function withFaultProxy<T>(
  target: string,
  decide: (asked: Asked) => Fault | undefined,
  use: (proxy: FaultProxy) => Promise<T>,
): Promise<T> {
  const seen: Asked[] = [];
  const server = createServer((request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', target);
    const asked = { method: request.method ?? '', path, query, before: seen.length };
    seen.push(asked);
    act(decide(asked), { target: new URL(target), request, response });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  try {
    return await use({ url: `http://127.0.0.1:${port}`, asked: seen });
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

interface Exchange {
  readonly target: URL;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function act(fault: Fault | undefined, exchange: Exchange): void {
  switch (fault?.kind) {
    case undefined:
      return pass(exchange);
    case 'answer':
      return answer(fault, exchange);
    case 'cut':
      return cut(fault.afterBytes, exchange);
    case 'lost-answer':
      return pass(exchange, { answered: () => exchange.response.destroy() });
    case 'cut-answer':
      return pass(exchange, { cutAfter: fault.afterBytes });
    case 'flipped-bit':
      return pass(exchange, { body: flipped });
    case 'silence':
      exchange.request.resume();
      return;
    case 'slow':
      setTimeout(() => pass(exchange), fault.ms);
      return;
    case 'changed':
      return pass(exchange, { headers: fault.headers });
  }
}

function answer(
  { status, code, headers, body }: Fault & { kind: 'answer' },
  { request, response }: Exchange,
): void {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>CANARY</Message></Error>`;
  request.resume().once('end', () => {
    response.writeHead(status, { 'Content-Type': 'application/xml', ...headers });
    response.end(body ?? (code === undefined ? '' : text));
  });
}

function cut(afterBytes: number, { request }: Exchange): void {
  let came = 0;
  request.on('data', (chunk: Buffer) => {
    came += chunk.length;
    if (came >= afterBytes) request.socket.destroy();
  });
  request.once('end', () => request.socket.destroy());
}

interface Changes {
  readonly body?: (chunk: Buffer) => Buffer;
  readonly headers?: (headers: OutgoingHttpHeaders) => OutgoingHttpHeaders;
  /** Bytes of the answer. */
  readonly cutAfter?: number;
  /** Instead of handing on the answer. */
  readonly answered?: () => void;
}

function pass({ target, request, response }: Exchange, changes: Changes = {}): void {
  const { hostname, port } = target;
  const { method, url: path, headers } = request;
  const onward = send({ hostname, port, method, path, headers, agent: false }, (answered) => {
    if (changes.answered !== undefined) {
      answered.resume().once('end', changes.answered);
      return;
    }
    const changed = Object.entries(changes.headers?.(answered.headers) ?? answered.headers);
    const kept = changed.filter(([, value]) => value !== undefined);
    response.writeHead(answered.statusCode ?? 502, Object.fromEntries(kept));
    let came = 0;
    answered.on('data', (chunk: Buffer) => {
      came += chunk.length;
      response.write(chunk, () => {
        if (came >= (changes.cutAfter ?? Infinity)) response.destroy();
      });
    });
    answered.once('end', () => response.end());
  });
  onward.once('error', () => response.destroy());
  request.once('close', () => request.complete || onward.destroy());
  request.on('data', (chunk: Buffer) => onward.write(changes.body?.(chunk) ?? chunk));
  request.once('end', () => onward.end());
}

function flipped(chunk: Buffer): Buffer {
  const copy = Buffer.from(chunk);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}
