import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../src/http/routes.ts';
import { addFinishedJob, temporaryDataFolder } from '../support/finished-job.ts';
import { startEcho, startTestServer, untilStatus, type TestServer } from '../support/server.ts';

let folder: string;
let maskJob: string;
let server: TestServer;
beforeAll(async () => {
  folder = await temporaryDataFolder();
  maskJob = await addFinishedJob(folder);
  server = await startTestServer({ dataDirectory: folder });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const body = {
  inputs: {
    a: 'see https://user:MARKER@example.com/x?token=MARKER and s3://b/k?X-Amz-Signature=MARKER',
    pause: 1,
  },
  outputs: { a: {} },
  response: 'document',
  subscriber: { successUri: 'https://example.com/done?key=MARKER' },
};
const shownInputs = { a: 'see https://example.com/x?*** and s3://b/k?***', pause: 1 };

describe('what is known about a job', () => {
  let jobId: string;
  beforeAll(async () => {
    const answer = await server.request
      .post('/processes/echo/execution')
      .set('Prefer', 'respond-async')
      .send({ ...body, subscriber: undefined });
    jobId = (answer.body as { jobID: string }).jobID;
    await untilStatus(server, jobId, 'successful');
  });

  it('draft of Part 4, provenance/inputs: the inputs, without what grants access', async () => {
    const answer = await server.request.get(`/jobs/${jobId}/inputs`).expect(200);
    expect(answer.body).toEqual(shownInputs);
  });

  it('draft of Part 4, job-management/definition: the execute request', async () => {
    const answer = await server.request.get(`/jobs/${jobId}/definition`).expect(200);
    expect(answer.body).toEqual({
      inputs: shownInputs,
      outputs: { a: { transmissionMode: 'value' } },
      response: 'document',
    });
  });

  it('draft of Part 4, provenance/prov: PROV-JSON of what was used and made', async () => {
    const answer = await server.request.get(`/jobs/${maskJob}/prov`).expect(200);
    const activity = `jobs:${maskJob}`;
    expect(answer.body).toMatchObject({
      prefix: { jobs: `${server.root}/jobs/`, outputs: `${server.root}/jobs/${maskJob}/results/` },
      entity: {
        'processes:senseiv2-cloudmask': {},
        'inputs:product': { 'prov:value': 'x' },
        'outputs:statistics': {
          'cloudmask:mediaType': 'application/json',
          'cloudmask:bytes': 20,
          'cloudmask:sha256': expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
        },
      },
      activity: {
        [activity]: {
          'cloudmask:status': 'successful',
          'prov:startTime': expect.stringMatching(/Z$/) as unknown,
          'prov:endTime': expect.stringMatching(/Z$/) as unknown,
        },
      },
      used: { '_:usage1': { 'prov:activity': activity, 'prov:entity': 'inputs:product' } },
      wasGeneratedBy: {
        '_:generation1': { 'prov:activity': activity, 'prov:entity': 'outputs:cloud_mask' },
      },
    });
  });

  it('GET /jobs/:jobId/logs: what happened, in order, each stage once', async () => {
    const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 3 } });
    await untilStatus(server, jobID, 'successful');
    const { body: answer } = await server.request.get(`/jobs/${jobID}/logs`).expect(200);
    const { logs } = answer as { logs: { time: string; message: string }[] };
    expect(logs.map(({ message }) => message)).toEqual([
      'The job was accepted and waits for a free place to run.',
      'Attempt 1 began.',
      expect.stringMatching(/^Pausing: \d of 3 s$/),
      'The job finished; its results are there.',
    ]);
    expect(logs.map(({ time }) => time)).toEqual(logs.map(({ time }) => time).toSorted());
  });

  it.each(['inputs', 'definition', 'prov', 'logs'])(
    '%s of no job: 404 no-such-job',
    async (what) => {
      const answer = await server.request.get(`/jobs/none/${what}`).expect(404);
      expect(answer.body.type).toMatch(/no-such-job$/);
    },
  );

  it('shows no secret of a STAC Item that was given in the request', async () => {
    const { showable } = await import('../../src/processes/redact.ts');
    const shown = showable({
      type: 'Feature',
      properties: { 'auth:token': 'MARKER', note: 'kept' },
      assets: { red: { href: 'https://x.blob.example.net/B04.tif?sig=MARKER&se=1' } },
      links: [{ rel: 'self', href: 'https://MARKER@example.com/item' }, 5, null],
    });
    expect(shown).toEqual({
      type: 'Feature',
      properties: { 'auth:token': '***', note: 'kept' },
      assets: { red: { href: 'https://x.blob.example.net/B04.tif?***' } },
      links: [{ rel: 'self', href: 'https://example.com/item' }, 5, null],
    });
  });
});

describe('HEAD', () => {
  // What /readyz says changes while a first probe runs.
  const gets = routes.filter(
    ({ method, path }) => method === 'get' && path !== '/readyz' && !path.startsWith('/results/'),
  );
  const places = gets.map(({ path }) => path);

  it.each(places)('answers like GET at %s, with the same length and no body', async (place) => {
    const path = place
      .replace('{processId}/execution', 'echo/execution?a=x')
      .replace('{processId}', 'echo')
      .replace('{jobId}', maskJob)
      .replace('{outputId}', 'cloud_mask');
    const plain = await server.request.get(path).buffer(true);
    const head = await server.request.head(path);
    expect([head.status, head.headers['content-length'], head.text ?? '']).toEqual([
      plain.status,
      plain.headers['content-length'],
      '',
    ]);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
  });
});

describe('Prefer: return=', () => {
  const results = (prefer: string) =>
    server.request.get(`/jobs/${maskJob}/results`).set('Prefer', prefer).expect(200);

  it('minimal: links only, and says that it was applied', async () => {
    const answer = await results('handling=lenient, return=minimal');
    expect(answer.headers['preference-applied']).toBe('return=minimal');
    for (const output of Object.values(answer.body)) expect(output).toHaveProperty('href');
  });

  it('representation: values where they are small', async () => {
    const answer = await results('RETURN="representation"');
    expect(answer.headers['preference-applied']).toBe('return=representation');
    expect(answer.body.statistics).toEqual({
      value: { cloud_cover: 12.5 },
      mediaType: 'application/json',
    });
    expect(answer.body.cloud_mask).toHaveProperty('href');
  });

  it('nothing else is applied', async () => {
    const answer = await results('respond-async, return=other');
    expect(answer.headers).not.toHaveProperty('preference-applied');
    expect(answer.body.statistics).toHaveProperty('value');
  });
});
