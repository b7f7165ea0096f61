import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fetchDocument } from '../../../src/outbound/document.ts';
import { withBoth } from '../../support/outbound.ts';

/** What a document is fetched as, or the error; and how often the server was asked. */
async function fetched(listener: RequestListener, path = '/item.json'): Promise<unknown> {
  let asked = 0;
  const counting: RequestListener = (request, response) => {
    asked++;
    listener(request, response);
  };
  return withBoth(counting, async (client, { origin }) => {
    const request = {
      url: `${origin}${path}?sig=secret`,
      maxBytes: 10_000,
      signal: new AbortController().signal,
      retryDelaysMs: [1, 1],
    };
    const found = await fetchDocument(client, request).then(
      ({ bytes, url, contentType }) => ({ text: String(bytes), url, contentType }),
      (error: Error) => ({ error: error.message }),
    );
    return JSON.parse(JSON.stringify({ ...found, asked }).replaceAll(origin, '<origin>'));
  });
}

describe('fetchDocument', () => {
  it('brings the bytes, the last address and the media type', async () => {
    const found = await fetched((request, response) => {
      if (request.url?.startsWith('/old') === true)
        response.writeHead(302, { Location: '/items/1' }).end();
      else response.writeHead(200, { 'Content-Type': 'application/geo+json' }).end('{}');
    }, '/old');
    expect(found).toEqual({
      text: '{}',
      url: '<origin>/items/1',
      contentType: 'application/geo+json',
      asked: 2,
    });
  });

  it('unpacks what a server packs all the same, and counts it unpacked', async () => {
    const packed = (size: number): RequestListener => {
      const body = gzipSync(Buffer.alloc(size, 'x'));
      return (_request, response) =>
        response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(body);
    };
    expect([await fetched(packed(5)), await fetched(packed(10_001))]).toEqual([
      { text: 'xxxxx', url: '<origin>/item.json?sig=secret', contentType: '', asked: 1 },
      {
        error:
          'download of <origin>/item.json failed (larger than the 10000 bytes that are accepted)',
        asked: 1,
      },
    ]);
  });

  it('tries again what may pass', async () => {
    let failures = 0;
    const found = await fetched((_request, response) => {
      if (failures++ === 0) response.writeHead(500).end('secret trouble');
      else if (failures === 2) response.socket?.destroy();
      else response.end('[]');
    });
    expect(found).toMatchObject({ text: '[]', asked: 3 });
  });

  it.each([
    [404, 'download of <origin>/item.json failed (not found)', 1],
    [500, 'download of <origin>/item.json failed (error of the server)', 3],
  ])('says of %i the class, and nothing that the server said', async (status, error, asked) => {
    const found = await fetched((_request, response) =>
      response.writeHead(status).end('secret trouble'),
    );
    expect(found).toEqual({ error, asked });
  });
});
