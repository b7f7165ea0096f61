/**
 * A model's place below MODELS_DIR. A model appears there whole or not at all: it is made in a folder whose name begins
 * with a dot, and renamed. One command at a time works on a model; what a killed one left is cleared by the next.
 */
import { existsSync, renameSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ModelUnusable } from '../../errors.ts';

/** What `model.json` and MODEL accept alike. */
const idPattern = /^[a-z0-9][a-z0-9.-]{0,99}$/;

/** Name of the file that `models use` writes. */
const reserved = ['default'];

export class ModelPlace {
  readonly id: string;
  readonly modelsDirectory: string;

  /** @throws ModelUnusable when `id` cannot be the name of a model. */
  constructor(modelsDirectory: string, id: string) {
    if (!idPattern.test(id) || reserved.includes(id)) {
      throw new ModelUnusable(
        `"${id}" cannot be the id of a model. Accepted: lower-case letters, digits, "." and "-", a letter or digit first.`,
      );
    }
    this.id = id;
    this.modelsDirectory = modelsDirectory;
  }

  get folder(): string {
    return join(this.modelsDirectory, this.id);
  }

  /** Where the model is made. */
  get staging(): string {
    return join(this.modelsDirectory, `.adding-${this.id}`);
  }

  /** Where downloads wait. */
  get part(): string {
    return join(this.modelsDirectory, '.download', `${this.id}.part`);
  }

  get #replaced(): string {
    return join(this.modelsDirectory, `.replaced-${this.id}`);
  }

  /**
   * Runs `work` while no other command may touch this model.
   * @throws ModelUnusable when another one does.
   */
  async locked<T>(work: () => Promise<T>): Promise<T> {
    const lock = `${this.part}.lock`;
    await mkdir(dirname(lock), { recursive: true });
    await takeLock(lock, this.id);
    try {
      await this.#clear();
      return await work();
    } finally {
      await rm(this.staging, { recursive: true, force: true });
      await rm(lock, { force: true });
      await removeIfEmpty(dirname(lock));
    }
  }

  /** What is in `staging` becomes the model; an older one goes. */
  async publish(): Promise<void> {
    const isReplacing = existsSync(this.folder);
    // Without a pause between the two: only a power cut can part them, and then #clear mends it.
    if (isReplacing) renameSync(this.folder, this.#replaced);
    renameSync(this.staging, this.folder);
    await syncFolder(this.modelsDirectory);
    if (isReplacing) await rm(this.#replaced, { recursive: true, force: true });
  }

  /** Removes the model: first out of sight, then from the disk. */
  async remove(): Promise<void> {
    await rename(this.folder, this.staging);
    await syncFolder(this.modelsDirectory);
    await rm(this.staging, { recursive: true, force: true });
  }

  async #clear(): Promise<void> {
    if (existsSync(this.#replaced) && !existsSync(this.folder)) {
      await rename(this.#replaced, this.folder);
    }
    await rm(this.#replaced, { recursive: true, force: true });
    await rm(this.staging, { recursive: true, force: true });
  }
}

async function takeLock(lock: string, id: string): Promise<void> {
  for (let isSecond = false; ; isSecond = true) {
    try {
      const file = await open(lock, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
      if (isSecond || isAlive(owner)) {
        throw new ModelUnusable(
          `Another command (process ${owner}) is working on the model "${id}". If that is not so, delete ${lock}.`,
          { cause: error },
        );
      }
      await rm(lock, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid || !(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'ENOENT')
      throw error;
  });
}

/** Makes names in a folder survive a power cut, where the file system can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw error;
    }
  } finally {
    await handle.close();
  }
}
