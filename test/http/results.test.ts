import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addFinishedJob,
  allByValue,
  files,
  temporaryDataFolder,
  tiffType,
} from '../support/finished-job.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const value = { transmissionMode: 'value' } as const;
const reference = { transmissionMode: 'reference' } as const;

let dataDirectory: string;
let server: TestServer;
const ids: Record<string, string> = {};

beforeAll(async () => {
  dataDirectory = await temporaryDataFolder();
  const add = async (name: string, options: Parameters<typeof addFinishedJob>[1]) => {
    ids[name] = await addFinishedJob(dataDirectory, options);
  };
  await add('absent', { outputs: allByValue });
  await add('document', {
    response: 'document',
    outputs: { cloud_mask: value, statistics: reference, item: value },
  });
  await add('raw one', { response: 'raw', outputs: { cloud_mask: value } });
  await add('raw many', { response: 'raw', outputs: { cloud_mask: value, statistics: value } });
  await add('raw references', {
    response: 'raw',
    outputs: { cloud_mask: reference, statistics: reference },
  });
  await add('raw mixed', {
    response: 'raw',
    outputs: { cloud_mask: reference, statistics: value },
  });
  server = await startTestServer({ dataDirectory });
});
afterAll(async () => {
  await server.close();
  await rm(dataDirectory, { recursive: true });
});

const results = (name: string) => server.request.get(`/jobs/${ids[name]}/results`);

/** Reads any answer as text. */
const asText = (request: ReturnType<typeof results>) =>
  request.buffer(true).parse((response, done) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => done(null, Buffer.concat(chunks).toString()));
  });

const linkTo = async (outputId: keyof typeof files): Promise<string> => {
  const { body } = await results('absent');
  return (body as Record<string, { href: string }>)[outputId]?.href ?? '';
};

describe('GET /jobs/:jobId/results', () => {
  it('answers a document when the request did not say: files as links, JSON by value', async () => {
    const { body } = await results('absent').expect(200).expect('Content-Type', 'application/json');
    const href = (name: string) =>
      expect.stringMatching(
        new RegExp(`^${server.root}/results/${ids['absent']}/[\\w-]{43}/${name}$`),
      );
    expect(body).toEqual({
      cloud_mask: { href: href('mask\\.tif'), type: tiffType, title: 'Cloud mask' },
      statistics: { value: { cloud_cover: 12.5 }, mediaType: 'application/json' },
      preview: { href: href('preview\\.png'), type: 'image/png', title: 'Preview' },
      // Its bbox member would make an inline value fit two schemas of the standard.
      item: {
        href: expect.stringMatching(/item\.json$/) as string,
        title: 'STAC Item',
        type: 'application/geo+json',
      },
      true_colour: { href: href('true_colour\\.webp'), type: 'image/webp', title: 'True colour' },
    });
  });

  it('answers the mask itself when the request did not say and Accept names its type', async () => {
    const answer = await asText(results('absent').set('Accept', 'image/tiff'))
      .expect(200)
      .expect('Content-Type', tiffType);
    expect(answer.body).toBe(files.cloud_mask[2]);
  });

  it('answers a page to a browser, which lists types of pictures for everything', async () => {
    const accept =
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8';
    await results('absent')
      .set('Accept', accept)
      .expect(200)
      .expect('Content-Type', 'text/html; charset=utf-8');
  });

  // /req/core/job-results-async-document
  it('answers a document with references where they were asked for', async () => {
    const { body } = await results('document').set('Accept', 'image/tiff').expect(200);
    expect(body).toEqual({
      cloud_mask: {
        href: expect.stringMatching(/mask\.tif$/),
        type: tiffType,
        title: 'Cloud mask',
      },
      statistics: {
        href: expect.stringMatching(/statistics\.json$/),
        type: 'application/json',
        title: 'Statistics',
      },
      // Its bbox member would make an inline value fit two schemas of the standard.
      item: {
        href: expect.stringMatching(/item\.json$/) as string,
        title: 'STAC Item',
        type: 'application/geo+json',
      },
    });
  });

  // /req/core/job-results-async-raw-value-one
  it('answers raw, value, one output: the file in its own media type', async () => {
    const answer = await asText(results('raw one')).expect(200).expect('Content-Type', tiffType);
    expect(answer.body).toBe(files.cloud_mask[2]);
  });

  // /req/core/job-results-async-raw-value-multi
  it('answers raw, value, many outputs: multipart/related with Content-ID', async () => {
    const answer = await asText(results('raw many'))
      .expect(200)
      .expect('Content-Type', /^multipart\/related/);
    expect(answer.body).toContain(
      `Content-Type: ${tiffType}\r\nContent-ID: cloud_mask\r\n\r\n${files.cloud_mask[2]}\r\n--`,
    );
    expect(answer.body).toContain(`Content-ID: statistics\r\n\r\n${files.statistics[2]}\r\n--`);
    expect(answer.headers['content-length']).toBe(String((answer.body as string).length));
  });

  // /req/core/job-results-async-raw-ref
  it('answers raw, reference: 204 with a Link header for each output', async () => {
    const answer = await results('raw references').expect(204);
    const link = String(answer.headers['link']);
    expect(link).toMatch(
      /<http[^>]+\/mask\.tif>; rel="item"; title="cloud_mask"; type="image\/tiff/,
    );
    expect(link).toMatch(/<http[^>]+\/statistics\.json>; rel="item"; title="statistics"/);
  });

  // /req/core/job-results-async-raw-mixed-multi
  it('answers raw, mixed: the part by reference has Content-Location and an empty body', async () => {
    const answer = await asText(results('raw mixed')).expect(200);
    expect(answer.body).toMatch(
      /Content-ID: cloud_mask\r\nContent-Location: http\S+\/mask\.tif\r\n\r\n\r\n--/,
    );
    expect(answer.body).toContain(files.statistics[2]);
  });

  it('answers HEAD with the length of GET', async () => {
    const got = await asText(results('raw many'));
    const head = await server.request.head(`/jobs/${ids['raw many']}/results`).expect(200);
    expect(head.headers['content-length']).toBe(got.headers['content-length']);
  });
});

describe('GET /jobs/:jobId/results/:outputId', () => {
  it.each(['raw one', 'absent'])(
    'conditions and ranges of %s, also of all results',
    async (name) => {
      const paths = [`/jobs/${ids[name]}/results`, `/jobs/${ids[name]}/results/cloud_mask`];
      for (const path of paths) {
        const { headers } = await server.request.get(path).expect(200);
        const etag = String(headers['etag']);
        await server.request.get(path).set('If-None-Match', etag).expect(304);
        const isFile = headers['content-type'] === tiffType;
        const ask = (header: string, content: string) =>
          server.request.get(path).set(header, content);
        await ask('Range', 'bytes=0-1').expect(isFile ? 206 : 200);
        await ask('Range', 'bytes=9999-').expect(isFile ? 416 : 200);
        await ask('If-Match', '"other"').expect(isFile ? 412 : 200);
      }
    },
  );

  it('answers the output, ranges too', async () => {
    const path = `/jobs/${ids['absent']}/results/cloud_mask`;
    await server.request
      .get(path)
      .expect(200)
      .expect('Content-Type', tiffType)
      .expect('Content-Length', '20');
    await server.request
      .get(path)
      .set('Range', 'bytes=5-9')
      .expect(206)
      .expect('Content-Range', 'bytes 5-9/20');
  });

  it('answers 404 naming the outputs when there is no such output', async () => {
    const { body } = await server.request
      .get(`/jobs/${ids['raw one']}/results/preview`)
      .expect(404);
    expect(body.detail).toBe('The job has no output "preview". Outputs: cloud_mask.');
  });
});

describe('GET /results/:jobId/:signature/:fileName', () => {
  it('answers GET, HEAD and ranges with everything that GDAL needs', async () => {
    const path = new URL(await linkTo('cloud_mask')).pathname;
    const head = await server.request.head(path).expect(200);
    expect(head.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': '20',
      'content-type': tiffType,
      'content-disposition': 'inline; filename="mask.tif"',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-transform',
      'last-modified': expect.any(String),
      etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
    });
    const etag = String(head.headers['etag']);
    const part = await asText(
      server.request.get(path).set('Range', 'bytes=10-12').set('If-Range', etag),
    ).expect(206);
    expect(part.body).toBe('abc');
    await server.request.get(path).set('If-None-Match', etag).expect(304);
    await server.request.get(path).set('Range', 'bytes=100-').expect(416);
    await server.request.get(path).set('If-Match', etag).expect(200);
    const conditions = [
      ['If-Match', '"other"'],
      ['If-Unmodified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ] as const;
    for (const [name, condition] of conditions) {
      const { body } = await server.request.get(path).set(name, condition).expect(412);
      expect(body).toMatchObject({ status: 412, type: expect.stringContaining('precondition') });
    }
    const zipped = await server.request.get(path).set('Accept-Encoding', 'gzip');
    expect(zipped.headers).not.toHaveProperty('content-encoding');
  });

  it.each(['mask.tif.aux.xml', 'mask.tif.ovr', 'mask.tif.msk', '..%2Fx', 'link-secret'])(
    'answers a plain 404 for %s beside a result',
    async (name) => {
      const folder = new URL(await linkTo('cloud_mask')).pathname.replace(/[^/]+$/, '');
      const answer = await server.request
        .get(folder + name)
        .expect(404)
        .expect('Content-Type', /^text\/plain/);
      expect(answer.text).toBe('Not found.\n');
    },
  );

  it('answers a plain 404 for a wrong signature, and the signature of another job', async () => {
    const path = new URL(await linkTo('cloud_mask')).pathname;
    const [, , , signature = ''] = path.split('/');
    await server.request.get(path.replace(signature, 'A'.repeat(43))).expect(404, 'Not found.\n');
    await server.request
      .get(path.replace(String(ids['absent']), String(ids['raw one'])))
      .expect(404, 'Not found.\n');
  });

  it('does not log signatures', async () => {
    const path = new URL(await linkTo('cloud_mask')).pathname;
    await server.request.get(path);
    expect(server.log()).toContain(`/results/${ids['absent']}/***/mask.tif`);
    expect(server.log()).not.toContain(path.split('/')[3]);
  });
});
