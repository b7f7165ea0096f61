import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publicRoot, readConfig, settingsTable } from '../../../src/config/config.ts';
import { knownHosts } from '../../../src/config/known-hosts.ts';
import { withFolder } from '../../support/folder.ts';
import { defaultLayouts } from '../../../src/sources/archive-layouts.ts';
import { projectFolder } from '../../../src/config/project-folder.ts';
import { starterId } from '../../support/starter-model.ts';

const messageOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no fault';
};

describe('readConfig', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      baseUrl: undefined,
      dataDirectory: `${projectFolder()}/data`,
      productRoots: [],
      productLayouts: defaultLayouts,
      productMb: 4096,
      buckets: [],
      outboundHosts: knownHosts,
      outboundDeniedHosts: [],
      outboundPorts: [443, 8443],
      outboundTrustedOrigins: [],
      callbackHosts: ['*'],
      deliveryHosts: ['*'],
      apiKeys: undefined,
      oidcIssuer: undefined,
      oidcAudience: undefined,
      oidcPriorityClaim: undefined,
      anonymous: undefined,
      requestsPerMinute: undefined,
      executionsPerMinute: undefined,
      trustedProxies: [],
      callbackSecret: undefined,
      modelId: starterId,
      modelsDirectory: `${projectFolder()}/models`,
      modelDevice: 'auto',
      secretKey: undefined,
      stopSeconds: 10,
      resultStore: { kind: 'file' },
      resultEndpointUrl: undefined,
      resultRegion: undefined,
      resultDays: 14,
      jobDays: 30,
      linkSecret: undefined,
      maxRunningJobs: 1,
      maxQueuedJobs: 1000,
      maxQueuedJobsPerOwner: undefined,
      maxQueuedWindowsPerOwner: undefined,
      maxRunningJobsPerOwner: undefined,
      jobMemoryMb: 2048,
      jobMinutes: 360,
      maxBodyBytes: 2_097_152,
      logLevel: 'info',
    });
  });

  it.each([
    [{ INIT_CWD: '/home/user' }, '/home/user/x'],
    [{}, `${process.cwd()}/x`],
  ])('takes relative folders from where the command was typed: %j', (environment, folder) => {
    const config = readConfig({ ...environment, DATA_DIR: 'x', MODELS_DIR: './x' });
    expect([config.dataDirectory, config.modelsDirectory]).toEqual([folder, folder]);
    const byDefault = readConfig(environment);
    expect(byDefault.dataDirectory).toBe(`${projectFolder()}/data`);
    expect(byDefault.modelsDirectory).toBe(`${projectFolder()}/models`);
  });

  it.each(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])(
    'accepts LOG_LEVEL %s, and the table says so',
    (level) => {
      expect(readConfig({ LOG_LEVEL: level }).logLevel).toBe(level);
      expect(settingsTable()).toMatch(new RegExp(`LOG_LEVEL.*\`${level}\``));
    },
  );

  it('is frozen, deeply', () => {
    const config = readConfig({ PRODUCT_ROOTS: '/a:/b/' });
    expect(config.productRoots).toEqual(['/a', '/b']);
    expect([Object.isFrozen(config), Object.isFrozen(config.productRoots)]).toEqual([true, true]);
  });

  it('says all faults in one message, each with what was found and what is accepted', () => {
    const message = messageOf({
      PORT: '70000',
      BASE_URL: 'example.com',
      PRODUCT_ROOTS: 'relative:/fine',
      MODEL_DEVICE: 'tpu',
      RESULT_DAYS: '0',
      MAX_RUNNING_JOBS: '1.5',
      LINK_SECRET: 'MARKER-short',
      DATABASE_URL: 'mysql://user:MARKER@host/db',
      RESULT_STORE: 's3://bucket/../x',
    });
    expect(message.split('\n')).toEqual([
      'The settings have 9 fault(s):',
      '- PORT: found "70000"; accepted: an integer from 0 to 65535',
      '- BASE_URL: found "example.com"; accepted: an absolute http:// or https:// URL without user, query or fragment',
      '- DATABASE_URL: found ***; accepted: empty, or postgres://user:password@host:port/database',
      '- PRODUCT_ROOTS: found "relative:/fine"; accepted: absolute folders separated by ":" (not absolute: relative)',
      '- MODEL_DEVICE: found "tpu"; accepted: auto, cpu, cuda, webgpu',
      '- RESULT_STORE: found "s3://bucket/../x"; accepted: "file", or s3://bucket/prefix with letters, digits and . _ = - in the prefix',
      '- RESULT_DAYS: found "0"; accepted: a number of days above 0 and up to 36500',
      '- LINK_SECRET: found ***; accepted: empty, or at least 32 characters',
      '- MAX_RUNNING_JOBS: found "1.5"; accepted: an integer from 0 to 1000',
    ]);
  });

  it('wants jobs to be kept at least as long as their results', () => {
    expect(messageOf({ RESULT_DAYS: '20', JOB_DAYS: '10' })).toContain(
      'JOB_DAYS: found "10"; accepted: at least RESULT_DAYS (20)',
    );
  });

  it.each(['ftp://x', 'http://x/?a=b', 'http://x/#a', 'http://u:p@x', '/masks'])(
    'refuses BASE_URL %s',
    (url) => {
      expect(messageOf({ BASE_URL: url })).toContain('BASE_URL');
    },
  );

  it.each([
    ['file', { kind: 'file' }],
    ['s3://masks', { kind: 's3', bucket: 'masks', prefix: '' }],
    ['s3://masks/a/b//', { kind: 's3', bucket: 'masks', prefix: 'a/b' }],
  ])('reads RESULT_STORE=%s', (found, store) => {
    expect(readConfig({ RESULT_STORE: found }).resultStore).toEqual(store);
  });

  it.each(['s3://', 's3://Masks', 's3:///a', 's3://masks/a b', 's3://masks?x', 'https://x/masks'])(
    'refuses RESULT_STORE=%s',
    (found) => {
      expect(messageOf({ RESULT_STORE: found })).toContain('RESULT_STORE');
    },
  );

  it.each(['postgres://u:p@host:5432/db', 'postgresql:///db?host=/run/postgresql'])(
    'reads DATABASE_URL=%s',
    (databaseUrl) => {
      const found = readConfig({ DATABASE_URL: databaseUrl, SECRET_KEY: 'x'.repeat(32) });
      expect(found).toMatchObject({ databaseUrl });
    },
  );

  it('wants a SECRET_KEY that does not lie in the database', () => {
    expect(messageOf({ DATABASE_URL: 'postgres://u:MARKER@host/db' })).toMatch(
      /- SECRET_KEY: found nothing; accepted: with DATABASE_URL at least 32 characters/,
    );
    expect(messageOf({ DATABASE_URL: 'postgres://u:MARKER@host/db' })).not.toContain('MARKER');
  });

  it('lets nobody wait for a worker that cannot be', () => {
    const alone = { MAX_RUNNING_JOBS: '0' };
    expect(messageOf(alone)).toContain('accepted: without DATABASE_URL an integer from 1 to 1000');
    const among = { ...alone, DATABASE_URL: 'postgres://h/d', SECRET_KEY: 'x'.repeat(32) };
    expect(messageOf(among)).toBe('no fault');
  });
});

describe('publicRoot', () => {
  it.each([
    [{ BASE_URL: 'https://example.com/masks/' }, 'https://example.com/masks'],
    [{ HOST: '0.0.0.0' }, 'http://localhost:1234'],
    [{ HOST: '::1' }, 'http://[::1]:1234'],
    [{}, 'http://127.0.0.1:1234'],
  ])('%j → %s', (environment, root) => {
    expect(publicRoot(readConfig(environment), 1234)).toBe(root);
  });
});

describe('settingsTable', () => {
  it('has a row for each setting, with default and example', () => {
    const lines = settingsTable().split('\n');
    expect(lines).toHaveLength(2 + 45);
    expect(lines).toContain(
      '| `RESULT_DAYS` | `14` days | How long results and their download links live. | `7` |',
    );
    expect(lines.every((line) => line.split('|').length === 6)).toBe(true);
  });
});

describe('where products may come from', () => {
  it.each([
    ['OUTBOUND_HOSTS', 'https://a.org', /host names, "\*\."/],
    ['OUTBOUND_HOSTS', 'a..org', /host names/],
    ['OUTBOUND_DENIED_HOSTS', '*a.org', /host names/],
    ['OUTBOUND_PORTS', '443,0', /an integer from 1 to 65535/],
    ['OUTBOUND_PORTS', ',', /ports separated by ","/],
    ['OUTBOUND_TRUSTED_ORIGINS', 'http://a/b', /origins such as/],
    ['OUTBOUND_TRUSTED_ORIGINS', 'ftp://a', /origins such as/],
    ['PRODUCT_LAYOUTS', '/abs/{name}', /relative paths with \{name\}/],
    ['PRODUCT_LAYOUTS', '../{name}', /relative paths/],
    ['PRODUCT_LAYOUTS', '{yyyy}/x', /relative paths/],
    ['PRODUCT_LAYOUTS', '{name}/{other}', /relative paths/],
    ['S3_BUCKETS_FILE', '/nowhere/at/all', /readable JSON file \(ENOENT\)/],
  ])('refuses %s=%s', (name, value, accepted) => {
    expect(messageOf({ [name]: value })).toMatch(accepted);
  });

  it('reads lists, and origins as browsers write them', () => {
    const config = readConfig({
      OUTBOUND_HOSTS: 'A.org, *.b.org,*',
      OUTBOUND_TRUSTED_ORIGINS: 'http://Archive.intranet:80/,https://x:8443',
      PRODUCT_LAYOUTS: '{yyyy}/{name}.SAFE',
    });
    expect(config.outboundHosts).toEqual(['a.org', '*.b.org', '*']);
    expect(config.outboundTrustedOrigins).toEqual(['http://archive.intranet', 'https://x:8443']);
    expect(config.productLayouts).toEqual(['{yyyy}/{name}.SAFE']);
  });

  it('reads the buckets, and never quotes the file', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'buckets.json');
      const read = async (text: string): Promise<string> => {
        await writeFile(file, text);
        return messageOf({ S3_BUCKETS_FILE: file });
      };
      const entry = { access_key_id: 'id', secret_access_key: 'very-secret' };
      await writeFile(
        file,
        JSON.stringify({ eodata: { ...entry, endpoint_url: 'https://s3.org' } }),
      );
      expect(readConfig({ S3_BUCKETS_FILE: file }).buckets).toEqual([
        {
          bucket: 'eodata',
          region: 'us-east-1',
          pathStyle: true,
          requesterPays: false,
          endpointUrl: 'https://s3.org',
          credentials: { accessKeyId: 'id', secretAccessKey: 'very-secret' },
        },
      ]);
      const faulty = [
        '{"eodata": {"secret_access_key": "very-secret"}}',
        '{"eodata": "very-secret"',
        '{"Bad_Name": {}}',
        '{"eodata": {"endpoint_url": "https://user:very-secret@s3.org"}}',
        '[]',
      ];
      for (const text of faulty) {
        const message = await read(text);
        expect(message).toMatch(/S3_BUCKETS_FILE/);
        expect(message).not.toContain('very-secret');
      }
    });
  });
});
