/**
 * Our own checks of what the official suite asserts (its 54 points, `conformance/README.md`). Not the
 * official suite. Test names carry the names that the suite uses.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startTestServer,
  untilStatus,
  type StatusInfo,
  type TestServer,
} from '../support/server.ts';

const ogc = 'http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0';
const defaults = { a: 'teststring', m: 'teststring', pause: 0 };
const allOutputs = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'm'].map((id) => [id, { transmissionMode: 'value' }]),
);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const execute = (body: object, prefer?: string) => {
  const post = server.request
    .post('/processes/echo/execution')
    .set('Accept', 'application/json')
    .set('Content-Type', 'application/json; charset=UTF-8');
  return prefer === undefined ? post.send(body) : post.set('Prefer', prefer).send(body);
};

describe('landing page, conformance and lists', () => {
  it('GeneralHttp, LandingPageRetrieval, LandingPageValidation: JSON with the links of the standard', async () => {
    const answer = await server.request
      .get('/')
      .expect(200)
      .expect('Content-Type', /application\/json/);
    const rels = (answer.body as { links: { rel: string; href: string }[] }).links.map(
      (link) => link.rel,
    );
    expect(rels).toEqual([
      'self',
      'service-desc',
      'http://www.opengis.net/def/rel/ogc/1.0/conformance',
      'http://www.opengis.net/def/rel/ogc/1.0/processes',
      'http://www.opengis.net/def/rel/ogc/1.0/job-list',
    ]);
  });

  it('ValidateConformanceOperationAndResponse: core is declared', async () => {
    const { body } = await server.request.get('/conformance').expect(200);
    expect(body.conformsTo).toContain(
      'http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core',
    );
  });

  it('PlLimitResponse, PlLinks: limit=1 gives exactly one process', async () => {
    const { body } = await server.request.get('/processes?limit=1').expect(200);
    expect(body.processes).toHaveLength(1);
    expect(body.links.map((link: { rel: string }) => link.rel)).toEqual(['self', 'next']);
  });

  it('ProcessList, ProcessListSuccess: summaries have id, version and the two lists', async () => {
    const { body } = await server.request.get('/processes').expect(200);
    for (const process of body.processes) {
      expect(process).toMatchObject({
        id: expect.any(String),
        version: expect.any(String),
        jobControlOptions: expect.any(Array),
        outputTransmission: expect.any(Array),
      });
      expect(process).not.toHaveProperty('inputs');
    }
  });

  it('ProcessExceptionNoSuchProcess: 404 with the exception type', async () => {
    const { body } = await server.request
      .get(`/processes/invalid-process-${randomUUID()}`)
      .expect(404);
    expect(body).toMatchObject({
      type: `${ogc}/no-such-process`,
      status: 404,
      title: expect.any(String),
    });
  });

  it('JobList, JobListSuccess: not empty, with links', async () => {
    await execute({ inputs: defaults }, 'respond-async').expect(201);
    const { body } = await server.request.get('/jobs').expect(200);
    expect(body.jobs.length).toBeGreaterThan(0);
    expect(body.jobs[0]).toMatchObject({
      jobID: expect.any(String),
      processID: 'echo',
      type: 'process',
    });
    expect(body.links[0].rel).toBe('self');
  });
});

describe('OGC process description', () => {
  const forbidden = ['$ref', 'const', '$schema', '$defs', 'examples', 'prefixItems'];
  const wordsOf = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? [...Object.keys(value), ...Object.values(value).flatMap(wordsOf)]
      : [];

  it.each(['echo', 'senseiv2-cloudmask'])(
    '%s: the OpenAPI 3.0 dialect, inputs and outputs with schemas',
    async (id) => {
      const { body } = await server.request.get(`/processes/${id}`).expect(200);
      expect(
        wordsOf([body.inputs, body.outputs]).filter((word) => forbidden.includes(word)),
      ).toEqual([]);
      for (const put of [...Object.values(body.inputs), ...Object.values(body.outputs)]) {
        expect(put).toMatchObject({ title: expect.any(String), schema: expect.any(Object) });
      }
      expect(body).toMatchObject({ version: expect.any(String), links: expect.any(Array) });
    },
  );

  it('echo: the first input is a plain string, and an output has its id; both have a oneOf', async () => {
    const { body } = await server.request.get('/processes/echo').expect(200);
    expect(Object.entries(body.inputs)[0]).toMatchObject(['a', { schema: { type: 'string' } }]);
    expect(body.outputs).toHaveProperty('a');
    expect(body.inputs.m.schema).toHaveProperty('oneOf');
    expect(body.outputs.m.schema).toHaveProperty('oneOf');
    expect(body.inputs.c.schema.allOf[0]).toEqual({ format: 'ogc-bbox' });
  });
});

describe('synchronous execution', () => {
  it.each([
    ['DefaultExecutionMode, Inputs, InputInline, Op', { inputs: defaults, outputs: allOutputs }],
    ['DefaultOutputs', { inputs: defaults }],
    ['InputArray', { inputs: { ...defaults, d: [1, 2, 3] }, outputs: { d: {} } }],
    ['InputArray without an array output', { inputs: { ...defaults, d: [1, 2, 3] }, outputs: {} }],
    [
      'InputInlineBbox',
      {
        inputs: {
          ...defaults,
          c: { bbox: [51.9, 7, 52, 7.1], crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84' },
        },
        outputs: { c: {} },
      },
    ],
    ['InputInlineMixed', { inputs: { ...defaults, m: 5 }, outputs: allOutputs }],
    [
      'InputInlineObject',
      { inputs: { ...defaults, m: { value: 'teststring' } }, outputs: allOutputs },
    ],
    ['SyncDocument', { inputs: defaults, outputs: allOutputs, response: 'document' }],
    [
      // SyncRawRef and SyncRawMixedMulti need outputs by reference, which echo does not offer: results.test.ts.
      'SyncRawValueMulti',
      { inputs: defaults, outputs: allOutputs, response: 'raw' },
    ],
  ])('%s: 200 without any Link header', async (_name, body) => {
    const answer = await execute(body).expect(200);
    expect(answer.headers).not.toHaveProperty('link');
  });

  it('InputRef, InputValidation 1: all outputs raw are a multipart with the string in a text part', async () => {
    const answer = await execute({ inputs: defaults, outputs: allOutputs })
      .buffer(true)
      .parse((response, done) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => done(null, text));
      })
      .expect(200)
      .expect('Content-Type', /^multipart\/related; boundary="/);
    expect(answer.body).toMatch(
      /Content-Type: text\/plain[^\r]*\r\nContent-ID: a\r\n\r\nteststring\r\n--/,
    );
    expect(String((answer.body as string).length)).toBe(answer.headers['content-length']);
  });

  it('SyncRawValueOne: the body is the string', async () => {
    const answer = await execute({ inputs: defaults, outputs: { a: {} }, response: 'raw' }).expect(
      200,
    );
    expect(answer.text).toBe('teststring');
  });

  it('InputValidation 2: an object for the media-typed input is 400 JSON', async () => {
    const inputs = { ...defaults, b: { type: `wrong/type_${randomUUID()}` } };
    const answer = await execute({ inputs, outputs: allOutputs })
      .expect(400)
      .expect('Content-Type', /^application\/json/);
    expect(answer.body).toMatchObject({ type: expect.any(String), status: 400 });
    expect(answer.body.faults).toMatchObject([{ input: 'b' }]);
  });

  it('JobResultsFailed: a body that is no execute request is 400 JSON', async () => {
    const answer = await execute({ 'invalid-execute-request': 'true)' }).expect(400);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });
});

describe('asynchronous execution', () => {
  it.each([
    [
      'JobCreationOp, Request, SuccessAsync, AutoExecutionMode, JobSuccess',
      { outputs: allOutputs },
    ],
    ['JobResultsAsyncDocument', { outputs: allOutputs, response: 'document' }],
    ['JobResultsAsyncRaw…', { outputs: allOutputs, response: 'raw' }],
  ])('%s: 201, absolute Location, statusInfo without null', async (_name, more) => {
    const answer = await execute({ inputs: defaults, ...more }, 'respond-async ').expect(201);
    const location = String(answer.headers['location']);
    expect(location).toBe(`${server.root}/jobs/${answer.body.jobID}`);
    const { body } = await server.request.get(new URL(location).pathname).expect(200);
    expect(body).toMatchObject({ type: 'process', processID: 'echo', jobID: answer.body.jobID });
    expect(Object.values(body)).not.toContain(null);
    expect((body as StatusInfo).links.map((link) => link.rel)).toContain('monitor');
  });

  it('JobResultsAsyncRawValueOne: the results link leads to the string', async () => {
    const { body } = await execute(
      { inputs: defaults, outputs: { a: {} }, response: 'raw' },
      'respond-async',
    );
    const status = await untilStatus(server, body.jobID, 'successful');
    const results = status.links.find(
      (link) => link.rel === 'http://www.opengis.net/def/rel/ogc/1.0/results',
    );
    const answer = await server.request.get(new URL(results?.href ?? '').pathname).expect(200);
    expect(answer.text).toBe('teststring');
  });

  it('JobResultsExceptionResultsNotReady: 404 with the exact type', async () => {
    const inputs = { a: 'teststring', pause: 5 };
    const { body } = await execute(
      { inputs, outputs: { a: {} }, response: 'raw' },
      'respond-async',
    ).expect(201);
    const answer = await server.request.get(`/jobs/${body.jobID}/results`).expect(404);
    expect(answer.body.type).toBe(`${ogc}/result-not-ready`);
    await server.request.delete(`/jobs/${body.jobID}`).expect(200);
  });

  it('JobExceptionNoSuchJob, JobResultsNoSuchJob: 404 with the exception type', async () => {
    for (const path of ['', '/results']) {
      const answer = await server.request
        .get(`/jobs/invalid-job-${randomUUID()}${path}`)
        .expect(404);
      expect(answer.body.type).toBe(`${ogc}/no-such-job`);
    }
  });
});
