import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { allOf } from '../support/all-of.ts';
import { temporaryDataFolder } from '../support/finished-job.ts';

const sha256OfHello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

describe('storage: files', () => {
  let folder: string;
  let storage: FileStorage;
  beforeEach(async () => {
    folder = await temporaryDataFolder();
    storage = new FileStorage(join(folder, 'results'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const put = async (key: string) => {
    const file = join(folder, 'made');
    await writeFile(file, 'hello');
    const stored = await storage.put(key, file, 'text/plain');
    return { stored, isMoved: !existsSync(file) };
  };

  it('takes a file over and knows it', async () => {
    const { stored, isMoved } = await put('jobs/j/1/a.txt');
    expect([stored, isMoved]).toEqual([
      {
        key: 'jobs/j/1/a.txt',
        mediaType: 'text/plain',
        size: 5,
        sha256: sha256OfHello,
        fileName: 'a.txt',
      },
      true,
    ]);
    expect((await storage.read(stored)).toString()).toBe('hello');
    expect(await storage.access(stored.key)).toEqual({
      kind: 'file',
      path: join(folder, 'results', stored.key),
    });
    expect(await storage.access('jobs/j/1/none')).toBeUndefined();
  });

  it('notices damage', async () => {
    const { stored } = await put('jobs/j/1/a.txt');
    await writeFile(join(folder, 'results', stored.key), 'hellO');
    await expect(storage.read(stored)).rejects.toThrow('is damaged');
  });

  it('removes by prefix, lists attempts', async () => {
    await put('jobs/j/1/a.txt');
    await put('jobs/j/2/a.txt');
    expect(await allOf(storage.attempts())).toEqual([
      { jobId: 'j', attempt: 1 },
      { jobId: 'j', attempt: 2 },
    ]);
    await storage.remove('jobs/j/1');
    await storage.remove('jobs/none');
    expect(await allOf(storage.attempts())).toEqual([{ jobId: 'j', attempt: 2 }]);
  });

  it.each(['../x', 'jobs/../../x', '.'])(
    'refuses the key %s, which leaves the store',
    async (key) => {
      await expect(storage.access(key)).rejects.toThrow('leaves the store');
    },
  );
});
