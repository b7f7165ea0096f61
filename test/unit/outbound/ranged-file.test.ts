import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openRanged, type RangedFile } from '../../../src/outbound/ranged-file.ts';
import { collected, timeouts, trusting, withBoth, withClient } from '../../support/outbound.ts';
import { random } from '../../support/random.ts';
import { withServer } from '../../support/hostile-server.ts';

const draw = random(2);
const content = Buffer.from(Array.from({ length: 300_000 }, () => Math.floor(draw() * 256)));

type Answering = (exchange: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly from: number;
  /** Up to and without. */
  readonly to: number;
}) => void;

/** A server of ranges. The first request, which asks for one byte, is answered well. */
function rangeServer(answering: Answering = sendRange, asked: string[] = []): RequestListener {
  return (request, response) => {
    const [, from = 0, last = 0] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const exchange = { request, response, from: Number(from), to: Number(last) + 1 };
    if (asked.push(request.headers.range ?? '') === 1) sendRange(exchange);
    else answering(exchange);
  };
}

const headersOf = (from: number, to: number): Record<string, string | number> => ({
  ETag: '"v1"',
  'Content-Range': `bytes ${from}-${to - 1}/${content.length}`,
  'Content-Length': to - from,
});

const sendRange: Answering = ({ response, from, to }) => {
  response.writeHead(206, headersOf(from, to)).end(content.subarray(from, to));
};

/** Opens the file of a server; fails where it has no ranges. */
function withRanged<T>(
  listener: RequestListener,
  use: (file: RangedFile, url: string) => Promise<T>,
): Promise<T> {
  return withBoth(listener, async (client, { origin }) => {
    const url = `${origin}/x.zip`;
    const { signal } = new AbortController();
    const file = await openRanged(client, { url, signal, retryDelaysMs: [1, 1] });
    if (file === undefined) throw new Error('no ranges');
    return use(file, url);
  });
}

const said = (error: Error): string => `${error.name}: ${error.message}`;

describe('openRanged', () => {
  it('reads any part', () => {
    const asked: string[] = [];
    return withRanged(rangeServer(sendRange, asked), async (file) => {
      expect(file.size).toBe(300_000);
      expect(await file.read(10, 5)).toEqual(content.subarray(10, 15));
      expect(await file.read(299_999, 1)).toEqual(content.subarray(299_999));
      expect(await file.read(7, 0)).toHaveLength(0);
      expect((await collected(file.stream(1000, 300_000))).equals(content.subarray(1000))).toBe(
        true,
      );
      expect(await collected(file.stream(5, 5))).toHaveLength(0);
      expect(asked).toEqual([
        'bytes=0-0',
        'bytes=10-14',
        'bytes=299999-299999',
        'bytes=1000-299999',
      ]);
    });
  });

  it('reads parts at the same time', () =>
    withRanged(rangeServer(), async (file) => {
      const starts = Array.from({ length: 20 }, (_, at) => at * 10_000);
      const parts = await Promise.all(starts.map((from) => file.read(from, 10_000)));
      expect(Buffer.concat(parts).equals(content.subarray(0, 200_000))).toBe(true);
    }));

  it('goes on where a part was cut', () => {
    const asked: string[] = [];
    let cuts = 0;
    const answering: Answering = ({ response, from, to, ...rest }) => {
      if (cuts++ > 1) return sendRange({ response, from, to, ...rest });
      response.writeHead(206, headersOf(from, to));
      response.write(content.subarray(from, from + 70_000), () =>
        setTimeout(() => response.destroy(), 20),
      );
      return undefined;
    };
    return withRanged(rangeServer(answering, asked), async (file) => {
      const found = await file.read(100, 200_000);
      expect(Buffer.from(found).equals(content.subarray(100, 200_100))).toBe(true);
      expect(asked.slice(1)).toEqual([
        'bytes=100-200099',
        'bytes=70100-200099',
        'bytes=140100-200099',
      ]);
    });
  });

  it('ends the connection when a reader wants no more', () =>
    withRanged(rangeServer(), async (file) => {
      for await (const chunk of file.stream(0, 300_000)) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await file.read(0, 3)).toEqual(content.subarray(0, 3));
    }));

  it.each<[string, Answering, string]>([
    [
      'another version as a whole',
      ({ response }) => response.writeHead(200, { ETag: '"v2"' }).end(content),
      'the file changed meanwhile',
    ],
    [
      'another version in spite of If-Range',
      ({ response, from, to }) =>
        response
          .writeHead(206, { ...headersOf(from, to), ETag: '"v2"' })
          .end(content.subarray(from, to)),
      'the file changed meanwhile',
    ],
    [
      'another size',
      ({ response, from, to }) =>
        response
          .writeHead(206, { ...headersOf(from, to), 'Content-Range': `bytes ${from}-${to - 1}/7` })
          .end(content.subarray(from, to)),
      'the file changed meanwhile',
    ],
    [
      'that there is no such part any more',
      ({ response }) => response.writeHead(416, { 'Content-Range': 'bytes */50' }).end(),
      'the file changed meanwhile',
    ],
    [
      'another part',
      ({ response, from, to }) =>
        response
          .writeHead(206, headersOf(from + 1, to + 1))
          .end(content.subarray(from + 1, to + 1)),
      'not the part that was asked for',
    ],
    [
      'no word about which part',
      ({ response, from, to }) => response.writeHead(206).end(content.subarray(from, to)),
      'not the part that was asked for',
    ],
    [
      'more than the part',
      ({ response, from, to }) =>
        response
          .writeHead(206, { ETag: '"v1"', 'Content-Range': `bytes ${from}-${to - 1}/300000` })
          .end(content.subarray(from, to + 9)),
      'more came than was promised',
    ],
    [
      'less than the part, every time',
      ({ response, from, to }) =>
        response
          .writeHead(206, { ETag: '"v1"', 'Content-Range': `bytes ${from}-${to - 1}/300000` })
          .end(content.subarray(from, from + 1)),
      'it ended too early',
    ],
    [
      'a packed part',
      ({ response, from, to }) =>
        response
          .writeHead(206, { ...headersOf(from, to), 'Content-Encoding': 'gzip' })
          .end(content.subarray(from, to)),
      'the server packs it for the transfer, which was not asked for',
    ],
    ['that it is gone', ({ response }) => response.writeHead(404).end(), 'not found'],
  ])('refuses %s', (_what, answering, expected) =>
    withRanged(rangeServer(answering), async (file, url) => {
      expect(await file.read(10, 50).catch(said)).toBe(
        `TransferFailed: download of ${url} failed (${expected})`,
      );
    }),
  );

  it.each<[string, RequestListener]>([
    ['sends no parts', (_request, response) => response.end(content)],
    [
      'says no version',
      (_request, response) =>
        response.writeHead(206, { 'Content-Range': 'bytes 0-0/300000' }).end('x'),
    ],
    [
      'says a weak version only',
      (_request, response) =>
        response.writeHead(206, { 'Content-Range': 'bytes 0-0/300000', ETag: 'W/"v1"' }).end('x'),
    ],
    [
      'says no size',
      (_request, response) =>
        response.writeHead(206, { 'Content-Range': 'bytes 0-0/*', ETag: '"v1"' }).end('x'),
    ],
    ['has an empty file', (_request, response) => response.writeHead(416).end()],
  ])('gives up ranges with a server that %s', (_what, listener) =>
    withBoth(listener, async (client, { origin }) => {
      const { signal } = new AbortController();
      expect(await openRanged(client, { url: origin, signal })).toBeUndefined();
    }),
  );

  it('says what is wrong with an address, and tries again what may pass', () => {
    let asked = 0;
    return withBoth(
      (_request, response) => response.writeHead(asked++ === 0 ? 503 : 403).end(),
      async (client, { origin }) => {
        const { signal } = new AbortController();
        const url = `${origin}/x?sig=secret`;
        const failure = openRanged(client, { url, signal, retryDelaysMs: [1] }).catch(said);
        expect(await failure).toBe(
          `TransferFailed: download of ${origin}/x failed (access denied); the storage may need credentials`,
        );
      },
    );
  });

  it('lets a part lead nowhere else', () =>
    withServer(rangeServer(), (trap) =>
      withServer(
        rangeServer(({ response }) => response.writeHead(302, { Location: trap.origin }).end()),
        ({ origin }) =>
          withClient(trusting(origin), { timeouts }, async (client) => {
            const { signal } = new AbortController();
            const file = await openRanged(client, { url: origin, signal });
            await expect(file?.read(1, 2)).rejects.toMatchObject({ name: 'AddressNotAllowed' });
            expect(trap.connections.hits).toBe(0);
          }),
      ),
    ));
});
