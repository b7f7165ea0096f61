import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../../src/http/routes.ts';
import { addFinishedJob, temporaryDataFolder } from '../../support/finished-job.ts';
import { factsOf, hrefsOf, linksIn, wordsOf } from '../../support/page-text.ts';
import {
  startEcho,
  startTestServer,
  until,
  untilStatus,
  type TestServer,
} from '../../support/server.ts';

const browser =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';
const hostile = `<img src=x onerror="alert('1')">&amp;`;

let dataDirectory: string;
let server: TestServer;
let jobId: string;
let echoId: string;

beforeAll(async () => {
  dataDirectory = await temporaryDataFolder();
  jobId = await addFinishedJob(dataDirectory);
  server = await startTestServer({ dataDirectory });
  const job = await startEcho(server, { inputs: { a: hostile, d: [1, 2, 3] } });
  echoId = job.jobID;
  await untilStatus(server, echoId, 'successful');
  await until(
    async () => (await server.request.get('/readyz')).status === 200,
    'the server is ready',
  );
});
afterAll(async () => {
  await server.close();
  await rm(dataDirectory, { recursive: true });
});

/** Addresses of every kind of document, by the path of their route. */
function documents(): [route: string, address: string][] {
  return [
    ['/', '/'],
    ['/conformance', '/conformance'],
    ['/api', '/api'],
    ['/healthz', '/healthz'],
    ['/readyz', '/readyz'],
    ['/processes', '/processes'],
    ['/processes', '/processes?limit=1'],
    ['/processes/{processId}', '/processes/echo'],
    ['/processes/{processId}', '/processes/senseiv2-cloudmask'],
    ['/jobs', '/jobs'],
    ['/jobs', '/jobs?limit=1'],
    ['/jobs/{jobId}', `/jobs/${jobId}`],
    ['/jobs/{jobId}', `/jobs/${echoId}`],
    ...['inputs', 'definition', 'prov', 'logs'].flatMap((record): [string, string][] => [
      [`/jobs/{jobId}/${record}`, `/jobs/${jobId}/${record}`],
      [`/jobs/{jobId}/${record}`, `/jobs/${echoId}/${record}`],
    ]),
    ['/jobs/{jobId}/results', `/jobs/${jobId}/results`],
    ['/jobs/{jobId}/results', `/jobs/${echoId}/results`],
    ['/jobs/{jobId}/results/{outputId}', `/jobs/${jobId}/results/statistics`],
    ['/jobs/{jobId}/results/{outputId}', `/jobs/${echoId}/results/d`],
  ];
}

async function pageOf(address: string): Promise<string> {
  const { text, headers, status } = await server.request.get(address).set('Accept', browser);
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  return text;
}

async function jsonOf(address: string): Promise<unknown> {
  const answer = await server.request
    .get(address)
    .buffer(true)
    .parse((response, done) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => done(null, text));
    });
  return JSON.parse(String(answer.body));
}

describe('pages', () => {
  it('are there for every document of the table of routes', () => {
    // A file is what it is, and the answer of a process has a test of its own.
    const others = ['/processes/{processId}/execution', '/results/{jobId}/{signature}/{fileName}'];
    const paths = routes.filter(({ method }) => method === 'get').map(({ path }) => path);
    const shown = new Set(documents().map(([route]) => route));
    expect(paths.filter((path) => !shown.has(path))).toEqual(others);
  });

  // /req/json/definition, /req/html/definition, /req/oas30/oas-impl
  it('are named in the API definition beside the JSON, wherever there is one', async () => {
    const definition = (await jsonOf('/api')) as {
      paths: Record<string, { get: { responses: Record<string, { $ref: string }> } }>;
      components: { responses: Record<string, { content: object }> };
    };
    for (const [route, address] of documents()) {
      const name = definition.paths[route]?.get.responses['200']?.$ref.split('/').at(-1) ?? '';
      const declared = Object.keys(definition.components.responses[name]?.content ?? {});
      const { headers } = await server.request.get(address);
      const type = String(headers['content-type']);
      expect([address, declared]).toEqual([address, expect.arrayContaining([type, 'text/html'])]);
    }
  });

  // /req/html/content
  it('hold every fact and every link of the JSON', async () => {
    for (const [, address] of documents()) {
      const [document, page] = [await jsonOf(address), await pageOf(address)];
      const words = wordsOf(page);
      expect([address, factsOf(document).filter((fact) => !isIn(words, fact))]).toEqual([
        address,
        [],
      ]);
      const found = new Set(linksIn(page).map((href) => new URL(href, server.root).href));
      expect([address, hrefsOf(document).filter((href) => !found.has(href))]).toEqual([
        address,
        [],
      ]);
    }
  });

  it('show what a process answered at once', async () => {
    const words = wordsOf(await pageOf('/processes/echo/execution?a=some%20text'));
    expect(words).toContain('some text');
    const posted = await server.request
      .post('/processes/echo/execution')
      .set('Accept', browser)
      .send({ inputs: { a: 'other text' } })
      .expect(200)
      .expect('Content-Type', 'text/html; charset=utf-8');
    expect(wordsOf(posted.text)).toContain('other text');
  });

  /** Addresses of ours stand in pages without their origin. */
  function isIn(words: string, fact: string | number | boolean): boolean {
    const text = String(fact);
    return words.includes(text) || words.includes(text.replace(server.root, ''));
  }

  // /req/html/definition
  it('are sent only to who asks for them: by name in Accept, or by f=html', async () => {
    const type = async (accept: string | undefined, query = '') => {
      const asked = server.request.get(`/processes${query}`);
      const answer = await (accept === undefined ? asked : asked.set('Accept', accept));
      expect(answer.headers['vary']).toBe('Accept');
      return String(answer.headers['content-type']).split(';')[0];
    };
    expect({
      nothing: await type(undefined),
      anything: await type('*/*'),
      browser: await type(browser),
      preferred: await type('application/json;q=0.9, text/html'),
      less: await type('application/json, text/html;q=0.9'),
      same: await type('text/html, application/json'),
      byQuery: await type('application/json', '?f=html'),
      againstBrowser: await type(browser, '?f=json'),
    }).toEqual({
      nothing: 'application/json',
      anything: 'application/json',
      browser: 'text/html',
      preferred: 'text/html',
      less: 'application/json',
      same: 'application/json',
      byQuery: 'text/html',
      againstBrowser: 'application/json',
    });
  });

  it('refuse a form that there is not, naming what there is', async () => {
    const { body } = await server.request.get('/processes?f=xml').expect(400);
    expect(body.detail).toBe('f: found "xml"; accepted: "html", "json"');
  });

  it('let nothing in but what this server sends, and nothing inline', async () => {
    for (const [, address] of documents()) {
      const { headers, text } = await server.request.get(address).set('Accept', browser);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(text).not.toMatch(/\sstyle=|\son\w+="|<style|<script(?![^>]*\ssrc="\/)/);
    }
  });

  it('show what a user sent as text, whatever it is', async () => {
    const pages = [`/jobs/${echoId}`, `/jobs/${echoId}/results`, `/jobs/${echoId}/results/a`];
    for (const address of [...pages, `/processes/echo?job=${echoId}`]) {
      const page = await pageOf(address);
      expect(page).not.toContain('<img src=x');
      expect(page).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;');
    }
  });

  it('are addressed without the host, so that they hold under every name of the server', async () => {
    const other = await startTestServer({ settings: { BASE_URL: 'https://example.com/masks' } });
    try {
      for (const prefix of ['', '/masks']) {
        const { text } = await other.request.get(`${prefix}/`).set('Accept', browser).expect(200);
        const [style] = /\/masks\/assets\/[^"]*style\.css/.exec(text) ?? [''];
        await other.request
          .get(style)
          .expect(200)
          .expect('Content-Type', /^text\/css/);
        expect(linksIn(text)).toContain('/masks/processes');
        expect(text).toContain('curl -X POST https://example.com/masks/processes/');
      }
      const { text } = await other.request.get('/jobs?f=html').expect(200);
      expect(text).toContain('Nothing has been asked for yet. <a href="/masks/processes">');
    } finally {
      await other.close();
    }
  });

  it('answer HEAD as GET, and 304 for their own ETag', async () => {
    const got = await server.request.get('/jobs').set('Accept', browser).expect(200);
    const head = await server.request.head('/jobs').set('Accept', browser).expect(200);
    expect(head.headers['content-length']).toBe(got.headers['content-length']);
    await server.request
      .get('/jobs')
      .set('Accept', browser)
      .set('If-None-Match', String(got.headers['etag']))
      .expect(304);
  });
});

describe('GET /assets/:hash/:file', () => {
  const assetsOf = async (): Promise<string[]> => {
    const page = await pageOf(`/jobs/${jobId}/results`);
    return [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  };

  it('keeps files for a year, each under an address that changes with it', async () => {
    const paths = [...new Set(await assetsOf())];
    expect(paths.map((path) => path.split('/').at(-1)).toSorted()).toEqual([
      'icon.svg',
      'map.js',
      'page.js',
      'style.css',
    ]);
    for (const path of paths)
      await server.request
        .get(path)
        .expect(200)
        .expect('Cache-Control', 'public, max-age=31536000, immutable');
  });

  it('has nothing under another version, and no file of the disk', async () => {
    const [path = ''] = await assetsOf();
    await server.request.get(path.replace(/assets\/[^/]+/, 'assets/old')).expect(404);
    await server.request.get(path.replace(/[^/]+$/, '..%2fframe.ts')).expect(404);
  });

  it('has an icon where browsers look for one', async () => {
    await server.request.get('/favicon.ico').expect(200).expect('Content-Type', 'image/svg+xml');
  });
});

describe('an error', () => {
  it('is a page for a browser, with all that the problem says', async () => {
    const { body } = await server.request.get('/jobs/none').expect(404);
    const { text, headers } = await server.request
      .get('/jobs/none')
      .set('Accept', browser)
      .expect(404);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const words = wordsOf(text);
    expect(factsOf(body).filter((fact) => !words.includes(String(fact)))).toEqual([]);
  });

  it('stays JSON for who prefers that', async () => {
    await server.request
      .get('/jobs/none')
      .set('Accept', 'application/problem+json, text/html;q=0.5')
      .expect(404)
      .expect('Content-Type', 'application/problem+json');
  });

  it('is a page for an unknown address and a malformed one', async () => {
    for (const [address, status] of [
      ['/nothing', 404],
      ['/jobs/%ZZ', 400],
      ['/jobs?limit=no', 400],
    ] as const) {
      const { headers } = await server.request.get(address).set('Accept', browser).expect(status);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
    }
  });
});
