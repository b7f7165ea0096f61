import type { IncomingHttpHeaders } from 'node:http';
import { Socket, type LookupFunction } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import type { HostAddress } from '../../../src/outbound/guard.ts';
import { passingFault } from '../../../src/outbound/fault.ts';
import { withServer } from '../../support/hostile-server.ts';
import {
  aRequest,
  collected,
  outcome,
  publicHosts,
  redirecting,
  resolvingTo,
  timeouts,
  trusting,
  withBoth,
  withClient,
} from '../../support/outbound.ts';

describe('OutboundClient', () => {
  it('answers with status, headers and body, and counts them by host', () =>
    withBoth(
      (request, response) => {
        response.writeHead(request.url === '/missing' ? 404 : 200, { 'X-Two': ['a', 'b'] });
        response.end('hello');
      },
      async (client, { origin, port }) => {
        const answer = await client.get(`${origin}/x?y=1#z`, aRequest());
        expect([answer.status, answer.url, answer.headers.get('x-two')]).toEqual([
          200,
          `${origin}/x?y=1`,
          'a, b',
        ]);
        expect((await collected(answer.bytes())).toString()).toBe('hello');
        expect(await outcome(client, `${origin}/missing`)).toBe('404 hello');
        expect(client.traffic()).toEqual([{ host: `127.0.0.1:${port}`, requests: 2, bytes: 10 }]);
      },
    ));

  it('asks for parts, unpacked, in the name of this server', () => {
    const asked: IncomingHttpHeaders[] = [];
    return withBoth(
      (request, response) => {
        asked.push(request.headers);
        response.end();
      },
      async (client, { origin }) => {
        const ifRange = '"v1"';
        await outcome(client, origin, { range: { from: 5 }, ifRange, headers: { Accept: 'a/b' } });
        await outcome(client, origin, { range: { from: 5, to: 7 } });
        expect(asked).toMatchObject([
          { range: 'bytes=5-', 'if-range': '"v1"', accept: 'a/b', 'accept-encoding': 'identity' },
          { range: 'bytes=5-6', 'user-agent': expect.stringMatching(/^senseiv2-cloudmask-server/) },
        ]);
      },
    );
  });

  it('asks with HEAD, whatever size the answer promises', () =>
    withBoth(
      (_request, response) => response.writeHead(200, { 'Content-Length': 9e9 }).end(),
      async (client, { origin }) => {
        const answer = await client.get(origin, aRequest({ method: 'HEAD' }));
        expect(answer.headers.get('content-length')).toBe('9000000000');
        answer.discard();
      },
    ));

  it('uses one connection for one answer after the other', () =>
    withBoth(redirecting('/1', '/2'), async (client, { origin, connections }) => {
      const found = [await outcome(client, `${origin}/0`), await outcome(client, `${origin}/2`)];
      const dropped = await client.get(`${origin}/2`, aRequest());
      dropped.discard();
      found.push(await outcome(client, `${origin}/2`));
      expect(found).toEqual(['200 arrived', '200 arrived', '200 arrived']);
      expect(connections.hits).toBeLessThanOrEqual(2);
    }));

  it('calls nobody whom the policy does not allow', () =>
    withServer(redirecting(), (trap) =>
      withBoth(redirecting(), async (client, { origin }) => {
        const { port } = trap;
        const texts = [
          `http://127.0.0.1:${port}/`,
          `https://127.0.0.1:${port}/`,
          `http://127.1:${port}/`,
          `http://2130706433:${port}/`,
          `http://0x7f.1:${port}/`,
          `http://0:${port}/`,
          `http://localhost:${port}/`,
          `http://LOCALHOST.:${port}/`,
          `http://[::ffff:127.0.0.1]:${port}/`,
          `${origin}@127.0.0.1:${port}/`,
          `${origin.replace('http://', 'http://127.0.0.1@')}/`,
        ];
        for (const text of texts) {
          expect(await outcome(client, text)).toMatch(/^AddressNotAllowed: .*not allowed/);
        }
        expect(trap.connections.hits).toBe(0);
      }),
    ));

  it('connects to the address that it has checked when the name turns round', async () => {
    const answers = ['8.8.8.8', '127.0.0.1'];
    const asked: string[] = [];
    const lookup = (host: string): Promise<readonly HostAddress[]> => {
      const address = answers[asked.push(host) - 1] ?? '127.0.0.1';
      return Promise.resolve([{ address, family: 4 }]);
    };
    const connected: unknown[] = [];
    // Nothing leaves this machine: what a socket would call is written down, and the call is not made.
    const connect = vi.spyOn(Socket.prototype, 'connect');
    connect.mockImplementation(function (this: Socket, ...args: unknown[]): Socket {
      const [options] = args.flat() as [{ host: string; lookup: LookupFunction }];
      const found = (_error: unknown, addresses: unknown): number => connected.push(addresses);
      options.lookup(options.host, { all: true }, found);
      options.lookup(options.host, {}, found);
      return this;
    });
    try {
      await withClient(publicHosts, { lookup, timeouts }, async (client) => {
        const url = 'https://rebind.example/';
        expect([await outcome(client, url), await outcome(client, url)]).toEqual([
          `TransferFailed: download of ${url} failed (no connection)`,
          expect.stringMatching(/^AddressNotAllowed/),
        ]);
        expect(asked).toEqual(['rebind.example', 'rebind.example']);
        expect(connected).toEqual([[{ address: '8.8.8.8', family: 4 }], '8.8.8.8']);
      });
    } finally {
      connect.mockRestore();
    }
  });

  it('resolves a name once for one connection', () =>
    withServer(redirecting(), async ({ port, connections }) => {
      const asked: string[] = [];
      const found = resolvingTo('127.0.0.1');
      const lookup = (host: string): Promise<readonly HostAddress[]> => {
        asked.push(host);
        return found();
      };
      const origin = `http://archive.example:${port}`;
      await withClient(trusting(origin), { lookup, timeouts }, async (client) => {
        for (let time = 0; time < 6; time++) {
          expect(await outcome(client, `${origin}/`)).toBe('200 arrived');
        }
        expect(asked.length).toBe(connections.hits);
        expect(connections.hits).toBeLessThanOrEqual(2);
      });
    }));

  it.each([
    [['127.0.0.1']],
    [['8.8.8.8', '127.0.0.1']],
    [['::ffff:127.0.0.1']],
    [['64:ff9b::7f00:1']],
    [['0.0.0.0']],
    [['::']],
  ])('refuses a name at %j without a call', (found) =>
    withServer(redirecting(), (trap) => {
      const lookup = resolvingTo(...found);
      const policy = { ...publicHosts, ports: [trap.port] };
      return withClient(policy, { lookup, timeouts }, async (client) => {
        expect(await outcome(client, `https://a.example:${trap.port}/x?sig=secret`)).toBe(
          `AddressNotAllowed: https://a.example:${trap.port}/x: address not allowed, its host is unknown or not at a public ` +
            `address. Accepted: https addresses on port ${trap.port} of public hosts.`,
        );
        expect(trap.connections.hits).toBe(0);
      });
    }),
  );

  it('gives the checked address to a connection that asks for one or for all', () => {
    const lookup = resolvingTo('127.0.0.1', '::1');
    return withServer(redirecting(), ({ port }) => {
      const origin = `http://archive.example:${port}`;
      return withClient(trusting(origin), { lookup, timeouts }, async (client) => {
        expect(await outcome(client, `${origin}/`)).toBe('200 arrived');
      });
    });
  });

  it('says when a name cannot be resolved for now', () => {
    const busy = Object.assign(new Error('secret resolver'), { code: 'EAI_AGAIN' });
    return withClient(publicHosts, { lookup: () => Promise.reject(busy) }, async (client) => {
      const failure: unknown = await client
        .get('https://a.example/x', aRequest())
        .catch((error: unknown) => error);
      expect((failure as Error).message).toBe(
        'download of https://a.example/x failed (no connection)',
      );
      expect(passingFault(failure)).toBeDefined();
    });
  });

  it('does not wait for a resolver that never answers', () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    return withClient(publicHosts, { lookup: never, timeouts }, async (client) => {
      expect(await outcome(client, 'https://a.example/x')).toBe(
        'TransferFailed: download of https://a.example/x failed (no connection)',
      );
    });
  });
});
