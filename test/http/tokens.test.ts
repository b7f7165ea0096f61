/** Bearer tokens of a real OpenID Connect provider, and many that are none of its. */
import { join } from 'node:path';
import { base64url, exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteReader } from '../../src/database/sqlite-reader.ts';
import { Issuer, signingKey, type SigningKey } from '../support/issuer.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let key: SigningKey;
let issuer: Issuer;
let server: TestServer;
beforeAll(async () => {
  key = await signingKey('one');
  issuer = await Issuer.start(key, await signingKey('two', 'ES256'));
  server = await startTestServer({
    settings: { ...issuer.settings, OIDC_PRIORITY_CLAIM: 'cloudmask_priority' },
  });
});
afterAll(async () => {
  await server.close();
  await issuer.close();
});

const ask = (token: string, path = '/jobs') =>
  server.request.get(path).set('Authorization', `Bearer ${token}`);

/** Whose jobs the database has. */
function rowsOf(dataDirectory: string): unknown[] {
  const reader = new SqliteReader(join(dataDirectory, 'jobs.sqlite'));
  try {
    return reader.rows('select id, owner, priority from jobs', []);
  } finally {
    reader.close();
  }
}

const seconds = () => Math.floor(Date.now() / 1000);

describe('a token of the issuer', () => {
  it('makes jobs that its subject alone sees, with the priority of its claim', async () => {
    const [alice, bob] = [await issuer.token('alice'), await issuer.token('bob')];
    const { body } = await server.request
      .post('/processes/echo/execution')
      .set({ Authorization: `Bearer ${alice}`, Prefer: 'respond-async' })
      .send({ inputs: { a: 'x' } })
      .expect(201);
    await ask(alice, `/jobs/${body.jobID}`).expect(200);
    await ask(bob, `/jobs/${body.jobID}`).expect(404);
    const { text } = await ask(alice, '/jobs?f=html').expect(200);
    expect(text).toContain(`Your jobs, <b>oidc:${new URL(issuer.url).host}#alice</b>`);
    expect(server.log()).not.toContain(alice);
    const rows = rowsOf(server.dataDirectory);
    expect(rows).toEqual([
      { owner: `oidc:${new URL(issuer.url).host}#alice`, priority: 7, id: body.jobID },
    ]);
  });

  it('is taken as long as its claims are right', async () => {
    const other = await signingKey('x');
    const right = [
      issuer.forged({}),
      issuer.forged({ aud: ['https://other.example', issuer.audience] }),
      issuer.forged({}, { typ: 'at+jwt' }),
      issuer.forged({}, { typ: 'application/at+jwt' }),
      issuer.forged({}, { typ: 'JWT' }),
      // Clocks may differ.
      issuer.forged({ exp: seconds() - 5 }),
      issuer.forged({ nbf: seconds() + 5 }),
      issuer.forged({ jku: 'https://elsewhere.example' }),
      issuer.forged({}, { jku: 'https://elsewhere.example', jwk: { ...other.jwk, d: undefined } }),
    ];
    for (const token of await Promise.all(right)) await ask(token).expect(200);
  });
});

describe('what is no token of the issuer is refused', () => {
  it.each<[string, RegExp, () => Promise<string> | string]>([
    ['expired', /it has expired/, () => issuer.forged({ exp: seconds() - 60 })],
    ['without an end', /"exp"/, () => issuer.forged({ exp: undefined })],
    ['of tomorrow', /"nbf"/, () => issuer.forged({ nbf: seconds() + 600 })],
    ['for another audience', /"aud"/, () => issuer.forged({ aud: 'https://other.example' })],
    ['for no audience', /"aud"/, () => issuer.forged({ aud: undefined })],
    ['of another issuer', /"iss"/, () => issuer.forged({ iss: 'https://other.example' })],
    ['of the issuer, with a slash', /"iss"/, () => issuer.forged({ iss: `${issuer.url}/` })],
    ['without a subject', /"sub"/, () => issuer.forged({ sub: undefined })],
    ['with an empty subject', /subject/, () => issuer.forged({ sub: '' })],
    ['with a subject that is no name', /subject/, () => issuer.forged({ sub: 'a\0b' })],
    ['with too long a subject', /subject/, () => issuer.forged({ sub: 'x'.repeat(256) })],
    ['with a number for a subject', /sub/, () => issuer.forged({ sub: 7 })],
    ['with a list for a subject', /sub/, () => issuer.forged({ sub: ['alice'] })],
    ['to log out', /no access token/, () => issuer.forged({}, { typ: 'logout+jwt' })],
    ['with an unknown extension', /malformed/, () => issuer.forged({}, { crit: ['x'], x: 1 })],
    ['by an unknown key', /no such key/, async () => issuer.forged({}, {}, await signingKey('x'))],
    [
      'by another key of the same name',
      /signature/,
      async () => issuer.forged({}, {}, await signingKey('one')),
    ],
    ['naming another key', /signature|no such key/, () => issuer.forged({}, { kid: 'two' })],
    ['without a signature', /algorithm/, () => unsigned()],
    ['with a shared secret: the public key as PEM', /algorithm/, () => symmetric('pem')],
    ['with a shared secret: the modulus', /algorithm/, () => symmetric('modulus')],
    ['that is encrypted', /token of the issuer/, () => 'a.b.c.d.e'],
    ['of letters', /malformed/, () => 'a.b.c'],
    [
      'with an empty signature',
      /malformed|signature/,
      async () => (await issuer.forged({})).replace(/[^.]+$/, ''),
    ],
    ['with another end', /signature/, () => tampered({ exp: seconds() + 10_000 })],
    ['with another subject', /signature/, () => tampered({ sub: 'bob' })],
    ['opaque', /token of the issuer/, () => 'MARKER-opaque'],
  ])('%s', async (_what, reason, make) => {
    const token = await make();
    const answer = await ask(token).expect(401);
    expect(answer.body).toMatchObject({
      type: 'urn:senseiv2-cloudmask:problem:credentials-refused',
      detail: expect.stringMatching(reason),
    });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="cloud masks", error="invalid_token"',
    );
    expect(answer.text).not.toContain(token);
    expect(server.log()).not.toContain(token);
  });

  it('a key in the password of Basic is no token, and is not asked for', async () => {
    const basic = `Basic ${btoa(`x:${await issuer.forged({})}`)}`;
    await server.request.get('/jobs').set('Authorization', basic).expect(401);
    const { headers } = await server.request.get('/jobs').expect(401);
    expect(headers['www-authenticate']).toBe('Bearer realm="cloud masks"');
  });

  it('unknown keys make no call to the issuer each', async () => {
    const before = issuer.asked.length;
    const stranger = await signingKey('stranger');
    for (let count = 0; count < 10; count += 1)
      await ask(await issuer.forged({}, { kid: `stranger-${count}` }, stranger)).expect(401);
    expect(issuer.asked.length - before).toBeLessThanOrEqual(1);
  });
});

function unsigned(): string {
  return new UnsecuredJWT({ sub: 'alice', aud: issuer.audience, iss: issuer.url })
    .setExpirationTime('1h')
    .encode();
}

async function symmetric(kind: 'pem' | 'modulus'): Promise<string> {
  const text = kind === 'pem' ? await exportSPKI(key.publicKey) : (key.jwk.n ?? '');
  return new SignJWT({ sub: 'alice', aud: issuer.audience, iss: issuer.url })
    .setProtectedHeader({ alg: 'HS256', kid: key.kid })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(text));
}

async function tampered(claims: object): Promise<string> {
  const [header = '', payload = '', signature = ''] = (await issuer.token('alice')).split('.');
  const before = JSON.parse(new TextDecoder().decode(base64url.decode(payload))) as object;
  return [header, base64url.encode(JSON.stringify({ ...before, ...claims })), signature].join('.');
}

describe('an issuer', () => {
  const withIssuer = async (
    work: (own: Issuer, first: SigningKey, other: TestServer) => Promise<void>,
  ): Promise<void> => {
    const first = await signingKey('first');
    const own = await Issuer.start(first);
    const other = await startTestServer({ settings: own.settings });
    try {
      await work(own, first, other);
    } finally {
      await other.close();
      await own.close();
    }
  };

  const status = async (other: TestServer, token: string) =>
    (await other.request.get('/jobs').set('Authorization', `Bearer ${token}`)).status;

  it.each<[string, (own: Issuer) => void]>([
    ['answers 500', (own) => own.fail((_request, response) => void response.writeHead(500).end())],
    ['answers nonsense', (own) => own.fail((_request, response) => void response.end('{'))],
    [
      'has a document without keys',
      (own) => own.fail((_request, response) => void response.end('{}')),
    ],
    [
      'is another one by its own word',
      (own) =>
        own.fail(
          (_request, response) =>
            void response.end(
              JSON.stringify({ issuer: 'https://other.example', jwks_uri: `${own.url}/jwks` }),
            ),
        ),
    ],
    [
      'sends elsewhere, into the network of the server',
      (own) =>
        own.fail(
          (_request, response) =>
            void response.end(
              JSON.stringify({ issuer: own.url, jwks_uri: 'http://169.254.169.254/jwks' }),
            ),
        ),
    ],
    ['hangs up', (own) => own.fail((request) => void request.socket.destroy())],
  ])('that %s makes 503 with Retry-After, not 401', async (_how, breakIt) => {
    await withIssuer(async (own, _first, other) => {
      const token = await own.token('alice');
      breakIt(own);
      const before = own.asked.length;
      for (let count = 0; count < 5; count += 1) {
        const answer = await other.request.get('/jobs').set('Authorization', `Bearer ${token}`);
        expect([answer.status, answer.headers['retry-after']]).toEqual([503, '10']);
        expect(answer.body.type).toBe('urn:senseiv2-cloudmask:problem:issuer-unavailable');
      }
      // It is not asked again with every request.
      expect(own.asked.length - before).toBe(1);
      expect(other.log()).not.toContain(token);
      // What is public stays so.
      await other.request.get('/processes').set('Authorization', `Bearer ${token}`).expect(200);
    });
  });

  it('whose keys are known may be away for a while', async () => {
    await withIssuer(async (own, _first, other) => {
      const token = await own.token('alice');
      expect(await status(other, token)).toBe(200);
      own.fail((_request, response) => void response.writeHead(500).end());
      expect(await status(other, await own.forged({}))).toBe(200);
    });
  });
});
