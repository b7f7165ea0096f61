import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from '../../src/config/project-folder.ts';

it.skipIf(process.platform !== 'linux')('the server loads neither GDAL nor ONNX Runtime', () => {
  const program = `
    import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
    const { startApp } = await import('./src/app.ts');
    const { readConfig } = await import('./src/config/config.ts');
    const { createLog } = await import('./src/log.ts');
    const folder = mkdtempSync('/tmp/cloudmask-isolation-');
    const app = await startApp(readConfig({ PORT: '0', DATA_DIR: folder }), createLog('silent'));
    await fetch(app.root + '/processes/echo/execution', { method: 'POST', body: '{"inputs":{"a":"x"}}', headers: { 'content-type': 'application/json' } });
    const libraries = readFileSync('/proc/self/maps', 'utf8').split('\\n').map((line) => line.slice(73));
    process.stdout.write([...new Set(libraries)].join('\\n'));
    await app.stop();
    rmSync(folder, { recursive: true });
  `;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: projectFolder(),
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stdout).toContain('better-sqlite3');
  expect(stdout).not.toMatch(/gdal|onnxruntime|sharp/i);
});

it('a job child gets nothing of the environment of the server but what it needs', async () => {
  const { childEnvironment } = await import('../../src/config/child-environment.ts');
  const environment = childEnvironment({
    PATH: '/bin',
    LINK_SECRET: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    DATABASE_URL: 'x',
    NODE_OPTIONS: 'x',
  });
  expect(Object.keys(environment).toSorted()).toEqual([
    'CPL_VSIL_CURL_ALLOWED_EXTENSIONS',
    'CPL_VSIL_CURL_ALLOWED_FILENAME',
    'GDAL_DISABLE_READDIR_ON_OPEN',
    'GDAL_PAM_ENABLED',
    'GDAL_SKIP',
    'GDAL_VRT_ENABLE_PYTHON',
    'MALLOC_MMAP_THRESHOLD_',
    'MALLOC_TRIM_THRESHOLD_',
    'PATH',
    'TZ',
    'UV_THREADPOOL_SIZE',
  ]);
});

it('a transfer child gets certificates of the operator, and no setting of a proxy or of the SDK', async () => {
  const { transferEnvironment } = await import('../../src/config/child-environment.ts');
  const environment = transferEnvironment({
    PATH: '/bin',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    AWS_PROFILE: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    HTTPS_PROXY: 'x',
    LINK_SECRET: 'x',
  });
  expect(environment).toEqual({
    PATH: '/bin',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    TZ: 'UTC',
  });
});

it('only src/config reads the environment', () => {
  const source = join(projectFolder(), 'src');
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts'));
  const readers = files.filter((name) =>
    /process\s*\.\s*env\b|process\[/.test(readFileSync(join(source, name), 'utf8')),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(readers.length).toBeGreaterThan(0);
  expect(readers.filter((name) => !name.startsWith('config/'))).toEqual([]);
});
