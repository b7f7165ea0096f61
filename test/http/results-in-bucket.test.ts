/** Results kept in a bucket of a real S3 server: links redirect, pages and values are served, time and dismissal remove. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withBucketWorld, bucket, prefix, type BucketWorld } from '../support/bucket-server.ts';
import { withFaultProxy, type Fault } from '../support/fault-proxy.ts';
import { addFinishedJob, files, tiffType } from '../support/finished-job.ts';
import { beginUpload, contentOf, ownClient } from '../support/s3-objects.ts';
import { hasStrictS3 } from '../support/s3-server.ts';
import { until, type TestServer } from '../support/server.ts';

const day = 86_400_000;
const content = files.cloud_mask[2];

type Headers = Readonly<Record<string, string>>;

/** A script of our own page. */
const page = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' };

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Asks as a program does, unless the headers say otherwise; a redirect is an answer. */
async function ask(
  server: TestServer,
  url: string,
  headers: Headers = {},
  method: 'get' | 'head' = 'get',
): Promise<Answered> {
  const { pathname, search } = new URL(url, server.root);
  const answer = await server.request[method](pathname + search)
    .set(headers)
    .redirects(0)
    .ok(() => true)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => done(null, Buffer.concat(chunks).toString()));
    });
  return { status: answer.status, headers: answer.headers, text: String(answer.body) };
}

async function linkOf(server: TestServer, id: string, output = 'cloud_mask'): Promise<string> {
  const { body } = await server.request.get(`/jobs/${id}/results`).expect(200);
  return (body as Record<string, { href: string }>)[output]?.href ?? '';
}

describe.skipIf(!hasStrictS3())('results in a bucket', () => {
  let world: BucketWorld;
  let server: TestServer;
  let id: string;
  let link: string;
  let finish: () => void;
  let finished: Promise<void>;
  beforeAll(async () => {
    await new Promise<void>((ready, failed) => {
      finished = withBucketWorld(async (made) => {
        world = made;
        id = await addFinishedJob(world.dataDirectory, { storage: world.storage });
        server = await world.start();
        link = await linkOf(server, id);
        const end = new Promise<void>((done) => (finish = done));
        ready();
        await end;
        await server.close();
      });
      finished.catch(failed);
    });
  });
  afterAll(async () => {
    finish();
    await finished;
  });

  it('answer a link with a fresh address, which gives the file by ranges under its name', async () => {
    const answer = await ask(server, link);
    expect([answer.status, answer.headers['cache-control']]).toEqual([307, 'no-store']);
    const url = answer.headers['location'] ?? '';
    expect(
      url.startsWith(`${world.s3.endpointUrl}/${bucket}/${prefix}/jobs/${id}/1/mask.tif?`),
    ).toBe(true);
    const file = await fetch(url, { headers: { Range: 'bytes=2-5' } });
    expect([file.status, await file.text()]).toEqual([206, content.slice(2, 6)]);
    expect(file.headers.get('Content-Type')).toBe(tiffType);
    expect(file.headers.get('Content-Disposition')).toBe('inline; filename="mask.tif"');
    const followed = await fetch(link);
    expect(await followed.text()).toBe(content);
    expect(server.log()).not.toContain('X-Amz-Signature');
  });

  it('answer HEAD and conditions themselves', async () => {
    const head = await ask(server, link, {}, 'head');
    expect(head.status).toBe(200);
    expect(head.headers).toMatchObject({
      'content-length': String(content.length),
      'content-type': tiffType,
      'accept-ranges': 'bytes',
    });
    const etag = head.headers['etag'] ?? '';
    expect((await ask(server, link, { 'If-None-Match': etag })).status).toBe(304);
    expect((await ask(server, link, { 'If-None-Match': '"other"' })).status).toBe(307);
  });

  it.each<[string, Headers]>([
    ['a script or picture of a page', page],
    ['a picture', { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'no-cors' }],
    ['a script of another site, without Sec-Fetch', { Origin: 'https://viewer.example' }],
    ['a page without Sec-Fetch', { Referer: 'http://masks.example/jobs' }],
  ])('serve %s themselves', async (_what, headers) => {
    const whole = await ask(server, link, headers);
    expect([whole.status, whole.text]).toEqual([200, content]);
  });

  it.each<[string, Headers]>([
    ['a click on a link', { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'navigate' }],
    ['fetch of Node.js', { 'Sec-Fetch-Mode': 'cors' }],
    ['GDAL', { 'User-Agent': 'GDAL/3.12.3', Range: 'bytes=0-16383' }],
  ])('redirect %s', async (_what, headers) => {
    expect((await ask(server, link, headers)).status).toBe(307);
  });

  it('serve pages by ranges and conditions', async () => {
    const part = await ask(server, link, { ...page, Range: 'bytes=5-9' });
    expect([part.status, part.text]).toEqual([206, content.slice(5, 10)]);
    expect(part.headers['content-range']).toBe(`bytes 5-9/${content.length}`);
    const etag = part.headers['etag'] ?? '';
    const cases: readonly (readonly [Headers, number, string | RegExp])[] = [
      [{ Range: 'bytes=-3' }, 206, content.slice(-3)],
      [{ Range: 'bytes=15-' }, 206, content.slice(15)],
      [{ Range: 'bytes=0-1,4-5' }, 200, content],
      [{ Range: 'lines=1-2' }, 200, content],
      [{ Range: 'bytes=99-' }, 416, /has 20 bytes/],
      [{ Range: 'bytes=5-9', 'If-Range': etag }, 206, content.slice(5, 10)],
      [{ Range: 'bytes=5-9', 'If-Range': '"other"' }, 200, content],
      [{ 'If-None-Match': etag }, 304, ''],
      [{ 'If-Match': '"other"' }, 412, /precondition-failed/],
      [{ 'If-Match': etag }, 200, content],
    ];
    for (const [headers, status, text] of cases) {
      const answer = await ask(server, link, { ...page, ...headers });
      expect([headers, answer.status]).toEqual([headers, status]);
      expect(answer.text).toMatch(typeof text === 'string' ? new RegExp(`^${text}$`) : text);
    }
  });

  it('stand in documents, as values and in parts, and in pages', async () => {
    const { body } = await server.request.get(`/jobs/${id}/results`);
    expect((body as { statistics: unknown }).statistics).toMatchObject({
      value: { cloud_cover: 12.5 },
    });
    const raw = await ask(server, `/jobs/${id}/results/cloud_mask`, { Range: 'bytes=0-3' });
    expect([raw.status, raw.text]).toEqual([206, content.slice(0, 4)]);
    const outputs = {
      cloud_mask: { transmissionMode: 'value' },
      preview: { transmissionMode: 'value' },
    } as const;
    const options = { storage: world.storage, response: 'raw', outputs } as const;
    const many = await addFinishedJob(world.dataDirectory, options);
    const parts = await ask(server, `/jobs/${many}/results`);
    expect(parts.text).toContain(`\r\n\r\n${content}\r\n`);
    const html = await ask(server, `/jobs/${id}/results?f=html`);
    expect([html.status, html.text.includes('12.5')]).toEqual([200, true]);
  });

  it('that are gone from the bucket are damage, and a store that does not answer says so', async () => {
    const lost = await addFinishedJob(world.dataDirectory, { storage: world.storage });
    const address = await linkOf(server, lost);
    await world.storage.remove(`jobs/${lost}`);
    const gone = await ask(server, address);
    expect([gone.status, (JSON.parse(gone.text) as { type: string }).type]).toEqual([
      500,
      'urn:senseiv2-cloudmask:problem:unusable',
    ]);
    let fault: Fault | undefined;
    await withFaultProxy(
      world.s3.endpointUrl,
      () => fault,
      async ({ url }) => {
        const other = await world.start({
          dataDirectory: `${world.dataDirectory}/other`,
          settings: { RESULT_S3_ENDPOINT_URL: url, LINK_SECRET: 'x'.repeat(32) },
        });
        try {
          const options = { storage: world.storage };
          const kept = await addFinishedJob(`${world.dataDirectory}/other`, options);
          const path = await linkOf(other, kept);
          fault = { kind: 'answer', status: 503, code: 'SlowDown' };
          const answer = await ask(other, path);
          expect([answer.status, answer.headers['retry-after']]).toEqual([503, '10']);
          expect(answer.text).toContain('problem:store-unavailable');
          const ready = await other.request.get('/readyz').expect(503);
          expect(ready.body).toMatchObject({ status: 'not ready', results: 'does not answer' });
        } finally {
          await other.close();
        }
      },
    );
  });
});

describe.skipIf(!hasStrictS3())('the life of results in a bucket', () => {
  const keysOf = async ({ s3 }: BucketWorld): Promise<number> =>
    (await contentOf(ownClient(s3), bucket, `${prefix}/`)).objects.length;

  it('ends after 14 days, also when the server was started again meanwhile', () =>
    withBucketWorld(async (world) => {
      let now = new Date('2026-01-01T00:00:00Z');
      const at = (days: number) => {
        now = new Date(Date.parse('2026-01-01T00:00:00Z') + days * day);
      };
      const options = { now: () => now, settings: { LINK_SECRET: 'x'.repeat(32), PORT: '0' } };
      const { dataDirectory, storage } = world;
      const id = await addFinishedJob(dataDirectory, { storage, now: options.now });
      const first = await world.start(options);
      const { pathname } = new URL(await linkOf(first, id));
      at(13.9);
      await first.request.get(pathname).redirects(0).expect(307);
      await first.close();
      expect(await keysOf(world)).toBe(5);
      at(14.1);
      const second = await world.start(options);
      try {
        await second.request.get(pathname).redirects(0).expect(410);
        await until(async () => (await keysOf(world)) === 0, 'the objects are removed');
        await second.request.get(pathname).expect(410);
        await second.request.get(`/jobs/${id}/results`).expect(410);
        await second.request.get(`/jobs/${id}`).expect(200);
        at(30.1);
        await second.app.sweep();
        await second.request.get(`/jobs/${id}`).expect(404);
      } finally {
        await second.close();
      }
    }));

  it('ends when the job is dismissed', () =>
    withBucketWorld(async (world) => {
      const id = await addFinishedJob(world.dataDirectory, { storage: world.storage });
      const server = await world.start();
      try {
        const { pathname } = new URL(await linkOf(server, id));
        await server.request.delete(`/jobs/${id}`).expect(200);
        await server.request.get(pathname).redirects(0).expect(410);
        await until(async () => (await keysOf(world)) === 0, 'the objects are removed');
      } finally {
        await server.close();
      }
    }));

  it('begins with the removal of what killed attempts have left', () =>
    withBucketWorld(async (world) => {
      const client = ownClient(world.s3);
      const id = await addFinishedJob(world.dataDirectory, { storage: world.storage });
      await beginUpload(client, bucket, `${prefix}/jobs/${id}/7/mask.tif`);
      await beginUpload(client, bucket, `${prefix}/jobs/nobody/1/mask.tif`);
      const server = await world.start();
      try {
        await until(
          async () => (await contentOf(client, bucket)).unfinished.length === 0,
          'what was begun is ended',
        );
        expect(await keysOf(world)).toBe(5);
      } finally {
        await server.close();
      }
    }));
});

describe.skipIf(!hasStrictS3())('a bucket that cannot be used', () => {
  it.each([
    ['there is none', { RESULT_STORE: 's3://no-such-bucket' }, /no such bucket. Create it/],
    ['another region', { RESULT_S3_REGION: 'eu-west-1' }, /is in us-east-1. Set RESULT_S3_REGION/],
    [
      'nobody there',
      { RESULT_S3_ENDPOINT_URL: 'http://127.0.0.1:9' },
      /cannot be reached. Check RESULT_S3_ENDPOINT_URL/,
    ],
  ])('ends the start with a remedy: %s', (_what, settings, says) =>
    withBucketWorld(async (world) => {
      await expect(world.start({ settings })).rejects.toMatchObject({
        name: 'Misconfigured',
        message: expect.stringMatching(says),
      });
    }),
  );

  it('ends the start with a remedy: wrong keys', () =>
    withBucketWorld(async (world) => {
      process.env['AWS_SECRET_ACCESS_KEY'] = 'MARKER';
      const failure = await world.start().catch((error: unknown) => error);
      expect(failure).toMatchObject({
        name: 'Misconfigured',
        message: expect.stringMatching(/^RESULT_STORE=s3:\/\/results\/masks: .*keys/),
      });
      expect(String(failure)).not.toContain('MARKER');
    }));
});
