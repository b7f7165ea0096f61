import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IssuerKeys } from '../../../src/authentication/issuer-keys.ts';
import { Tokens } from '../../../src/authentication/tokens.ts';
import { createLog } from '../../../src/log.ts';
import { Issuer, signingKey } from '../../support/issuer.ts';

const log = createLog('silent');
const fetchBytes = async (url: string): Promise<Uint8Array> => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};

let issuer: Issuer;
beforeAll(async () => {
  issuer = await Issuer.start(await signingKey('one'));
});
afterAll(() => issuer.close());

const tokensOf = (options: { pauseMs?: number; cooldownMs?: number } = {}, now = new Date()) =>
  new Tokens(
    { issuer: issuer.url, audience: issuer.audience, priorityClaim: 'rank' },
    new IssuerKeys(issuer.url, { fetch: fetchBytes, log, ...options }),
    () => now,
  );

describe('Tokens', () => {
  it.each([
    [7, 7],
    [-7, -7],
    [1e9, 100],
    [-1e9, -100],
    [0.5, undefined],
    ['7', undefined],
    [undefined, undefined],
  ])('takes the priority %j as %j', async (rank, priority) => {
    const grant = await tokensOf().grantOf(await issuer.forged({ rank }));
    expect(grant.priority).toBe(priority);
  });

  it('compares times with the clock that it is given', async () => {
    const token = await issuer.forged({});
    await tokensOf().grantOf(token);
    const late = new Date(Date.now() + 3_600_000);
    await expect(tokensOf({}, late).grantOf(token)).rejects.toThrow('it has expired');
  });

  it('finds the new key when the issuer has rotated its keys, and refuses the old one', async () => {
    const [old, fresh] = [await signingKey('old'), await signingKey('fresh')];
    issuer.use(old);
    const tokens = tokensOf({ cooldownMs: 0 });
    const before = await issuer.token('alice');
    await tokens.grantOf(before);
    issuer.use(fresh, old);
    expect(await tokens.grantOf(await issuer.token('alice'))).toMatchObject({
      owner: expect.stringMatching(/#alice$/),
    });
    await tokens.grantOf(before);
    issuer.use(fresh);
    const stranger = await issuer.forged({}, {}, await signingKey('stranger'));
    await expect(tokens.grantOf(stranger)).rejects.toThrow('the issuer has no such key');
    await expect(tokens.grantOf(before)).rejects.toThrow('the issuer has no such key');
  });

  it('asks an issuer again that did not answer', async () => {
    const key = await signingKey('one');
    issuer.use(key);
    const token = await issuer.token('alice');
    const tokens = tokensOf({ pauseMs: 0 });
    issuer.fail((_request, response) => void response.writeHead(500).end());
    await expect(tokens.grantOf(token)).rejects.toMatchObject({ name: 'IssuerUnavailable' });
    issuer.use(key);
    expect(await tokens.grantOf(token)).toMatchObject({ owner: expect.stringMatching(/#alice$/) });
  });

  it('keeps known keys while an unknown one cannot be asked for', async () => {
    const key = await signingKey('one');
    issuer.use(key);
    const token = await issuer.token('alice');
    const tokens = tokensOf({ pauseMs: 0, cooldownMs: 0 });
    await tokens.grantOf(token);
    issuer.fail((_request, response) => void response.writeHead(500).end());
    const stranger = await issuer.forged({}, {}, await signingKey('stranger'));
    await expect(tokens.grantOf(stranger)).rejects.toMatchObject({ name: 'IssuerUnavailable' });
    await tokens.grantOf(token);
  });
});
