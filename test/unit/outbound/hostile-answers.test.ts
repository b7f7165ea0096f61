import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { withServer } from '../../support/hostile-server.ts';
import {
  aRequest,
  outcome,
  redirecting,
  trusting,
  withBoth,
  withBothRaw,
  withClient,
} from '../../support/outbound.ts';

describe('OutboundClient against servers that mean harm', () => {
  const drip = (socket: Socket, head: string, piece: string): void => {
    socket.write(head);
    const timer = setInterval(() => socket.write(piece), 20);
    socket.on('close', () => clearInterval(timer));
  };
  const plainHead = 'HTTP/1.1 200 OK\r\n\r\n';

  it.each([
    ['never answers', () => undefined, 'no answer in time'],
    [
      'drips headers',
      (s: Socket) => drip(s, 'HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'),
      'no answer in time',
    ],
    [
      'sends early hints without end',
      (s: Socket) => drip(s, '', 'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n'),
      'no answer in time',
    ],
    ['stops in the body', (s: Socket) => s.write(`${plainHead}abc`), 'too little came for 0.5 s'],
    ['drips a body', (s: Socket) => drip(s, plainHead, 'x'), 'too little came for 0.5 s'],
    [
      'floods with headers',
      (s: Socket) =>
        s.write(`HTTP/1.1 200 OK\r\n${'X-A: bbbbbbbbbbbbbbbbbbbb\r\n'.repeat(9000)}\r\n`),
      'not a readable answer',
    ],
    [
      'speaks something else',
      (s: Socket) => s.write('220 ready to take mail\r\n'),
      'not a readable answer',
    ],
    ['hangs up', (s: Socket) => s.end(), 'connection cut'],
    [
      'promises more than it sends',
      (s: Socket) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'),
      'connection cut',
    ],
    [
      'cuts a chunked body',
      (s: Socket) => s.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'),
      'connection cut',
    ],
    [
      'says two lengths',
      (s: Socket) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 9\r\n\r\nabc'),
      'connection cut',
    ],
    [
      'has no end',
      (s: Socket) => {
        s.write(plainHead);
        const more = (): void => {
          while (!s.destroyed && s.write(Buffer.alloc(65_536))) continue;
        };
        s.on('drain', more);
        more();
      },
      'larger than the 1000000 bytes that are accepted',
    ],
    [
      'promises too much',
      (s: Socket) => s.write('HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n'),
      'larger than the 1000000 bytes that are accepted',
    ],
  ])('gives up on one that %s', (_what, connected, expected) =>
    withBothRaw(connected, async (client, { origin }) => {
      expect(await outcome(client, `${origin}/x?sig=secret`)).toBe(
        `TransferFailed: download of ${origin}/x failed (${expected})`,
      );
    }),
  );

  it('reads no further than Content-Length', () =>
    withBothRaw(
      (socket) =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\nevil'),
      async (client, { origin }) => {
        expect(await outcome(client, origin)).toBe('200 abc');
      },
    ));

  it('does not blame the server for a slow reader', () =>
    withBoth(
      (_request, response) => response.end(Buffer.alloc(900_000)),
      async (client, { origin }) => {
        const answer = await client.get(origin, aRequest());
        let came = 0;
        let isFirst = true;
        for await (const chunk of answer.bytes()) {
          came += chunk.length;
          if (isFirst) await new Promise((resolve) => setTimeout(resolve, 1200));
          isFirst = false;
        }
        expect(came).toBe(900_000);
      },
    ));

  it.each([
    ['gzip', gzipSync('hello')],
    ['x-gzip', gzipSync('hello')],
    ['GZIP', gzipSync('hello')],
    ['identity', Buffer.from('hello')],
  ])('unpacks %s where it is asked to', (encoding, body) =>
    withBoth(
      (_request, response) => response.writeHead(200, { 'Content-Encoding': encoding }).end(body),
      async (client, { origin }) => {
        expect(await outcome(client, origin, { unpacks: true })).toBe('200 hello');
      },
    ),
  );

  it.each([
    ['gzip', gzipSync(Buffer.alloc(5e7)), {}, 'larger than the 1000000 bytes that are accepted'],
    ['gzip', gzipSync('hello').subarray(0, 20), {}, 'not a readable answer'],
    ['gzip', Buffer.from('hello'), {}, 'not a readable answer'],
    ['br', Buffer.from('hello'), {}, 'not a readable answer'],
    [
      'gzip, gzip',
      gzipSync(gzipSync('hello')),
      {},
      'the server packs it for the transfer, which was not asked for',
    ],
    [
      'constructor',
      Buffer.from('hello'),
      {},
      'the server packs it for the transfer, which was not asked for',
    ],
    [
      'gzip',
      gzipSync('hello'),
      { unpacks: false },
      'the server packs it for the transfer, which was not asked for',
    ],
  ])('refuses %s of %j %j', (encoding, body, change, expected) =>
    withBoth(
      (_request, response) => response.writeHead(200, { 'Content-Encoding': encoding }).end(body),
      async (client, { origin }) => {
        expect(await outcome(client, origin, { unpacks: true, ...change })).toBe(
          `TransferFailed: download of ${origin} failed (${expected})`,
        );
      },
    ),
  );

  it('stops on request: before the answer, and in the body', () =>
    withBothRaw(
      (socket, request) => {
        if (request.includes('/body')) socket.write(`${plainHead}abc`);
      },
      async (client, { origin }) => {
        const stopped = async (path: string): Promise<string> => {
          const interrupt = new AbortController();
          setTimeout(() => interrupt.abort(), 100);
          return outcome(client, origin + path, { signal: interrupt.signal });
        };
        expect([await stopped('/headers'), await stopped('/body')]).toEqual([
          'Cancelled: The transfer was stopped.',
          'Cancelled: The transfer was stopped.',
        ]);
      },
      {},
    ));

  it('says that nobody listens', async () => {
    const origin = await withServer(redirecting(), (server) => Promise.resolve(server.origin));
    await withClient(trusting(origin), {}, async (client) => {
      expect(await outcome(client, origin)).toBe(
        `TransferFailed: download of ${origin} failed (no connection)`,
      );
    });
  });
});
