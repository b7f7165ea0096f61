import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { withFolder } from '../../support/folder.ts';

const sha256 = '0a'.repeat(32);

const readKeys = (text: string) =>
  withFolder(async (folder) => {
    const file = join(folder, 'keys.json');
    await writeFile(file, text);
    return readConfig({ API_KEYS_FILE: 'keys.json', INIT_CWD: folder }).apiKeys?.read();
  });

describe('API_KEYS_FILE', () => {
  it('gives owners and limits', async () => {
    const limits = { priority: 5, max_queued: 10, max_running: 2, requests_per_minute: 0 };
    const entries = {
      one: { owner: 'alice', sha256 },
      two: { owner: 'a.b@example.com', sha256: '0b'.repeat(32), ...limits },
    };
    expect(await readKeys(JSON.stringify(entries))).toEqual([
      { id: 'one', sha256, grant: { owner: 'alice' } },
      {
        id: 'two',
        sha256: '0b'.repeat(32),
        grant: {
          owner: 'a.b@example.com',
          priority: 5,
          maxQueued: 10,
          maxRunning: 2,
          requestsPerMinute: 0,
        },
      },
    ]);
    expect(await readKeys('{}')).toEqual([]);
  });

  it.each([
    ['no JSON', '{"MARKER'],
    ['a list', '[]'],
    ['no digest', '{"one":{"owner":"MARKER"}}'],
    ['no owner', `{"one":{"sha256":"${sha256}"}}`],
    ['the key instead of its digest', '{"one":{"owner":"alice","sha256":"cm_MARKER"}}'],
    ['a digest in capitals', `{"one":{"owner":"alice","sha256":"${'0A'.repeat(32)}"}}`],
    ['the name of all others', `{"one":{"owner":"anonymous","sha256":"${sha256}"}}`],
    ['a name of an issuer', `{"one":{"owner":"oidc:x#y","sha256":"${sha256}"}}`],
    ['an unknown member', `{"one":{"owner":"alice","sha256":"${sha256}","MARKER":1}}`],
    ['a limit of nothing', `{"one":{"owner":"alice","sha256":"${sha256}","max_queued":0}}`],
    [
      'a key that is there twice',
      `{"one":{"owner":"a","sha256":"${sha256}"},"two":{"owner":"b","sha256":"${sha256}"}}`,
    ],
  ])('refuses %s, and quotes nothing', async (_what, text) => {
    await expect(readKeys(text)).rejects.toThrow(
      /^The settings have 1 fault\(s\):\n- API_KEYS_FILE/,
    );
    await expect(readKeys(text)).rejects.not.toThrow('MARKER');
  });

  it('says when there is no such file', () => {
    expect(() => readConfig({ API_KEYS_FILE: '/none/keys.json' })).toThrow('ENOENT');
  });
});

const issuer = { OIDC_ISSUER: 'https://login.example.com/realms/eo', OIDC_AUDIENCE: 'masks' };

describe('settings of access that belong together', () => {
  it('are accepted together', () => {
    expect(readConfig({ ...issuer, ANONYMOUS: 'denied' })).toMatchObject({
      oidcIssuer: 'https://login.example.com/realms/eo',
      anonymous: 'denied',
    });
    const http = 'http://keycloak:8080';
    readConfig({ ...issuer, OIDC_ISSUER: `${http}/x`, OUTBOUND_TRUSTED_ORIGINS: http });
  });

  it('keeps an issuer as it is written: tokens have the very text', () => {
    const config = readConfig({ ...issuer, OIDC_ISSUER: 'https://login.example.com/' });
    expect(config.oidcIssuer).toBe('https://login.example.com/');
  });

  it.each([
    [{ OIDC_ISSUER: issuer.OIDC_ISSUER }, 'OIDC_AUDIENCE'],
    [{ OIDC_AUDIENCE: 'masks' }, 'OIDC_ISSUER'],
    [{ ...issuer, OIDC_ISSUER: 'http://login.example.com' }, 'OUTBOUND_TRUSTED_ORIGINS'],
    [{ ...issuer, OIDC_ISSUER: 'login.example.com' }, 'OIDC_ISSUER'],
    [{ ...issuer, OIDC_ISSUER: 'https://login.example.com?x' }, 'OIDC_ISSUER'],
    [{ ANONYMOUS: 'denied' }, 'ANONYMOUS'],
    [{ ANONYMOUS: 'yes' }, 'ANONYMOUS'],
    [{ RATE_LIMIT: '-1' }, 'RATE_LIMIT'],
    [{ TRUSTED_PROXIES: 'true' }, 'TRUSTED_PROXIES'],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES'],
    [{ TRUSTED_PROXIES: '10.0.0.0/8/8' }, 'TRUSTED_PROXIES'],
    [{ TRUSTED_PROXIES: 'proxy.example.com' }, 'TRUSTED_PROXIES'],
  ])('%j is refused, with what is missing', (environment, name) => {
    expect(() => readConfig(environment)).toThrow(name);
  });

  it.each([
    ['', []],
    ['loopback, 10.0.0.0/8,::1', ['loopback', '10.0.0.0/8', '::1']],
  ])('TRUSTED_PROXIES %j', (found, proxies) => {
    expect(readConfig({ TRUSTED_PROXIES: found }).trustedProxies).toEqual(proxies);
  });
});
