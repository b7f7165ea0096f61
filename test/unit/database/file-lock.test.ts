import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockFile } from '../../../src/database/file-lock.ts';
import { withFolder } from '../../support/folder.ts';

it('locks a file for one at a time, and makes no other file', () =>
  withFolder(async (folder) => {
    const file = join(folder, 'lock');
    const lock = await lockFile(file);
    expect(await lockFile(file)).toBeUndefined();
    expect(await readdir(folder)).toEqual(['lock']);
    await lock?.release();
    const next = await lockFile(file);
    expect(next).toBeDefined();
    await next?.release();
  }));
