/** A job is its owner's: to everybody else it is not there. The table of routes makes the table of tests. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Response } from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes, type Route } from '../../src/http/routes.ts';
import { addFinishedJob, temporaryDataFolder } from '../support/finished-job.ts';
import { echoOf, startKeyedServer, type KeyedServer } from '../support/keys.ts';

let server: KeyedServer;
/** Jobs of alice's: one of echo, and one with files. */
let job: string;
let mask: string;
let dataDirectory: string;
beforeAll(async () => {
  dataDirectory = await temporaryDataFolder();
  mask = await addFinishedJob(dataDirectory, { owner: 'alice' });
  server = await startKeyedServer({ alice: {}, bob: {} }, { dataDirectory });
  job = await echoOf(server, 'alice', 'of alice');
});
afterAll(async () => {
  await server.close();
  await rm(dataDirectory, { recursive: true });
});

const named = routes.map((route) => [`${route.method} ${route.path}`, route] as const);
const ofJobs = named.filter(([, { path }]) => path.includes('{jobId}'));

/** Sends what a route takes. Without an owner, without credentials. */
async function ask(
  { method, path, body }: Route,
  { owner, jobId = randomUUID(), accept = 'application/json' }: Asked,
): Promise<Response> {
  const place = path
    .replace('{jobId}', jobId)
    .replace('{processId}', 'echo')
    .replace('{outputId}', 'cloud_mask')
    .replaceAll(/\{\w+\}/g, 'x');
  const client = owner === undefined ? server.request : server.as(owner);
  const request = client[method](place).set('Accept', accept).redirects(0);
  if (body === 'form') return request.type('form').send('_method=DELETE');
  return body === 'json' ? request.send({ inputs: { a: 'x' } }) : request;
}

interface Asked {
  readonly owner?: string;
  readonly jobId?: string;
  readonly accept?: string;
}

describe('a job of somebody else', () => {
  it('is public by result links only', () => {
    expect(ofJobs.filter(([, route]) => route.isPublic).map(([, row]) => row.operationId)).toEqual([
      'getResultFile',
    ]);
  });

  const asked = ofJobs
    .filter(([, { isPublic }]) => isPublic !== true)
    .flatMap(([name, route]) => [
      { name, accept: 'application/json', route },
      { name, accept: 'text/html', route },
    ]);

  it.each(asked)('$name ($accept) answers as if there were none', async ({ route, accept }) => {
    const nobody = randomUUID();
    const unknown = await ask(route, { owner: 'bob', jobId: nobody, accept });
    for (const jobId of [job, mask]) {
      const foreign = await ask(route, { owner: 'bob', jobId, accept });
      expect(foreign.status).toBe(404);
      expect(foreign.text.replaceAll(jobId, nobody)).toBe(unknown.text);
      expect(Object.keys(foreign.headers).toSorted()).toEqual(
        Object.keys(unknown.headers).toSorted(),
      );
    }
  });

  it('is still there for its owner after all of that', async () => {
    for (const jobID of [job, mask]) {
      const { body } = await server.as('alice').get(`/jobs/${jobID}`).expect(200);
      expect(body).toMatchObject({ jobID, status: 'successful' });
    }
  });

  it('is not told apart by its ETag', async () => {
    const { headers } = await server.as('alice').get(`/jobs/${job}`).expect(200);
    const tag = headers['etag'] ?? '';
    await server.as('alice').get(`/jobs/${job}`).set('If-None-Match', tag).expect(304);
    for (const known of [tag, '*'])
      await server.as('bob').get(`/jobs/${job}`).set('If-None-Match', known).expect(404);
  });

  it('does not fill in the form of its process', async () => {
    const form = (owner?: string) =>
      (owner === undefined ? server.request : server.as(owner))
        .get(`/processes/echo?f=html&job=${job}`)
        .expect(200);
    const own = await form('alice');
    expect(own.text).toContain('of alice');
    expect(own.headers).toMatchObject({
      'cache-control': 'private, no-cache',
      vary: expect.stringContaining('Authorization'),
    });
    for (const other of ['bob', undefined, 'nobody'])
      expect((await form(other)).text).not.toContain('of alice');
  });

  it('is in no list but its own', async () => {
    const other = await echoOf(server, 'bob');
    const list = async (owner: string, query = '') => {
      const { body } = await server.as(owner).get(`/jobs${query}`).expect(200);
      return (body as { jobs: { jobID: string }[] }).jobs.map(({ jobID }) => jobID);
    };
    expect(await list('alice')).toEqual([job, mask]);
    expect(await list('bob')).toEqual([other]);
    expect(await list('bob', '?status=successful&processID=echo')).toEqual([other]);
    const page = await server.as('bob').get('/jobs?f=html').expect(200);
    expect(page.text).toContain('Your jobs, <b>bob</b>');
    expect(page.text).toContain(other);
    expect(page.text).not.toContain(job);
  });

  it('keeps its Idempotency-Key for its owner', async () => {
    const key = randomUUID();
    const execute = (owner: string, a: string) =>
      server
        .as(owner)
        .post('/processes/echo/execution')
        .set('Prefer', 'respond-async')
        .set('Idempotency-Key', key)
        .send({ inputs: { a } });
    const first = await execute('bob', 'x').expect(201);
    const other = await execute('carol', 'y');
    expect(other.status).toBe(401);
    const own = await execute('alice', 'y').expect(201);
    expect(own.body.jobID).not.toBe(first.body.jobID);
    const again = await execute('bob', 'x').expect(201);
    expect(again.body.jobID).toBe(first.body.jobID);
    await server.as('alice').delete(`/jobs/${own.body.jobID}`).expect(200);
  });
});

describe('without credentials', () => {
  it.each(named.filter(([, { isPublic }]) => isPublic !== true))(
    '%s answers 401 and says how to authenticate',
    async (_name, route) => {
      const answer = await ask(route, { jobId: job });
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({
        status: 401,
        type: 'urn:senseiv2-cloudmask:problem:credentials-missing',
        title: 'Credentials are needed',
        detail:
          'This is answered only to those who say who they are. Accepted: an API key (X-API-Key, Authorization: Bearer, or as the password of Basic).',
      });
      expect(answer.headers).toMatchObject({
        'www-authenticate':
          'Bearer realm="cloud masks", Basic realm="cloud masks", charset="UTF-8"',
        'cache-control': 'no-store',
        vary: expect.stringContaining('Authorization'),
      });
    },
  );

  it.each(named.filter(([, { isPublic }]) => isPublic === true))(
    '%s is public, also with credentials that nobody knows',
    async (_name, route) => {
      for (const owner of [undefined, 'nobody']) {
        const answer = await ask(route, owner === undefined ? {} : { owner });
        expect([200, 404, 503]).toContain(answer.status);
        expect(answer.headers).not.toHaveProperty('www-authenticate');
      }
    },
  );

  it('a browser gets a page that says so', async () => {
    const page = await server.request.get('/jobs').set('Accept', 'text/html').expect(401);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toContain('<h1 class="">Credentials are needed</h1>');
  });

  it('a result link works: who knows it may read the file', async () => {
    const { body } = await server.as('alice').get(`/jobs/${mask}/results`).expect(200);
    const { pathname } = new URL((body as { cloud_mask: { href: string } }).cloud_mask.href);
    const part = await server.request.get(pathname).set('Range', 'bytes=0-3').expect(206);
    expect(String(part.body)).toBe('0123');
    await server.request.head(pathname).set('Authorization', 'Basic eDp5').expect(200);
    for (const path of [
      `${pathname}.aux.xml`,
      pathname.replace(/\/[^/]+\/([^/]+)$/, '/wrong/$1'),
    ]) {
      const { headers } = await server.request.get(path).expect(404);
      expect(headers).not.toHaveProperty('www-authenticate');
    }
  });

  it('a preflight is answered: a page of another site may ask with a key of its own', async () => {
    const { headers } = await server.request.options('/jobs').expect(204);
    expect(headers['access-control-allow-headers']).toContain('Authorization');
    expect(headers['access-control-allow-headers']).toContain('X-API-Key');
    expect(headers['access-control-allow-headers']).toContain('Idempotency-Key');
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });
});

describe('what a browser keeps for its user', () => {
  const basic = (owner: string) =>
    `Basic ${Buffer.from(`x:${server.keys[owner]}`).toString('base64')}`;
  const foreign = [
    { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://elsewhere.example' },
    { Origin: 'null' },
  ];

  it.each(foreign)('is of no use to a page of another site: %j', async (headers) => {
    const forms = [
      server.request.post('/processes/echo/execution').type('form').send('a=x'),
      server.request.post(`/jobs/${job}`).type('form').send('_method=DELETE'),
    ];
    for (const form of forms)
      await form.set('Authorization', basic('alice')).set(headers).expect(403);
    // A body without a type, as a script may send it without asking first.
    const answer = await fetch(`${server.app.address}/processes/echo/execution`, {
      method: 'POST',
      headers: { Authorization: basic('alice'), ...headers },
      body: new Blob([JSON.stringify({ inputs: { a: 'x' } })]),
    });
    expect(answer.status).toBe(403);
    const plain = server.request.post('/processes/echo/execution').type('text/plain');
    await plain
      .set('Authorization', basic('alice'))
      .set(headers)
      .send('{"inputs":{"a":"x"}}')
      .expect(415);
    await server.as('alice').get(`/jobs/${job}`).expect(200);
  });

  it('works on the pages of the server itself', async () => {
    const own = { 'Sec-Fetch-Site': 'same-origin' };
    const made = await server.request
      .post('/processes/echo/execution')
      .type('form')
      .set('Authorization', basic('bob'))
      .set(own)
      .send('a=x')
      .expect(303);
    const page = String(made.headers['location']);
    await server.request.get(page).set('Authorization', basic('bob')).expect(200);
    await server.request.get(page).expect(401);
    await server.as('alice').get(page).expect(404);
  });
});
