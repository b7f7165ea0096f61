/**
 * What clients that are in use need of a server, point by point: OWSLib, cuiman, ogc-api-processes-client, Weaver's command
 * line, GDAL and QGIS. `npm run clients` runs most of them; here is what each sends, and what it reads in the answer.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFinishedJob, temporaryDataFolder, tiffType } from '../support/finished-job.ts';
import { startEcho, startTestServer, type TestServer } from '../support/server.ts';

const product = 'S2B_MSIL1C_20240501T101559_N0510_R065_T32TQM_20240501T122659.SAFE';
const mask = '/processes/senseiv2-cloudmask/execution';

let dataDirectory: string;
let server: TestServer;
let finished: string;
/** Path of the mask of the finished job. */
let maskPath: string;

beforeAll(async () => {
  dataDirectory = await temporaryDataFolder();
  const products = join(dataDirectory, 'products');
  await mkdir(join(products, product), { recursive: true });
  finished = await addFinishedJob(dataDirectory);
  server = await startTestServer({ dataDirectory, settings: { PRODUCT_ROOTS: products } });
  const { body } = await server.request.get(`/jobs/${finished}/results`);
  maskPath = new URL(String(body.cloud_mask.href)).pathname;
});
afterAll(async () => {
  await server.close();
  await rm(dataDirectory, { recursive: true });
});

interface Linked {
  readonly links: readonly {
    readonly rel: string;
    readonly type?: string;
    readonly href: string;
  }[];
}

/** `*\/*` as most clients send it, or no Accept at all. */
const accepts = ['*/*', undefined];

describe('1 to 3: execution', () => {
  // What each client sends: cuiman nothing, OWSLib an invention, the others parameters, Weaver an unquoted address.
  const preferences = [
    undefined,
    'respond-async',
    'respond-sync',
    'respond-async;return=representation',
    'respond-async; profile=https://www.opengis.net/def/profile/OGC/0/ogc-results',
  ];

  it.each(preferences)(
    '1, 2: Prefer %s makes a job: 201, status document, absolute Location',
    async (prefer) => {
      const post = server.request.post(mask).send({ inputs: { product } });
      const answer = await (prefer === undefined ? post : post.set('Prefer', prefer)).expect(201);
      expect(answer.body).toMatchObject({ type: 'process', status: 'accepted' });
      expect(answer.headers['location']).toBe(`${server.root}/jobs/${answer.body.jobID}`);
      await server.request.delete(`/jobs/${answer.body.jobID}`).expect(200);
    },
  );

  it.each(preferences)('3: Prefer %s is ignored by GET and DELETE', async (prefer) => {
    const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 20 } });
    const header: Record<string, string> = prefer === undefined ? {} : { Prefer: prefer };
    for (const path of ['/', '/processes', '/processes/echo', '/jobs', `/jobs/${jobID}`])
      await server.request
        .get(path)
        .set(header)
        .expect(200)
        .expect('Content-Type', 'application/json');
    await server.request.delete(`/jobs/${jobID}`).set(header).expect(200);
  });
});

describe('4 to 6: documents', () => {
  it.each(accepts)('4: Accept %s gets JSON everywhere', async (accept) => {
    const paths = ['/', '/conformance', '/processes', '/processes/echo', '/jobs'];
    for (const path of [...paths, `/jobs/${finished}`, `/jobs/${finished}/results`]) {
      const request = server.request.get(path);
      await (accept === undefined ? request : request.set('Accept', accept))
        .expect(200)
        .expect('Content-Type', 'application/json');
    }
  });

  it('5: a status document has a whole progress, times with a zone, and links', async () => {
    const { body } = await server.request.get(`/jobs/${finished}`).expect(200);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/) as string;
    expect(body).toMatchObject({
      jobID: finished,
      type: 'process',
      status: 'successful',
      created: time,
      started: time,
      finished: time,
      updated: time,
      links: expect.any(Array),
    });
    expect(Number.isInteger(body.progress)).toBe(true);
    expect(Object.values(body)).not.toContain(null);
  });

  it('6: results are outputs, each a link or an object with its value', async () => {
    const { body } = await server.request.get(`/jobs/${finished}/results`).expect(200);
    const link = { href: expect.any(String), type: expect.any(String), title: expect.any(String) };
    expect(body).toEqual({
      cloud_mask: { ...link, type: tiffType },
      statistics: { value: expect.any(Object), mediaType: 'application/json' },
      preview: link,
      item: link,
      true_colour: link,
    });
  });
});

describe('7 to 9: dismissal, errors, lists', () => {
  it('7: /req/dismiss/job-dismiss-op /req/dismiss/job-dismiss-success: DELETE with a media type and no body answers the whole status document', async () => {
    const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 20 } });
    const answer = await server.request
      .delete(`/jobs/${jobID}`)
      .set('Content-Type', 'application/json')
      .set('Content-Length', '0')
      .expect(200)
      .expect('Content-Type', 'application/json');
    expect(answer.body).toMatchObject({
      jobID,
      type: 'process',
      status: 'dismissed',
      links: expect.any(Array),
    });
  });

  it.each([
    ['get', '/processes/none', 404],
    ['get', '/jobs/none', 404],
    ['get', '/jobs?limit=x', 400],
    ['post', '/processes/echo/execution', 400],
    ['delete', '/jobs/none', 404],
  ] as const)('8: %s %s fails with JSON that has a type', async (method, path, status) => {
    const answer = await server.request[method](path)
      .expect(status)
      .expect('Content-Type', 'application/json');
    expect(answer.body).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      status,
      detail: expect.any(String),
    });
  });

  it.each(['/processes', '/jobs', '/'])(
    '9: %s has links, each with a relation and a type',
    async (path) => {
      const { body } = await server.request.get(path).expect(200);
      const link = { href: expect.any(String), rel: expect.any(String), type: expect.any(String) };
      const { links } = body as Linked;
      expect(links.length).toBeGreaterThan(0);
      for (const one of links) expect(one).toMatchObject(link);
    },
  );

  it('9: processes have a version', async () => {
    const { body } = await server.request.get('/processes').expect(200);
    for (const process of body.processes)
      expect(process).toMatchObject({ id: expect.any(String), version: expect.any(String) });
  });
});

describe('10 to 12: landing page, tolerance, files', () => {
  it('10: /req/core/api-definition-success: the definition has exactly the media type that OWSLib compares', async () => {
    const { body } = await server.request.get('/').set('Accept', '*/*').expect(200);
    const found = (body as Linked).links.filter(({ rel }) => rel === 'service-desc');
    expect(found).toMatchObject([{ type: 'application/vnd.oai.openapi+json;version=3.0' }]);
    await server.request
      .get(new URL(String(found[0]?.href)).pathname)
      .expect(200)
      .expect('Content-Type', 'application/vnd.oai.openapi+json;version=3.0');
  });

  it('11: unknown query parameters and members of newer or older drafts are no fault', async () => {
    await server.request
      .get('/processes/echo?schema=OGC')
      .set('Content-Type', 'application/json')
      .expect(200);
    const answer = await server.request
      .post(mask)
      .send({
        inputs: { product },
        outputs: { cloud_mask: {} },
        mode: 'async',
        response: 'document',
      })
      .expect(201);
    const reference = { cloud_mask: { transmissionMode: 'reference' } };
    const other = await server.request
      .post(mask)
      .send({ inputs: { product }, outputs: reference, mode: 'async', response: 'raw' })
      .expect(201);
    for (const { body } of [answer, other])
      await server.request.delete(`/jobs/${body.jobID}`).expect(200);
  });

  it('11: results take the headers that Weaver sends with them', async () => {
    await server.request
      .get(`/jobs/${finished}/results`)
      .set('Accept', 'application/json')
      .set('Prefer', 'return=minimal')
      .set('Accept-Profile', 'https://www.opengis.net/def/profile/OGC/0/ogc-results')
      .expect(200)
      .expect('Content-Type', 'application/json');
  });

  it('12: a mask answers HEAD and ranges, and no encoding is put on it', async () => {
    const head = await server.request.head(maskPath).set('Accept-Encoding', 'gzip').expect(200);
    expect(head.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': '20',
      'content-type': tiffType,
    });
    expect(head.headers).not.toHaveProperty('content-encoding');
    const part = await server.request.get(maskPath).set('Range', 'bytes=0-4').expect(206);
    expect(part.headers['content-range']).toBe('bytes 0-4/20');
    // Some versions ask for the head of a file that may be shorter than that.
    const whole = await server.request.get(maskPath).set('Range', 'bytes=0-16383').expect(206);
    expect(whole.headers['content-range']).toBe('bytes 0-19/20');
  });

  it.each(['.aux.xml', '.ovr', '.msk', '.AUX.XML', '_rpc.txt', '.tfw', '_MTL.txt', '.hdr'])(
    '12: a name with %s beside a mask is a short 404, however often it is asked for',
    async (ending) => {
      const beside = ending.startsWith('_')
        ? maskPath.replace(/\.tif$/, ending)
        : maskPath + ending;
      for (const method of ['get', 'head'] as const) {
        const answer = await server.request[method](beside).expect(404);
        expect(answer.headers).toMatchObject({
          'content-type': 'text/plain; charset=utf-8',
          'content-length': '11',
        });
        expect(answer.headers).not.toHaveProperty('www-authenticate');
      }
    },
  );

  it('12: the folder of a mask is a 404, not a list', async () => {
    await server.request.get(maskPath.replace(/[^/]+$/, '')).expect(404);
  });

  it('12: side-car names are not worth a line of the log each', async () => {
    await server.request.get(`${maskPath}.aux.xml`).expect(404);
    const lines = server
      .log()
      .split('\n')
      .filter((line) => line.includes('.aux.xml'));
    // 20: debug.
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: 20 });
    expect(lines.length).toBeGreaterThan(0);
  });
});
