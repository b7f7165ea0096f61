import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  assertUndamaged,
  type Access,
  type ByteRange,
  type Storage,
  type Stored,
} from './storage.ts';

/** Results as files below one folder. */
export class FileStorage implements Storage {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(key: string, file: string, mediaType: string): Promise<Stored> {
    const target = this.#path(key);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await move(file, target);
    await sync(target);
    await sync(dirname(target));
    const { size } = await stat(target);
    return { key, mediaType, size, sha256: await sha256(target), fileName: basename(target) };
  }

  async access({ key }: Stored): Promise<Access | undefined> {
    const path = this.#path(key);
    const found = await unlessAbsent(stat(path));
    return found?.isFile() === true ? { kind: 'file', path } : undefined;
  }

  bytes({ key }: Stored, { from, to }: ByteRange): AsyncIterable<Uint8Array> {
    // The end of a stream is inclusive, so that it cannot be empty.
    return from < to ? createReadStream(this.#path(key), { start: from, end: to - 1 }) : nothing();
  }

  async read(stored: Stored): Promise<Buffer> {
    const content = await readFile(this.#path(stored.key));
    assertUndamaged(content, stored);
    return content;
  }

  async remove(prefix: string): Promise<void> {
    await rm(this.#path(prefix), { recursive: true, force: true });
  }

  /** The folder is made with the first result; its disk is that of the database. */
  async answers(): Promise<boolean> {
    return true;
  }

  async *attempts(): AsyncGenerator<{ jobId: string; attempt: number }> {
    const jobs = join(this.#root, 'jobs');
    for (const jobId of (await unlessAbsent(readdir(jobs))) ?? []) {
      for (const attempt of (await unlessAbsent(readdir(join(jobs, jobId)))) ?? [])
        yield { jobId, attempt: Number(attempt) };
    }
  }

  /** Keys are made by this program; all the same none may leave the root. */
  #path(key: string): string {
    const path = join(this.#root, key);
    if (!path.startsWith(this.#root + sep)) throw new Error(`The key "${key}" leaves the store.`);
    return path;
  }
}

async function* nothing(): AsyncGenerator<never> {}

/** Renames; between file systems it copies. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyFile(from, to);
    await rm(from);
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function unlessAbsent<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
