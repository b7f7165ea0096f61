import type { RequestListener } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCertificate } from '../../support/certificate.ts';
import { withServer } from '../../support/hostile-server.ts';
import { outcome, resolvingTo, timeouts, trusting, withClient } from '../../support/outbound.ts';

const trusted = aCertificate(['archive.example', 'mirror.example']);
const stranger = aCertificate(['archive.example']);
const here = resolvingTo('127.0.0.1');
const hello: RequestListener = (request, response) => {
  response.end(`hello ${request.headers.host?.split(':')[0]}`);
};

describe('OutboundClient over TLS', () => {
  const before = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...before, trusted.cert]));
  afterAll(() => setDefaultCACertificates(before));

  it('compares the certificate with the name of the host, not with the address', () =>
    withServer(
      hello,
      ({ port }) => {
        const origins = ['archive', 'mirror', 'other'].map((n) => `https://${n}.example:${port}`);
        const [archive = '', mirror = '', other = ''] = origins;
        const policy = trusting(...origins, `https://127.0.0.1:${port}`);
        return withClient(policy, { lookup: here, timeouts }, async (client) => {
          expect([
            await outcome(client, archive),
            await outcome(client, mirror),
            await outcome(client, `https://ARCHIVE.example.:${port}`),
            await outcome(client, other),
            await outcome(client, `https://127.0.0.1:${port}`),
          ]).toEqual([
            '200 hello archive.example',
            '200 hello mirror.example',
            '200 hello archive.example',
            `TransferFailed: download of ${other} failed (no trusted encrypted connection)`,
            `TransferFailed: download of https://127.0.0.1:${port} failed (no trusted encrypted connection)`,
          ]);
        });
      },
      trusted,
    ));

  it('trusts no certificate that signs itself', () =>
    withServer(
      hello,
      ({ port }) => {
        const origin = `https://archive.example:${port}`;
        return withClient(trusting(origin), { lookup: here, timeouts }, async (client) => {
          expect(await outcome(client, origin)).toBe(
            `TransferFailed: download of ${origin} failed (no trusted encrypted connection)`,
          );
        });
      },
      stranger,
    ));

  it('speaks no TLS with a server that has none', () =>
    withServer(hello, ({ port }) => {
      const origin = `https://archive.example:${port}`;
      return withClient(trusting(origin), { lookup: here, timeouts }, async (client) => {
        expect(await outcome(client, origin)).toBe(
          `TransferFailed: download of ${origin} failed (no trusted encrypted connection)`,
        );
      });
    }));

  it('follows a redirect to the same scheme, and none to another', () =>
    withServer(hello, (plain) =>
      withServer(
        (request, response) => {
          const name = request.headers.host?.split(':')[0] ?? '';
          const to = request.url === '/down' ? plain.origin : `https://mirror.example:${port}/`;
          if (name === 'mirror.example') hello(request, response);
          else response.writeHead(302, { Location: to }).end();
        },
        async (secure) => {
          port = secure.port;
          const up = `http://127.0.0.1:${plain.port}`;
          const archive = `https://archive.example:${port}`;
          const policy = trusting(archive, `https://mirror.example:${port}`, up);
          await withClient(policy, { lookup: here, timeouts }, async (client) => {
            expect([
              await outcome(client, `${archive}/same`),
              await outcome(client, `${archive}/down`),
            ]).toEqual([
              '200 hello mirror.example',
              expect.stringMatching(/^AddressNotAllowed: .*\/down: address not allowed/),
            ]);
            expect(plain.connections.hits).toBe(0);
          });
        },
        trusted,
      ),
    ));
  let port = 0;
});
