/** A file of this machine as a `Remote`: an archive below a product root, or one that was brought as a whole. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileAccess, type RandomAccess } from '../archives/random-access.ts';
import { headBytes, type Remote, type RemoteDocument } from './remote.ts';

export class FileRemote implements Remote {
  readonly shown: string;
  readonly #file: string;
  #handle: Promise<FileHandle> | undefined;

  /** `file` is a real path: its last part may be no link. */
  constructor(file: string, shown = basename(file)) {
    this.#file = file;
    this.shown = shown;
  }

  async head(): Promise<Uint8Array> {
    const access = await this.random();
    return access.read(0, Math.min(headBytes, access.size));
  }

  async document(): Promise<RemoteDocument> {
    throw new Error('A file of this machine is an archive.');
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const { size, stream } = await this.random();
    yield* stream(0, size);
  }

  async random(): Promise<RandomAccess> {
    // oxlint-disable-next-line no-bitwise
    this.#handle ??= open(this.#file, constants.O_RDONLY | constants.O_NOFOLLOW);
    return fileAccess(await this.#handle);
  }

  async save(): Promise<void> {
    throw new Error('A file of this machine can be read at will.');
  }

  async close(): Promise<void> {
    await (await this.#handle)?.close();
  }
}
