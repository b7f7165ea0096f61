import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../src/config/project-folder.ts';
import { routes } from '../../src/http/routes.ts';
import { version } from '../../src/version.ts';
import {
  startEcho,
  startTestServer,
  until,
  untilStatus,
  type TestServer,
} from '../support/server.ts';
import { starterId } from '../support/starter-model.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const concrete = (path: string) => path.replaceAll(/\{\w+\}/g, 'none');

describe('the API as a whole', () => {
  it.each(routes.map((route) => [route.method, route.path] as const))(
    '%s %s is served and declared',
    async (method, path) => {
      const answer = await server.request[method](concrete(path));
      const { body: definition } = await server.request
        .get('/api')
        .buffer(true)
        .parse(asJson as never);
      const declared = Object.keys(definition.paths[path][method].responses);
      expect(declared).toContain(String(answer.status));
      expect(declared).toEqual(expect.arrayContaining(['500', '503']));
      expect(answer.status).not.toBe(405);
    },
  );

  it.each(
    routes
      .filter((route) => route.path.includes('{'))
      .map(({ method, path }) => [method, path] as const),
  )('%s %s answers 400 for a malformed path', async (method, path) => {
    for (const parameter of path.match(/\{\w+\}/g) ?? [])
      await server.request[method](concrete(path.replace(parameter, '%ZZ'))).expect(400);
  });

  it.each(
    routes
      .filter((route) => route.method === 'get' && !route.path.includes('{'))
      .map((route) => route.path),
  )('%s answers 304 for its own ETag, and heeds no conditions that are for files', async (path) => {
    if (path === '/readyz') return; // Changes from one moment to the next.
    const { headers } = await server.request.get(path).expect(200);
    await server.request.get(path).set('If-None-Match', String(headers['etag'])).expect(304);
    await server.request
      .get(path)
      .set('If-Match', '"other"')
      .set('Range', 'bytes=9999-')
      .expect(200);
  });

  it('declares nothing that is not a route', async () => {
    const { body } = await server.request
      .get('/api')
      .buffer(true)
      .parse(asJson as never);
    const declared = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    expect(declared.toSorted()).toEqual(
      routes.map((route) => `${route.method} ${route.path}`).toSorted(),
    );
  });

  it('answers the definition as the service-desc link says', async () => {
    const landing = await server.request.get('/').expect(200);
    const link = landing.body.links.find((one: { rel: string }) => one.rel === 'service-desc');
    expect(link.type).toBe('application/vnd.oai.openapi+json;version=3.0');
    await server.request
      .get(new URL(link.href).pathname)
      .expect(200)
      .expect('Content-Type', link.type);
  });

  it.each(routes.filter((route) => route.method === 'get').map((route) => route.path))(
    'HEAD %s has the length of GET',
    async (path) => {
      const got = await server.request.get(concrete(path)).buffer(true);
      const head = await server.request.head(concrete(path));
      expect(head.status).toBe(got.status);
      expect(head.headers['content-length']).toBe(got.headers['content-length']);
      expect(head.headers['content-length']).toBeDefined();
    },
  );

  it('answers what the component schemas say', async () => {
    const { body: definition } = await server.request
      .get('/api')
      .buffer(true)
      .parse(asJson as never);
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'api', ...definition });
    const fits = (name: string, document: unknown) => {
      const check = ajv.compile({ $ref: `api#/components/schemas/${name}` });
      expect(check(document) ? [] : check.errors).toEqual([]);
    };
    const job = await startEcho(server, { inputs: { a: 'x' } });
    fits('StatusInfo', await untilStatus(server, job.jobID, 'successful'));
    fits('Results', (await server.request.get(`/jobs/${job.jobID}/results`)).body);
    fits('LandingPage', (await server.request.get('/')).body);
    fits('Conformance', (await server.request.get('/conformance')).body);
    fits('ProcessList', (await server.request.get('/processes')).body);
    fits('Process', (await server.request.get('/processes/senseiv2-cloudmask')).body);
    fits('JobList', (await server.request.get('/jobs')).body);
    fits('Readiness', (await server.request.get('/readyz')).body);
    fits('Problem', (await server.request.get('/jobs/none')).body);
  });

  it('allows browsers of other sites, and names no software', async () => {
    const answer = await server.request.get('/').set('Origin', 'https://example.com');
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    });
    for (const name of [
      'Location',
      'Link',
      'Preference-Applied',
      'Content-Range',
      'Content-Length',
      'ETag',
    ]) {
      expect(answer.headers['access-control-expose-headers']).toContain(name);
    }
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    const preflight = await server.request.options('/processes/echo/execution').expect(204);
    expect(preflight.headers['access-control-allow-methods']).toBe('POST, GET, HEAD, OPTIONS');
  });

  it('answers 405 with Allow, and 404 for what is not there', async () => {
    const answer = await server.request
      .put('/jobs')
      .expect(405)
      .expect('Allow', 'GET, HEAD, OPTIONS');
    expect(answer.body).toMatchObject({
      status: 405,
      type: expect.any(String),
      title: 'Method not allowed',
    });
    for (const path of ['/nothing', '/jobs/none/log', '/Jobs']) {
      const { body } = await server.request.get(path).expect(404);
      expect(body).toMatchObject({ status: 404, title: 'No such resource' });
    }
    const malformed = await server.request.get('/processes/%ZZ').expect(400);
    expect(malformed.body).toMatchObject({
      status: 400,
      detail: 'The path holds a "%" that begins no character.',
    });
  });

  it('sends problem+json only when Accept names it, with the same body', async () => {
    const plain = await server.request
      .get('/jobs/none')
      .set('Accept', '*/*')
      .expect('Content-Type', 'application/json');
    const named = await server.request
      .get('/jobs/none')
      .set('Accept', 'application/problem+json')
      .expect('Content-Type', 'application/problem+json');
    expect(named.body).toEqual(plain.body);
  });

  it('reads 0 faults out of unknown query parameters and JSON types on bodiless requests', async () => {
    await server.request
      .get('/processes/echo?schema=OGC')
      .set('Content-Type', 'application/json')
      .set('Prefer', 'respond-async')
      .expect(200);
  });

  it('tells the version of the package', () => {
    const manifest = JSON.parse(readFileSync(`${projectFolder()}/package.json`, 'utf8')) as {
      version: string;
    };
    expect(version).toBe(manifest.version);
  });
});

describe('GET /readyz', () => {
  it('names GDAL, which a child has told', async () => {
    await until(
      async () => (await server.request.get('/readyz')).body.gdal.version !== undefined,
      'the probe has ended',
    );
    const { body } = await server.request.get('/readyz');
    expect(body.gdal).toEqual({ version: expect.stringMatching(/^\d+\.\d+/), missingDrivers: [] });
    expect(body.model).toMatchObject({ id: starterId });
  });
});

describe('a base URL with a path', () => {
  it('may hold encoded characters and signs', async () => {
    const root = 'https://example.com/m%20x/(v1)+';
    const other = await startTestServer({ settings: { BASE_URL: root } });
    try {
      for (const prefix of ['', '/m%20x/(v1)+']) {
        const { body } = await other.request.get(`${prefix}/conformance`).expect(200);
        expect(body.conformsTo.length).toBeGreaterThan(0);
      }
      const { body } = await other.request.get('/').expect(200);
      expect(body.links[0].href).toBe(`${root}/`);
    } finally {
      await other.close();
    }
  });

  it('is in all links, and is served with and without the path', async () => {
    const other = await startTestServer({ settings: { BASE_URL: 'https://example.com/masks/' } });
    try {
      expect(other.root).toBe('https://example.com/masks');
      for (const prefix of ['', '/masks']) {
        const { body } = await other.request.get(`${prefix}/processes/echo`).expect(200);
        expect(body.links[0].href).toBe('https://example.com/masks/processes/echo');
        await other.request.get(`${prefix}/`).set('Host', 'evil.example').expect(200);
      }
      // The official suite asks for the root as it is given, without a slash at its end.
      await other.request.get('/masks').expect(200);
      const job = await other.request
        .post('/masks/processes/echo/execution')
        .set('Prefer', 'respond-async')
        .send({ inputs: { a: 'x' } });
      expect(job.headers['location']).toBe(`https://example.com/masks/jobs/${job.body.jobID}`);
    } finally {
      await other.close();
    }
  });
});

function asJson(
  response: NodeJS.ReadableStream,
  done: (error: Error | null, body: unknown) => void,
): void {
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString()));
  response.on('end', () => done(null, JSON.parse(text)));
}
