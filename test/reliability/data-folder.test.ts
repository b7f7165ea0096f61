/** A data folder that cannot be used: one line with cause and remedy, and no stack. Real server processes. */
import { spawnSync } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../src/config/project-folder.ts';
import { withFolder } from '../support/folder.ts';
import { startTestServer } from '../support/server.ts';
import { fill, smallDisk } from '../support/small-disk.ts';

/** What a server that cannot start says, and its exit code. */
function serve(dataDirectory: string): { said: string; exitCode: number | null } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(projectFolder(), 'src/main.ts'), 'serve'],
    {
      env: { PATH: process.env['PATH'] ?? '', PORT: '0', DATA_DIR: dataDirectory },
      encoding: 'utf8',
      timeout: 30_000,
    },
  );
  return { said: (stdout + stderr).trim(), exitCode: status };
}

const disk = await smallDisk();

it('that is a file', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'data');
    await writeFile(file, '');
    expect(serve(file)).toEqual({
      exitCode: 1,
      said: `DATA_DIR ${file} cannot be used: it is not a folder (EEXIST). Move away what is there, or set DATA_DIR to another folder.`,
    });
  }));

it('that lies below a file', () =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'data'), '');
    expect(serve(join(folder, 'data', 'x')).said).toMatch(/^DATA_DIR .* it is not a folder .*\.$/);
  }));

describe.skipIf(disk === undefined)('on a small disk', () => {
  const folder = disk?.folder ?? '';
  beforeAll(() => mkdir(join(folder, 'data')));
  afterAll(() => disk?.unmount());

  it('that is full, empty or with the database of an earlier server', async () => {
    for (const name of ['new', 'data']) {
      if (name === 'data')
        await (await startTestServer({ dataDirectory: join(folder, name) })).close();
      await fill(join(folder, 'filler'));
      const { said, exitCode } = serve(join(folder, name));
      expect([exitCode, said]).toEqual([
        1,
        expect.stringMatching(/^DATA_DIR \S+ cannot be used: its disk is full.*another folder\.$/),
      ]);
      await rm(join(folder, 'filler'));
    }
  });

  it('that is read-only', () => {
    disk?.remount('ro');
    for (const name of ['absent', 'data']) {
      const { said, exitCode } = serve(join(folder, name));
      expect([exitCode, said]).toEqual([
        1,
        expect.stringMatching(/^DATA_DIR \S+ cannot be used: it cannot be written \(\w+\)\. Give /),
      ]);
    }
  });
});

it('is for the eyes of its owner only, with everything in it', () =>
  withFolder(async (folder) => {
    const dataDirectory = join(folder, 'data');
    const server = await startTestServer({ dataDirectory });
    const mode = async (name: string) => (await stat(join(dataDirectory, name))).mode & 0o777;
    expect(await mode('.')).toBe(0o700);
    expect([await mode('jobs.sqlite'), await mode('jobs.sqlite-wal')]).toEqual([0o600, 0o600]);
    await server.close();
  }));
