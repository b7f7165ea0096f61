import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ApiKeys } from '../../../src/authentication/api-keys.ts';
import { readConfig } from '../../../src/config/config.ts';
import { projectFolder } from '../../../src/config/project-folder.ts';
import { createLog } from '../../../src/log.ts';
import { withFolder } from '../../support/folder.ts';

const run = (...args: string[]) =>
  spawnSync(process.execPath, ['src/main.ts', 'keys', ...args], {
    cwd: projectFolder(),
    encoding: 'utf8',
  });

it('makes a key, and the entry that lets it in', () =>
  withFolder(async (folder) => {
    const { stdout, status } = run('new', 'alice', '--id', 'laptop');
    expect(status).toBe(0);
    const [key = ''] = /cm_[\w-]{43}/.exec(stdout) ?? [];
    const entry = stdout.slice(stdout.indexOf('{'));
    expect(entry).not.toContain(key);
    const file = join(folder, 'keys.json');
    await writeFile(file, entry);
    const { apiKeys } = readConfig({ API_KEYS_FILE: file });
    expect(apiKeys?.read()).toMatchObject([{ id: 'laptop', grant: { owner: 'alice' } }]);
    const keys = new ApiKeys(apiKeys!, createLog('silent'));
    expect(keys.grantOf(key)).toEqual({ owner: 'alice' });
    expect(run('new', 'alice').stdout).not.toContain(key);
  }));

it.each([
  [[]],
  [['new']],
  [['new', 'a', 'b']],
  [['new', 'anonymous']],
  [['new', 'a:b']],
  [['old', 'a']],
  [['new', 'a', '--x']],
])('refuses %j, and says how it is used', (args) => {
  const { status, stderr, stdout } = run(...args);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('Usage: npm run keys');
});
