/** How often somebody may ask, who that is, and what does not count. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKeyedServer, type KeyedServer } from '../support/keys.ts';
import { startTestServer } from '../support/server.ts';

const owners = { alice: {}, often: { requests_per_minute: 8 }, always: { requests_per_minute: 0 } };

let server: KeyedServer;
beforeAll(async () => {
  server = await startKeyedServer(owners, {
    settings: {
      ANONYMOUS: 'allowed',
      RATE_LIMIT: '5',
      EXECUTION_RATE_LIMIT: '2',
      TRUSTED_PROXIES: 'loopback',
    },
  });
});
afterAll(() => server.close());

const from = (address: string, path = '/jobs') =>
  server.request.get(path).set('X-Forwarded-For', address);

/** Statuses of requests, one after the other. */
async function statuses(
  count: number,
  ask: (at: number) => PromiseLike<{ status: number }>,
): Promise<number[]> {
  const found: number[] = [];
  for (let at = 0; at < count; at += 1) found.push((await ask(at)).status);
  return found;
}

const five = [200, 200, 200, 200, 200];

describe('RATE_LIMIT', () => {
  it('answers 429 when it is passed: how often, and when again', async () => {
    const first = await from('192.0.2.1').expect(200);
    expect(first.headers['ratelimit-policy']).toMatch(/^"requests"; q=5; w=60; pk=:[^:]+:$/);
    expect(first.headers['ratelimit']).toMatch(/^"requests"; r=4; t=\d+$/);
    expect(await statuses(4, () => from('192.0.2.1'))).toEqual(five.slice(1));
    const refused = await from('192.0.2.1').expect(429);
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers['ratelimit']).toMatch(/^"requests"; r=0; t=\d+$/);
    expect(refused.body).toEqual({
      status: 429,
      type: 'urn:senseiv2-cloudmask:problem:too-many-requests',
      title: 'Too many requests',
      detail: `Too many requests: at most 5 a minute are accepted from you. Ask again in ${seconds} s.`,
    });
    const page = await from('192.0.2.1').set('Accept', 'text/html').expect(429);
    expect(page.text).toContain('Too many requests');
  });

  it('counts public documents as well, whoever asks', async () => {
    const paths = ['/', '/conformance', '/api', '/processes', '/processes/echo'];
    expect(await statuses(5, (at) => from('192.0.2.2', paths[at]))).toEqual(five);
    await from('192.0.2.2', '/').expect(429);
    await from('192.0.2.2', '/')
      .set('X-API-Key', server.keys['alice'] ?? '')
      .expect(429);
  });

  it('counts the anonymous by address, in IPv6 by network', async () => {
    const own = [
      '2001:db8::1',
      '2001:db8::2',
      '2001:db8:0:0:ffff::3',
      '2001:db8::4',
      '2001:db8::5',
    ];
    expect(await statuses(5, (at) => from(own[at] ?? ''))).toEqual(five);
    await from('2001:db8::6').expect(429);
    await from('2001:db8:0:1::1').expect(200);
    await from('192.0.2.3').expect(200);
    expect(await statuses(4, () => from('::ffff:192.0.2.3'))).toEqual(five.slice(1));
    await from('192.0.2.3').expect(429);
  });

  it('counts an owner wherever they are, and as the key says', async () => {
    const ask = (owner: string) => (at: number) =>
      server.as(owner).get('/jobs').set('X-Forwarded-For', `198.51.100.${at}`);
    expect(await statuses(6, ask('alice'))).toEqual([...five, 429]);
    expect(await statuses(9, ask('often'))).toEqual([...five, 200, 200, 200, 429]);
    expect(await statuses(20, ask('always'))).toEqual(Array.from({ length: 20 }, () => 200));
  });

  it('does not count probes, files and their neighbours, what pages load, what is not there, preflights', async () => {
    const job = '00000000-0000-4000-8000-000000000000';
    const page = await from('192.0.2.4', '/?f=html').expect(200);
    const [, asset = ''] = /href="([^"]*style\.css)"/.exec(page.text) ?? [];
    expect(asset).not.toBe('');
    const free = [
      '/healthz',
      '/readyz',
      `/results/${job}/signature/mask.tif`,
      `/results/${job}/signature/mask.tif.aux.xml`,
      `/results/${job}/signature/`,
      asset,
      '/favicon.ico',
      '/nothing',
    ];
    for (const path of [...free, ...free, ...free]) {
      const { status, headers } = await from('192.0.2.4', path);
      expect(status).not.toBe(429);
      expect(headers).not.toHaveProperty('ratelimit');
    }
    await server.request.options('/jobs').set('X-Forwarded-For', '192.0.2.4').expect(204);
    expect(await statuses(5, () => from('192.0.2.4'))).toEqual([...five.slice(1), 429]);
  });
});

it('EXECUTION_RATE_LIMIT counts executions besides', async () => {
  const execute = () =>
    server.request
      .post('/processes/echo/execution')
      .set('X-Forwarded-For', '192.0.2.5')
      .send({ inputs: { a: 'x' } });
  const first = await execute().expect(200);
  expect(first.headers['ratelimit']).toMatch(/^"requests"; r=4; t=\d+, "executions"; r=1; t=\d+$/);
  await execute().expect(200);
  const refused = await execute().expect(429);
  expect(refused.body.detail).toMatch(/^Too many executions: at most 2 a minute /);
  expect(refused.headers['retry-after']).toMatch(/^\d+$/);
  await from('192.0.2.5', '/processes/echo/execution?a=x').expect(429);
  await from('192.0.2.5').expect(200);
});

it('without TRUSTED_PROXIES nobody chooses an address', async () => {
  const other = await startTestServer({ settings: { RATE_LIMIT: '5' } });
  try {
    const ask = (at: number) => other.request.get('/jobs').set('X-Forwarded-For', `192.0.2.${at}`);
    expect(await statuses(6, ask)).toEqual([...five, 429]);
  } finally {
    await other.close();
  }
});

it('without a limit of the operator, addresses elsewhere have the usual one, and programs here none', async () => {
  const other = await startTestServer({ settings: { TRUSTED_PROXIES: 'loopback' } });
  try {
    const elsewhere = await other.request.get('/jobs').set('X-Forwarded-For', '192.0.2.1');
    expect(elsewhere.headers['ratelimit']).toMatch(/^"requests"; r=2999;/);
    const here = await other.request.get('/jobs');
    expect([here.status, here.headers['ratelimit']]).toEqual([200, undefined]);
    const posted = await other.request
      .post('/processes/echo/execution')
      .set('X-Forwarded-For', '192.0.2.1')
      .send({ inputs: { a: 'x' } });
    expect(posted.headers['ratelimit']).toMatch(/"executions"; r=599;/);
  } finally {
    await other.close();
  }
});
