import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wordsOf } from '../../support/page-text.ts';
import { startEcho, startTestServer, untilStatus, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const submit = (processId: string, fields: Record<string, string>) =>
  server.request
    .post(`/processes/${processId}/execution`)
    .set('Accept', 'text/html')
    .set('Sec-Fetch-Site', 'same-origin')
    .type('form')
    .send(fields);

const jobCount = async (): Promise<number> =>
  (await server.request.get('/jobs?limit=100')).body.jobs.length as number;

describe('a form of POST /processes/:processId/execution', () => {
  it('starts a job with values of the right types and leads to its page', async () => {
    const fields = {
      a: 'text',
      b: '',
      c: '{"bbox": [1, 2, 3, 4]}',
      d: '[1, 2]',
      m: '5',
      pause: '0',
    };
    const answer = await submit('echo', fields).expect(303);
    expect(answer.headers['location']).toMatch(/^\/jobs\/[0-9a-f-]{36}$/);
    const jobId = String(answer.headers['location']).slice('/jobs/'.length);
    await untilStatus(server, jobId, 'successful');
    const { body } = await server.request.get(`/jobs/${jobId}/results`).expect(200);
    expect(body).toEqual({
      a: { value: 'text' },
      c: { bbox: [1, 2, 3, 4] },
      d: { value: [1, 2] },
      m: { value: 5 },
    });
  });

  it('comes back as it was filled in when it is refused, with all faults and no secrets', async () => {
    const { text } = await submit('senseiv2-cloudmask', {
      product: 'no/such "product"',
      stride: '128',
      output_storage: 'PRIVATE',
      s3_bucket: 'my-masks',
      s3_secret_key: 'very-secret',
    }).expect(400);
    const words = wordsOf(text);
    expect(words).toContain('value="no/such "product""');
    expect(words).toMatch(/name="stride" value="128" checked/);
    expect(words).toContain('value="my-masks"');
    expect(words).not.toContain('very-secret');
    for (const field of ['product', 's3_access_key'])
      expect(words).toContain(`<a href="#f-${field}">`);
  });

  it('leaves out fields of a bucket that is of no use', async () => {
    const { text } = await submit('senseiv2-cloudmask', {
      product: 'none',
      output_storage: 'TEMPORARY',
      s3_bucket: 'my-masks',
    }).expect(400);
    expect(text).toContain('#f-product');
    expect(text).not.toContain('#f-s3_bucket');
  });

  it('is refused when another site sends it, and starts nothing', async () => {
    const before = await jobCount();
    const post = () =>
      server.request.post('/processes/echo/execution').type('form').send({ a: 'x' });
    await post().set('Sec-Fetch-Site', 'cross-site').expect(403);
    await post().set('Sec-Fetch-Site', 'same-site').expect(403);
    await post().set('Origin', 'https://evil.example').expect(403);
    await post().set('Origin', 'null').expect(403);
    expect(await jobCount()).toBe(before);
    await post().set('Origin', new URL(server.root).origin).expect(303);
  });

  it('is filled in from an earlier job', async () => {
    const job = await startEcho(server, { inputs: { a: 'once "more"', d: [7] } });
    const { text } = await server.request.get(`/processes/echo?job=${job.jobID}&f=html`);
    expect(wordsOf(text)).toMatch(/>\nonce "more"<\/textarea>/);
    expect(text).toMatch(/>\n\[7\]<\/textarea>/);
    await server.request.get('/processes/senseiv2-cloudmask?f=html&job=none').expect(200);
  });
});

describe('POST /jobs/:jobId', () => {
  const dismiss = (jobId: string, fields: Record<string, string> = { _method: 'DELETE' }) =>
    server.request.post(`/jobs/${jobId}`).type('form').send(fields);

  it('dismisses the job and leads back to its page', async () => {
    const job = await startEcho(server, { inputs: { a: 'x', pause: 60 } });
    const answer = await dismiss(job.jobID)
      .set('Accept', 'text/html')
      .set('Sec-Fetch-Site', 'same-origin')
      .expect(303);
    expect(answer.headers['location']).toBe(`/jobs/${job.jobID}`);
    await untilStatus(server, job.jobID, 'dismissed');
    await dismiss(job.jobID).expect(410);
  });

  it('answers a program as DELETE does', async () => {
    const job = await startEcho(server, { inputs: { a: 'x', pause: 60 } });
    const { body } = await dismiss(job.jobID).expect(200);
    expect(body).toMatchObject({ jobID: job.jobID, status: 'dismissed' });
  });

  it('takes nothing else, and nothing from another site', async () => {
    const job = await startEcho(server, { inputs: { a: 'x' } });
    await dismiss(job.jobID, { _method: 'PUT' }).expect(400);
    await dismiss(job.jobID).set('Sec-Fetch-Site', 'cross-site').expect(403);
    await untilStatus(server, job.jobID, 'successful');
    await dismiss('none').expect(404);
  });
});

describe('the filters of GET /jobs', () => {
  const show = (query: string) => server.request.get(`/jobs?${query}`).set('Accept', 'text/html');

  it('become the query of the API: no empty fields, one interval of days', async () => {
    const query = 'status=failed&status=running&processID=&from=2026-11-01&to=&limit=50';
    const { headers } = await show(query).expect(303);
    expect(headers['location']).toBe(
      '/jobs?status=failed&status=running&limit=50&datetime=2026-11-01T00%3A00%3A00Z%2F..',
    );
  });

  it('are kept in the form', async () => {
    const { text } = await show(
      'status=failed&datetime=../2026-11-30T23%3A59%3A59Z&processID=echo&limit=50',
    ).expect(200);
    expect(text).toMatch(/value="failed" checked/);
    expect(text).toMatch(/name="to" value="2026-11-30"/);
    expect(text).toMatch(/value="echo" selected/);
    expect(text).toMatch(/value="50" selected/);
    expect(text).toMatch(/<details open><summary>More filters/);
  });
});
