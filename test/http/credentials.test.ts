/** API keys: how they are sent, and what becomes of those that are not right. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKeyedServer, writeKeys, type KeyedServer } from '../support/keys.ts';
import { startTestServer, until } from '../support/server.ts';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

let server: KeyedServer;
beforeAll(async () => {
  server = await startKeyedServer({ alice: {} });
});
afterAll(() => server.close());

const ask = (headers: Readonly<Record<string, string>>) => server.request.get('/jobs').set(headers);

describe('an API key', () => {
  it.each<[string, (key: string) => Record<string, string>]>([
    ['X-API-Key', (key) => ({ 'X-API-Key': key })],
    ['Bearer', (key) => ({ Authorization: `Bearer ${key}` })],
    ['bearer, spaces', (key) => ({ Authorization: `bearer   ${key} ` })],
    ['the password of Basic', (key) => ({ Authorization: basic('alice', key) })],
    ['the password of Basic with any user', (key) => ({ Authorization: basic('', key) })],
    [
      'X-API-Key, with what a gateway is sent',
      (key) => ({ 'X-API-Key': key, Authorization: basic('gateway', 'word') }),
    ],
  ])('is taken as %s', async (_how, headers) => {
    await ask(headers(server.keys['alice'] ?? '')).expect(200);
  });

  it.each<[string, (key: string) => Record<string, string>]>([
    ['another key', (key) => ({ 'X-API-Key': `${key.slice(0, -1)}~` })],
    ['a shorter key', (key) => ({ 'X-API-Key': key.slice(0, -1) })],
    ['a longer key', (key) => ({ 'X-API-Key': `${key}a` })],
    ['the empty key', () => ({ 'X-API-Key': '' })],
    ['the digest', () => ({ 'X-API-Key': '0'.repeat(64) })],
    ['the key as the user', (key) => ({ Authorization: basic(key, '') })],
    ['Basic without a colon', () => ({ Authorization: `Basic ${btoa('alice')}` })],
    ['Basic that is no base64', () => ({ Authorization: 'Basic §§§' })],
    ['Bearer without a word', () => ({ Authorization: 'Bearer' })],
    ['Bearer with two words', (key) => ({ Authorization: `Bearer ${key} x` })],
    ['another scheme', (key) => ({ Authorization: `Digest ${key}` })],
    ['a word alone', (key) => ({ Authorization: key })],
    ['a token, without an issuer', () => ({ Authorization: 'Bearer a.b.c' })],
    ['the name of a member', () => ({ 'X-API-Key': '__proto__' })],
  ])('is not taken: %s', async (_what, headers) => {
    const answer = await ask(headers(server.keys['alice'] ?? '')).expect(401);
    expect(answer.body).toMatchObject({
      type: 'urn:senseiv2-cloudmask:problem:credentials-refused',
      title: 'The credentials are not accepted',
    });
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('is in no answer, no line of the log and no file; the owner is', async () => {
    const key = server.keys['alice'] ?? '';
    const sent = [{ 'X-API-Key': key }, { Authorization: basic('x', `${key}!`) }];
    for (const headers of sent) {
      const answer = await ask(headers);
      expect(JSON.stringify([answer.headers, answer.text])).not.toContain(key);
    }
    const own = { 'X-API-Key': key, Prefer: 'respond-async' };
    const execute = server.request.post('/processes/echo/execution').set(own);
    const { body } = await execute.send({ inputs: { a: 'x' } }).expect(201);
    const encoded = Buffer.from(`x:${key}`).toString('base64').slice(8, 40);
    const names = await readdir(server.dataDirectory, { recursive: true, withFileTypes: true });
    const stored = names
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'));
    const kept = (await Promise.all(stored)).join('');
    expect(kept).toContain('alice');
    for (const secret of [key, encoded]) {
      expect(server.log()).not.toContain(secret);
      expect(kept).not.toContain(secret);
    }
    const lines = server.log().split('\n').filter(Boolean);
    const about = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(about.find(({ msg, jobId }) => msg === 'Job:Accepted' && jobId === body.jobID)).toEqual(
      expect.objectContaining({ owner: 'alice' }),
    );
    expect(about.find(({ path, status }) => path === '/jobs' && status === 200)).toEqual(
      expect.objectContaining({ owner: 'alice' }),
    );
  });
});

it('keys that are withdrawn or added count within seconds; a faulty file changes nothing', async () => {
  const other = await startKeyedServer({ alice: {} });
  try {
    const status = async (key = '') =>
      (await other.request.get('/jobs').set('X-API-Key', key)).status;
    const old = other.keys['alice'];
    expect(await status(old)).toBe(200);
    const { alice: fresh, bob } = await writeKeys(other.keyFile, { alice: {}, bob: {} });
    await until(async () => (await status(bob)) === 200, 'the new key counts');
    expect([await status(old), await status(fresh)]).toEqual([401, 200]);
    await rm(other.keyFile);
    await until(() => other.log().includes('Keys:NotRead'), 'the fault is logged');
    expect(await status(fresh)).toBe(200);
    expect(other.log()).not.toContain(fresh);
  } finally {
    await other.close();
  }
});

it('ANONYMOUS=allowed: who brings nothing is anonymous, who brings something wrong is not', async () => {
  const other = await startKeyedServer({ alice: {} }, { settings: { ANONYMOUS: 'allowed' } });
  try {
    const execute = (headers: Record<string, string>) =>
      other.request
        .post('/processes/echo/execution')
        .set({ Prefer: 'respond-async', ...headers })
        .send({ inputs: { a: 'x' } });
    const { body } = await execute({}).expect(201);
    await other.request.get(`/jobs/${body.jobID}`).expect(200);
    await other.as('alice').get(`/jobs/${body.jobID}`).expect(404);
    await execute({ 'X-API-Key': 'wrong' }).expect(401);
    const page = await other.request.get('/jobs?f=html').expect(200);
    expect(page.text).toContain('Jobs of all who have not said who they are');
    const { body: definition } = await other.request.get('/api').expect(200);
    expect(definition.security).toEqual([{}, { apiKey: [] }, { basic: [] }, { bearer: [] }]);
  } finally {
    await other.close();
  }
});

it('without any of it, everybody is anonymous, and what they send is not looked at', async () => {
  const open = await startTestServer();
  try {
    const answer = await open.request.get('/jobs').set('Authorization', 'Basic eDp5').expect(200);
    expect(answer.headers).not.toHaveProperty('cache-control');
    expect(answer.headers['vary']).toBe('Accept');
  } finally {
    await open.close();
  }
});

it('the API definition tells the schemes, what is public, and 401', async () => {
  const { body } = await server.request.get('/api').expect(200);
  expect(body.security).toEqual([{ apiKey: [] }, { basic: [] }, { bearer: [] }]);
  expect(body.components.securitySchemes).toMatchObject({
    apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    basic: { type: 'http', scheme: 'basic' },
    bearer: { type: 'http', scheme: 'bearer' },
  });
  const { get } = body.paths['/jobs/{jobId}'];
  expect(get).not.toHaveProperty('security');
  expect(get.responses['401']).toEqual({ $ref: '#/components/responses/Unauthenticated' });
  const { get: landing } = body.paths['/'];
  expect(landing.security).toEqual([]);
  expect(landing.responses).not.toHaveProperty('401');
});

it('who sends wrong keys again and again has to wait, with the right one as well; others do not', async () => {
  const other = await startKeyedServer(
    { alice: {} },
    { settings: { TRUSTED_PROXIES: 'loopback' } },
  );
  try {
    const from = (address: string, key: string) =>
      other.request.get('/jobs').set('X-Forwarded-For', address).set('X-API-Key', key);
    const guesses = Array.from({ length: 100 }, (_none, at) => from('192.0.2.1', `guess-${at}`));
    const answers = await Promise.all(guesses);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    const key = other.keys['alice'] ?? '';
    const late = await from('192.0.2.1', key).expect(429);
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0);
    expect(late.body.detail).toMatch(/^Too many credentials that are not accepted: at most 100 /);
    await from('192.0.2.2', key).expect(200);
    await other.request.get('/').set('X-Forwarded-For', '192.0.2.1').expect(200);
  } finally {
    await other.close();
  }
});
