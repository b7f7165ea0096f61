import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('GET /processes/:processId/execution', () => {
  it('draft 2.0, kvp-execute/process-execute-op: does what a POST of the same inputs does', async () => {
    const query = 'a=1&b=%3Cx/%3E&c=51.9,7,52,7.1&d=1,2,3&m=2.5&pause=0&response=document';
    const byQuery = await server.request.get(`/processes/echo/execution?${query}`).expect(200);
    const posted = await server.request.post('/processes/echo/execution').send({
      inputs: {
        a: '1',
        b: '<x/>',
        c: { bbox: [51.9, 7, 52, 7.1] },
        d: [1, 2, 3],
        m: 2.5,
        pause: 0,
      },
      response: 'document',
    });
    expect(byQuery.body).toEqual(posted.body);
    expect(byQuery.body.d).toEqual({ value: [1, 2, 3] });
  });

  it.each([
    [
      'c',
      'c=1,2,3,4&c[crs]=http://www.opengis.net/def/crs/EPSG/0/4326',
      { bbox: [1, 2, 3, 4], crs: 'http://www.opengis.net/def/crs/EPSG/0/4326' },
    ],
    ['c', 'c={"bbox":[1,2,3,4]}', { bbox: [1, 2, 3, 4] }],
    ['d', 'd=[4,5]', { value: [4, 5] }],
    ['d', 'd=4', { value: [4] }],
    ['d', 'd=', { value: [] }],
    ['m', 'm=text', { value: 'text' }],
    ['m', 'm=true', { value: 'true' }],
    ['m', 'm={"value":"1"}', { value: '1' }],
  ])(
    'draft 2.0, kvp-execute/input-query-parameter-values: reads %s from %s',
    async (id, query, wanted) => {
      const path = `/processes/echo/execution?a=x&response=document&${id}[include]=true&${query}`;
      const { body } = await server.request.get(path).expect(200);
      expect(body).toEqual({ [id]: wanted });
    },
  );

  it('draft 2.0, kvp-execute/output: the outputs that are included', async () => {
    const answer = await server.request
      .get('/processes/echo/execution?a=hello&d=1&a[include]=true&d[include]=false')
      .expect(200);
    expect(answer.text).toBe('hello');
  });

  it.each([
    ['', 'a: missing'],
    ['a=x&nosuch=1', 'nosuch: there is no such input'],
    ['a=x&d=1,x', 'd: found'],
    ['a=x&pause=1.5', 'pause: found'],
    ['a=x&a=y', 'a: found'],
    ['a=x&q[include]=true', 'outputs/q: there is no such output'],
    ['a=x&response=other', 'response: found "other"'],
  ])('400 for ?%s', async (query, detail) => {
    const { body } = await server.request.get(`/processes/echo/execution?${query}`).expect(400);
    expect(body.detail).toContain(detail);
  });

  it('is not possible for a process that runs as a job only: GET changes nothing', async () => {
    const path = '/processes/senseiv2-cloudmask/execution?product=x';
    const answer = await server.request.get(path).expect(405);
    expect(answer.headers['allow']).toBe('POST, OPTIONS');
    const { body } = await server.request.get('/jobs');
    expect(body.jobs).toEqual([]);
  });

  it('answers 404 for a process that is not there', async () => {
    await server.request.get('/processes/none/execution').expect(404);
  });
});
