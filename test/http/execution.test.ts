import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, untilStatus, type TestServer } from '../support/server.ts';

const product = 'S2B_MSIL1C_20240501T101559_N0510_R065_T32TQM_20240501T122659.SAFE';
let folder: string;
let server: TestServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudmask-products-'));
  const root = join(folder, 'root');
  await mkdir(join(root, product), { recursive: true });
  await mkdir(join(folder, 'outside.SAFE'));
  await writeFile(join(root, 'file.SAFE'), '');
  await symlink(join(folder, 'outside.SAFE'), join(root, 'escape.SAFE'));
  server = await startTestServer({ settings: { PRODUCT_ROOTS: root, MAX_BODY_BYTES: '100000' } });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const mask = (inputs: object, more: object = {}) =>
  server.request.post('/processes/senseiv2-cloudmask/execution').send({ inputs, ...more });

const faultsOf = (answer: { body: { faults: { input: string; message: string }[] } }) =>
  Object.fromEntries(answer.body.faults.map((fault) => [fault.input, fault.message]));

describe('POST /processes/senseiv2-cloudmask/execution', () => {
  it.each(['respond-async', 'respond-sync', undefined, 'respond-async;return=representation'])(
    'answers 201 with a job for Prefer %s',
    async (prefer) => {
      const request = mask({ product });
      const answer = await (prefer === undefined ? request : request.set('Prefer', prefer)).expect(
        201,
      );
      expect(answer.body).toEqual({
        jobID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        id: answer.body.jobID,
        processID: 'senseiv2-cloudmask',
        type: 'process',
        status: 'accepted',
        message: 'Waiting for a free place to run.',
        progress: 0,
        created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        updated: answer.body.created,
        links: [
          {
            href: `${server.root}/jobs/${answer.body.jobID}`,
            rel: 'self',
            type: 'application/json',
            title: 'This document',
          },
          {
            href: `${server.root}/jobs/${answer.body.jobID}`,
            rel: 'monitor',
            type: 'application/json',
            title: 'Status of the job',
          },
          ...[
            ['logs', 'log', 'What happened to the job'],
            ['definition', 'describedby', 'The execute request'],
            ['prov', 'http://www.w3.org/ns/prov#has_provenance', 'Provenance'],
          ].map(([path, rel, title]) => ({
            href: `${server.root}/jobs/${answer.body.jobID}/${path}`,
            rel,
            type: 'application/json',
            title,
          })),
        ],
      });
      expect(answer.headers['preference-applied']).toBe(
        prefer?.startsWith('respond-async') ? 'respond-async' : undefined,
      );
      await server.request.delete(`/jobs/${answer.body.jobID}`).expect(200);
    },
  );

  it('fails a job whose product is not one, with 400 and the cause at its results', async () => {
    const { body } = await mask({ product: product.replace('.SAFE', '') }).expect(201);
    const status = await untilStatus(server, body.jobID, 'failed');
    const answer = await server.request.get(`/jobs/${body.jobID}/results`).expect(400);
    expect(answer.body).toMatchObject({ status: 400, detail: status.message });
  });

  it('reports all faults at once, each with what is accepted', async () => {
    const answer = await mask(
      {
        product: '../outside',
        stride: 100,
        categorise: 'yes',
        colour: 'red',
        output_style: '5-class',
      },
      { outputs: { mask: {}, preview: { transmissionMode: 'mail' } }, response: {} },
    ).expect(400);
    expect(faultsOf(answer)).toEqual({
      colour: expect.stringContaining('there is no such input; accepted: product, output_style'),
      output_style: 'found "5-class"; accepted: "4-class", "cloud-noncloud", "valid-invalid"',
      stride: 'found 100; accepted: 64, 128, 256, 384, 512',
      categorise: 'found "yes"; accepted: boolean',
      'outputs/mask': expect.stringContaining(
        'accepted: cloud_mask, statistics, preview, item, true_colour',
      ),
      'outputs/preview/transmissionMode': 'found "mail"; accepted: "value", "reference"',
      response: 'found an object; accepted: "raw", "document"',
      product: expect.stringContaining('there is no such product below the product folders'),
    });
  });

  it.each([
    '..',
    '.',
    '/',
    '/etc',
    '../outside.SAFE',
    'escape',
    'escape.SAFE',
    'file.SAFE',
    'absent',
    `./../root/${product}`,
    'a\u0000b',
  ])('refuses the product path %j without telling what lies there', async (path) => {
    const answer = await mask({ product: path }).expect(400);
    expect(Object.keys(faultsOf(answer))).toEqual(['product']);
    expect(answer.body.detail).not.toContain(folder);
  });

  it('refuses a path outside in the same words, whether or not something is there', async () => {
    const words = async (name: string) =>
      faultsOf(await mask({ product: join(folder, name) }).expect(400))['product']?.replace(
        name,
        '…',
      );
    expect(await words('outside.SAFE')).toBe(await words('nothing-here'));
  });

  it('refuses each s3 input with TEMPORARY', async () => {
    const answer = await mask({ product, s3_bucket: 'bucket', s3_prefix: 'x' }).expect(400);
    expect(Object.keys(faultsOf(answer))).toEqual(['s3_bucket', 's3_prefix']);
  });

  it('PRIVATE: names missing keys', async () => {
    const answer = await mask({ product, output_storage: 'PRIVATE', s3_bucket: 'bucket' }).expect(
      400,
    );
    expect(faultsOf(answer)).toEqual({
      s3_access_key: 'missing; required with output_storage PRIVATE',
      s3_secret_key: 'missing; required with output_storage PRIVATE',
    });
  });
});

describe('POST /processes/:processId/execution', () => {
  const echo = '/processes/echo/execution';

  it.each([
    ['no inputs', {}, 'inputs'],
    ['inputs that are no object', { inputs: [] }, 'inputs'],
    ['a missing required input', { inputs: {} }, 'a'],
    [
      'a link for an input by value',
      { inputs: { a: 'x', b: { href: 'http://localhost/x' } } },
      'b',
    ],
    ['a fraction for an integer', { inputs: { a: 'x', pause: 0.5 } }, 'pause'],
    ['a too large number', { inputs: { a: 'x', pause: 61 } }, 'pause'],
    ['a bounding box of 5 numbers', { inputs: { a: 'x', c: { bbox: [1, 2, 3, 4, 5] } } }, 'c'],
    ['too many items', { inputs: { a: 'x', d: Array.from({ length: 10_001 }, () => 1) } }, 'd'],
    [
      'another media type',
      { inputs: { a: 'x', b: { value: '<x/>', mediaType: 'text/plain' } } },
      'b/mediaType',
    ],
    [
      'a mode that the process does not offer',
      { inputs: { a: 'x' }, outputs: { a: { transmissionMode: 'reference' } } },
      'outputs/a/transmissionMode',
    ],
    [
      'another output format',
      { inputs: { a: 'x' }, outputs: { b: { format: { mediaType: 'image/png' } } } },
      'outputs/b/format/mediaType',
    ],
    [
      '__proto__ as an input',
      JSON.parse('{"inputs":{"a":"x","__proto__":{}}}') as object,
      '__proto__',
    ],
  ])('answers 400 naming the input for %s', async (_name, body, input) => {
    const answer = await server.request
      .post(echo)
      .set('Content-Type', 'application/json')
      .send(JSON.stringify(body))
      .expect(400);
    expect(answer.body).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      status: 400,
    });
    expect(Object.keys(faultsOf(answer))).toEqual([input]);
  });

  it.each(['null', '5', '"text"', '[]'])('answers 400 for the body %s', async (body) => {
    await server.request.post(echo).set('Content-Type', 'application/json').send(body).expect(400);
  });

  it.each(['inputs', 'outputs'])(
    'says 50 of very many faults in %s, in few words',
    async (where) => {
      const names = Array.from({ length: 5000 }, (_, index) => [`none-${index}`, 1] as const);
      const long = ['x'.repeat(5000), 1] as const;
      const many = Object.fromEntries([long, ...names]);
      const body = { inputs: { a: 'x' }, [where]: many };
      const answer = await server.request.post(echo).send(body).expect(400);
      expect(answer.body.faults).toHaveLength(51);
      expect(answer.body.faults.at(-1).message).toMatch(/^and 49\d\d more faults$/);
      expect(answer.body.faults[0].input).toMatch(/^(?:outputs\/)?x{80}…$/);
      expect(answer.text.match(/accepted: a, b, c, d, m/g)).toHaveLength(2); // In the list and in the detail.
      expect(answer.text.length).toBeLessThan(10_000);
    },
  );

  it('answers a document with qualified values unwrapped and wrapped again', async () => {
    const inputs = {
      a: { value: 'x' },
      b: { value: '<x/>', mediaType: 'Text/XML' },
      c: { bbox: [1, 2, 3, 4] },
      m: 2,
    };
    const { body } = await server.request
      .post(echo)
      .send({ inputs, response: 'document', mode: 'async' })
      .expect(200);
    expect(body).toEqual({
      a: { value: 'x' },
      b: { value: '<x/>', mediaType: 'text/xml' },
      c: { bbox: [1, 2, 3, 4] },
      m: { value: 2 },
    });
  });

  it('takes JSON without Content-Type and as application/*+json', async () => {
    const body = JSON.stringify({ inputs: { a: 'x' }, outputs: { a: {} } });
    await server.request
      .post(echo)
      .set('Content-Type', 'application/ld+json')
      .send(body)
      .expect(200, 'x');
    const answer = await fetch(server.root + echo, { method: 'POST', body: new Blob([body]) });
    expect([answer.status, await answer.text()]).toEqual([200, 'x']);
  });

  it('answers 400 for broken JSON without quoting it', async () => {
    const answer = await server.request
      .post(echo)
      .set('Content-Type', 'application/json')
      .send('{"inputs": {"s3_secret_key": "MARK')
      .expect(400);
    expect(answer.body).toMatchObject({ status: 400, detail: 'The body is not valid JSON.' });
  });

  it('answers 400 for a body that is nested too deeply, wherever that is', async () => {
    const deep = `${'['.repeat(9000)}${']'.repeat(9000)}`;
    const bodies = [
      deep,
      `{"inputs":{"a":${deep}}}`,
      `{"inputs":{"a":"x"},"outputs":${deep}}`,
      `{"inputs":{"a":"x"},"response":${deep}}`,
    ];
    for (const body of bodies) {
      const answer = await server.request
        .post(echo)
        .set('Content-Type', 'application/json')
        .send(body)
        .expect(400);
      expect(answer.body.detail).toBe('The body is nested more than 64 levels deep.');
    }
    await server.request
      .post(echo)
      .send({ inputs: { a: 'x' }, extra: JSON.parse('['.repeat(60) + ']'.repeat(60)) as object })
      .expect(200);
  });

  it('answers 404, 413 and 415 as problems', async () => {
    await server.request.post('/processes/none/execution').send({ inputs: {} }).expect(404);
    await server.request
      .post(echo)
      .send({ inputs: { a: 'x'.repeat(100_000) } })
      .expect(413);
    const bomb = gzipSync(JSON.stringify({ inputs: { a: 'x'.repeat(1_000_000) } }));
    const zipped = await fetch(server.root + echo, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      body: new Uint8Array(bomb),
    });
    expect(zipped.status).toBe(413);
    const answer = await server.request
      .post(echo)
      .set('Content-Type', 'text/xml')
      .send('<x/>')
      .expect(415);
    expect(answer.body).toMatchObject({
      status: 415,
      type: expect.any(String),
      detail: 'found "text/xml"; accepted: application/json',
    });
  });
});
