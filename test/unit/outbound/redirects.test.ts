import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { withServer } from '../../support/hostile-server.ts';
import {
  aRequest,
  outcome,
  redirecting,
  timeouts,
  trusting,
  withBoth,
  withClient,
} from '../../support/outbound.ts';

describe('OutboundClient on redirects', () => {
  it('follows three and no more', () =>
    withBoth(redirecting('/1', '/2', '/3', '/4'), async (client, { origin }) => {
      expect(await outcome(client, `${origin}/1`)).toBe('200 arrived');
      expect(await outcome(client, `${origin}/0?sig=secret`)).toBe(
        `TransferFailed: download of ${origin}/0 failed (redirected more than 3 times)`,
      );
    }));

  it('gives up on one that leads to itself', () =>
    withBoth(redirecting('/0'), async (client, { origin }) => {
      expect(await outcome(client, `${origin}/0`)).toMatch(/redirected more than 3 times/);
      expect(client.traffic()[0]?.requests).toBe(4);
    }));

  it('leaves them to the caller who wants it so', () =>
    withBoth(redirecting('/1'), async (client, { origin }) => {
      expect(await outcome(client, `${origin}/0`, { maxRedirects: 0 })).toBe('302 away');
    }));

  it('names the last address in the answer', () =>
    withBoth(redirecting('/1?y', '/2'), async (client, { origin }) => {
      const answer = await client.get(`${origin}/1`, aRequest());
      expect(answer.url).toBe(`${origin}/2`);
    }));

  it('checks every address on the way', () =>
    withServer(redirecting(), (trap) => {
      const targets = [
        trap.origin,
        `//127.0.0.1:${trap.port}/`,
        `http://localhost:${trap.port}/`,
        `https://127.0.0.1:${trap.port}/`,
        `http://[::ffff:7f00:1]:${trap.port}/`,
        'http://169.254.169.254/latest/meta-data/',
        'file:///etc/passwd',
        'gopher://127.0.0.1/',
        'http://',
      ];
      return withBoth(redirecting(...targets), async (client, { origin }) => {
        for (const at of targets.keys()) {
          expect(await outcome(client, `${origin}/${at}?sig=secret`)).toBe(
            `AddressNotAllowed: ${origin}/${at}: address not allowed, it redirects to one that is not allowed. ` +
              'Accepted: no addresses of other servers.',
          );
        }
        expect(trap.connections.hits).toBe(0);
      });
    }));

  it('checks the name to which one leads', () =>
    withServer(redirecting(), (trap) => {
      const away = `http://away.example:${trap.port}`;
      return withServer(redirecting(`${away}/`), ({ origin }) => {
        // The operator vouches for both; the resolver finds nothing.
        const lookup = (): Promise<never> => Promise.reject(new Error('no such name inside'));
        return withClient(trusting(origin, away), { timeouts, lookup }, async (client) => {
          expect(await outcome(client, `${origin}/0`)).toBe(
            `AddressNotAllowed: ${origin}/0: address not allowed, it redirects to one that is not allowed. ` +
              'Accepted: no addresses of other servers.',
          );
        });
      });
    }));

  it('hands keys and cookies to nobody else, also not on the way back', () => {
    const seen: (readonly [string, IncomingHttpHeaders])[] = [];
    const recording =
      (name: string, target: () => string | undefined): RequestListener =>
      (request, response) => {
        seen.push([name, request.headers]);
        const to = target();
        if (to === undefined) response.end('arrived');
        else response.writeHead(307, { Location: to, 'Set-Cookie': 'a=b' }).end();
      };
    let other = '';
    let first = '';
    const origins: string[] = [];
    return withServer(
      recording('first', () => (seen.length > 2 ? undefined : other)),
      (one) =>
        withServer(
          recording('other', () => first),
          (two) => {
            first = `${one.origin}/back`;
            other = `${two.origin}/`;
            origins.push(one.origin, two.origin);
            return withClient(trusting(...origins), { timeouts }, async (client) => {
              const headers = {
                Authorization: 'Bearer secret',
                cookie: 'secret',
                'X-Api-Key': 'secret',
                Accept: 'a/b',
              };
              const range = { from: 3 };
              expect(await outcome(client, `${one.origin}/`, { headers, range })).toBe(
                '200 arrived',
              );
              expect(seen.map(([name, found]) => [name, found.authorization])).toEqual([
                ['first', 'Bearer secret'],
                ['other', undefined],
                ['first', undefined],
              ]);
              expect(JSON.stringify(seen.slice(1))).not.toMatch(/secret|"cookie"/);
              expect(seen[1]?.[1]).toMatchObject({ accept: 'a/b', range: 'bytes=3-' });
            });
          },
        ),
    );
  });

  it('keeps the keys on the same host', () => {
    const seen: unknown[] = [];
    return withBoth(
      (request, response) => {
        seen.push(request.headers.authorization);
        if (seen.length > 1) response.end();
        else response.writeHead(301, { Location: '/x' }).end();
      },
      async (client, { origin }) => {
        await outcome(client, origin, { headers: { Authorization: 'Bearer secret' } });
        expect(seen).toEqual(['Bearer secret', 'Bearer secret']);
      },
    );
  });
});
