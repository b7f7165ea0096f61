/** What every store of results keeps to. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Storage, Stored } from '../../src/storage/storage.ts';
import { allOf } from './all-of.ts';
import { withFolder } from './folder.ts';
import { collected } from './outbound.ts';

const sha256OfHello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

export interface MadeStorage {
  readonly storage: Storage;
  /** Where the content of a key really lies on this machine. */
  fileOf(key: string): string;
}

/** `use` is run with an empty store and a folder for what is put into it. */
export type WithStorage = (
  folder: string,
  use: (made: MadeStorage) => Promise<void>,
) => Promise<void>;

interface Rig extends MadeStorage {
  put(key: string, content?: string | Buffer): Promise<{ stored: Stored; isMoved: boolean }>;
}

export function storageContract(name: string, withStorage: WithStorage): void {
  const withRig = (use: (rig: Rig) => Promise<void>): Promise<void> =>
    withFolder((folder) =>
      withStorage(folder, (made) =>
        use({
          ...made,
          async put(key, content = 'hello') {
            const file = join(folder, 'made');
            await writeFile(file, content);
            const stored = await made.storage.put(key, file, 'text/plain');
            return { stored, isMoved: !existsSync(file) };
          },
        }),
      ),
    );

  describe(`storage: ${name}`, () => {
    it('takes a file over and knows it', () =>
      withRig(async ({ storage, put }) => {
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
        expect(await storage.access(stored)).toBeDefined();
        expect(await storage.access({ ...stored, key: 'jobs/j/1/none' })).toBeUndefined();
      }));

    it('takes large and empty files, and gives parts of them', () =>
      withRig(async ({ storage, put }) => {
        const content = randomBytes(17_000_000);
        const { stored } = await put('jobs/j/1/large', content);
        const part = async (from: number, to: number): Promise<Buffer> =>
          collected(storage.bytes(stored, { from, to }));
        expect((await part(0, content.length)).equals(content)).toBe(true);
        expect(
          (await part(8_388_600, 8_388_617)).equals(content.subarray(8_388_600, 8_388_617)),
        ).toBe(true);
        expect(await part(5, 5)).toHaveLength(0);
        const empty = (await put('jobs/j/1/empty', '')).stored;
        expect(empty.size).toBe(0);
        expect(await storage.read(empty)).toHaveLength(0);
      }));

    it('replaces what lies under a key', () =>
      withRig(async ({ storage, put }) => {
        await put('jobs/j/1/a.txt', 'first');
        const { stored } = await put('jobs/j/1/a.txt', 'second');
        expect((await storage.read(stored)).toString()).toBe('second');
      }));

    it('notices damage', () =>
      withRig(async ({ storage, put, fileOf }) => {
        const { stored } = await put('jobs/j/1/a.txt');
        await writeFile(fileOf(stored.key), 'hellO');
        await expect(storage.read(stored)).rejects.toThrow('is damaged');
      }));

    it('removes by prefix, lists attempts', () =>
      withRig(async ({ storage, put }) => {
        await put('jobs/j/1/a.txt');
        await put('jobs/j/2/a.txt');
        await put('jobs/j/2/b.txt');
        await put('jobs/jj/1/a.txt');
        expect(await allOf(storage.attempts())).toEqual([
          { jobId: 'j', attempt: 1 },
          { jobId: 'j', attempt: 2 },
          { jobId: 'jj', attempt: 1 },
        ]);
        await storage.remove('jobs/j/1');
        await storage.remove('jobs/none');
        expect(await allOf(storage.attempts())).toEqual([
          { jobId: 'j', attempt: 2 },
          { jobId: 'jj', attempt: 1 },
        ]);
        await storage.remove('jobs/j');
        expect(await allOf(storage.attempts())).toEqual([{ jobId: 'jj', attempt: 1 }]);
      }));

    it('removes more than fit one request', () =>
      withRig(async ({ storage, fileOf }) => {
        const names = Array.from({ length: 1001 }, (_, at) => fileOf(`jobs/j/1/${at}`));
        await mkdir(dirname(names[0] ?? ''), { recursive: true });
        for (const file of names) await writeFile(file, '');
        await storage.remove('jobs/j');
        expect(await allOf(storage.attempts())).toEqual([]);
      }));

    it.each(['../x', 'jobs/../../x', '.'])('refuses the key %s, which leaves the store', (key) =>
      withRig(async ({ storage, put }) => {
        const { stored } = await put('jobs/j/1/a.txt');
        await expect(storage.access({ ...stored, key })).rejects.toThrow('leaves the store');
      }),
    );
  });
}
