import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startEcho,
  startTestServer,
  untilStatus,
  type StatusInfo,
  type TestServer,
} from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface JobList {
  readonly jobs: readonly StatusInfo[];
  readonly links: readonly { readonly rel: string; readonly href: string }[];
}

describe('GET /jobs', () => {
  it('pages from newest to oldest; new jobs do not shift the pages', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      made.unshift((await startEcho(server, { inputs: { a: String(index) } })).jobID);
    }
    const seen: string[] = [];
    let path: string | undefined = '/jobs?limit=2';
    while (path !== undefined) {
      const { body } = await server.request.get(path).expect(200);
      const list = body as JobList;
      expect(list.jobs.length).toBeLessThanOrEqual(2);
      seen.push(...list.jobs.map((job) => job.jobID));
      expect(list.links[0]).toMatchObject({ rel: 'self', href: server.root + path });
      if (seen.length === 2) await startEcho(server, { inputs: { a: 'late' } });
      const next = list.links.find((link) => link.rel === 'next')?.href;
      path = next === undefined ? undefined : next.slice(server.root.length);
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen)).toEqual(new Set(made));
  });

  it.each(['0', '-1', '10001', 'x', '', '1.5', '1&limit=2'])(
    'answers 400 for limit=%s',
    async (limit) => {
      const { body } = await server.request.get(`/jobs?limit=${limit}`).expect(400);
      expect(body.detail).toContain('accepted: an integer from 1 to 10000');
      await server.request.get(`/processes?limit=${limit}`).expect(400);
    },
  );

  it.each(['x', 'e30', 'bnVsbA'])('answers 400 for the cursor %s', async (cursor) => {
    await server.request.get(`/jobs?cursor=${cursor}`).expect(400);
  });
});

describe('GET /jobs/:jobId', () => {
  it('shows the whole life of a job', async () => {
    const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 2 } });
    const running = await untilStatus(server, jobID, 'running');
    expect(running).not.toHaveProperty('finished');
    const status = await untilStatus(server, jobID, 'successful');
    const time = expect.stringMatching(/Z$/) as unknown;
    expect(status).toMatchObject({
      progress: 100,
      message: 'Finished.',
      created: time,
      started: time,
      finished: time,
      updated: time,
    });
    expect(status.links.map((link) => link.rel)).toEqual([
      'self',
      'monitor',
      'http://www.opengis.net/def/rel/ogc/1.0/results',
      'log',
      'describedby',
      'http://www.w3.org/ns/prov#has_provenance',
    ]);
  });
});

describe('DELETE /jobs/:jobId', () => {
  // /req/dismiss/job-dismiss-op, /req/dismiss/job-dismiss-success
  it('dismisses a waiting job, with Content-Type and no body; then answers 410', async () => {
    const first = await startEcho(server, { inputs: { a: 'x', pause: 30 } });
    const waiting = await startEcho(server, { inputs: { a: 'x' } });
    const answer = await server.request
      .delete(`/jobs/${waiting.jobID}`)
      .set('Content-Type', 'application/json')
      .expect(200);
    expect(answer.body).toMatchObject({
      jobID: waiting.jobID,
      status: 'dismissed',
      type: 'process',
    });
    expect(answer.body).not.toHaveProperty('started');
    await server.request.delete(`/jobs/${waiting.jobID}`).expect(410);
    await server.request.delete(`/jobs/${first.jobID}`).expect(200);
    await server.request.get(`/jobs/${first.jobID}/results`).expect(410);
  });

  it('answers 404 for a job that is not there', async () => {
    await server.request.delete('/jobs/none').expect(404);
  });
});
