import type { RequestListener } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import {
  OutboundClient,
  type OutboundOptions,
  type OutboundRequest,
} from '../../src/outbound/client.ts';
import type { HostAddress } from '../../src/outbound/guard.ts';
import { defaultPorts, type OutboundPolicy } from '../../src/outbound/policy.ts';
import { withServer, withSocketServer, type LocalServer } from './hostile-server.ts';

/** A policy that allows nothing but these origins. */
export function trusting(...trustedOrigins: readonly string[]): OutboundPolicy {
  return { allowedHosts: [], deniedHosts: [], trustedOrigins, ports: defaultPorts };
}

/** A policy that allows every public host. */
export const publicHosts: OutboundPolicy = { ...trusting(), allowedHosts: ['*'] };

/** Finds these addresses for every name. */
export function resolvingTo(...addresses: readonly string[]): () => Promise<HostAddress[]> {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return () => Promise.resolve(found);
}

/** Runs `use` with a client that is closed afterwards. */
export async function withClient<T>(
  policy: OutboundPolicy,
  options: OutboundOptions,
  use: (client: OutboundClient) => Promise<T>,
): Promise<T> {
  const client = new OutboundClient(policy, options);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** All bytes in one piece. */
export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** Short, so that tests of patience are short. */
export const timeouts = {
  connectMs: 1000,
  headersMs: 1000,
  idleMs: 500,
  slowestBytesPerSecond: 4096,
};
export const aRequest = (change: Partial<OutboundRequest> = {}): OutboundRequest => ({
  signal: new AbortController().signal,
  maxBytes: 1e6,
  ...change,
});

/** What a call ends with: the status and text of the answer, or the error. */
export async function outcome(
  client: OutboundClient,
  url: string,
  change: Partial<OutboundRequest> = {},
): Promise<string> {
  try {
    const answer = await client.get(url, aRequest(change));
    return `${answer.status} ${(await collected(answer.bytes())).toString('latin1')}`;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** Runs `use` with a server and a client that trusts it. */
export function withBoth<T>(
  listener: RequestListener,
  use: (client: OutboundClient, server: LocalServer) => Promise<T>,
  options: OutboundOptions = {},
): Promise<T> {
  return withServer(listener, (server) =>
    withClient(trusting(server.origin), { timeouts, ...options }, (client) => use(client, server)),
  );
}

/** The same with a server that sends what it likes when it is asked, and need not speak HTTP. */
export function withBothRaw<T>(
  asked: (socket: Socket, request: Buffer) => void,
  use: (client: OutboundClient, server: LocalServer) => Promise<T>,
  options: OutboundOptions = { timeouts },
): Promise<T> {
  return withSocketServer(
    (socket) => socket.once('data', (request) => asked(socket, request)),
    (server) => withClient(trusting(server.origin), options, (client) => use(client, server)),
  );
}

/** Answers `/<n>` with a redirect to the n-th target, and everything else with `arrived`. */
export const redirecting =
  (...targets: readonly string[]): RequestListener =>
  (request, response) => {
    const target = targets[Number(/^\/(\d*)/.exec(request.url ?? '')?.[1])];
    if (target === undefined) response.end('arrived');
    else response.writeHead(302, { Location: target }).end('away');
  };
