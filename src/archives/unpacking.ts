/** Files that come out of an archive. A call that fails leaves nothing of what it wrote. */
import { mkdir, open, rm, rmdir, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Cancelled } from '../errors.ts';
import { ArchiveFault, shown } from './fault.ts';
import { archiveKind, kindBytes } from './kind.ts';

/** What whoever unpacks has to say. */
export interface UnpackOptions {
  readonly signal: AbortSignal;
  /** Told of each piece that was written, in unpacked bytes. */
  readonly onBytes?: (bytes: number) => void;
}

/** One file to be written. */
export interface MemberFile {
  /** Path in the archive, for messages. */
  readonly name: string;
  /** Relative path made of plain names only. */
  readonly target: string;
  /** Most bytes, counted while they come. */
  readonly mostBytes: number;
}

const plainPath = /^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/;

/** Everything that one call writes below a folder, which has to be a fresh one: nothing is written over. */
export class Unpacking {
  readonly #directory: string;
  readonly #options: UnpackOptions;
  readonly #files: string[] = [];
  readonly #folders: string[] = [];
  constructor(directory: string, options: UnpackOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  /**
   * Writes a file that is not there yet, readable by its owner only.
   * @returns its bytes
   * @throws ArchiveFault when more comes than is accepted, or an archive
   * @throws Cancelled when the signal says so
   */
  async write(member: MemberFile, bytes: AsyncIterable<Uint8Array>): Promise<number> {
    // Patterns make targets; one that got around them is a mistake of ours.
    if (!plainPath.test(member.target)) throw new Error(`${member.target} is no plain path.`);
    const file = join(this.#directory, member.target);
    await this.#makeFolders(dirname(file));
    const handle = await open(file, 'wx', 0o600);
    this.#files.push(file);
    try {
      return await this.#fill(handle, member, bytes);
    } finally {
      await handle.close();
    }
  }

  /** Runs `work`; when it fails, everything that was written is removed, with the folders that were made for it. */
  async orNothing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.#discard();
      throw error;
    }
  }

  async #discard(): Promise<void> {
    await Promise.all(this.#files.map((file) => rm(file, { force: true })));
    for (const folder of this.#folders.toReversed()) await rmdir(folder);
  }

  async #makeFolders(folder: string): Promise<void> {
    const parts = relative(this.#directory, folder).split('/').filter(Boolean);
    for (const index of parts.keys()) {
      const path = join(this.#directory, ...parts.slice(0, index + 1));
      if (this.#folders.includes(path)) continue;
      await mkdir(path, 0o700);
      this.#folders.push(path);
    }
  }

  async #fill(
    handle: FileHandle,
    { name, mostBytes }: MemberFile,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    let written = 0;
    let head = Buffer.alloc(0);
    for await (const piece of bytes) {
      if (this.#options.signal.aborted) throw new Cancelled();
      if (written + piece.length > mostBytes) {
        throw new ArchiveFault(`"${shown(name)}" unpacks to more than ${mostBytes} bytes.`);
      }
      if (head.length < kindBytes) {
        head = Buffer.concat([head, piece.subarray(0, kindBytes - head.length)]);
        if (archiveKind(head) !== undefined) {
          throw new ArchiveFault(
            `"${shown(name)}" is an archive itself; archives within archives are not opened.`,
          );
        }
      }
      await handle.writeFile(piece);
      written += piece.length;
      this.#options.onBytes?.(piece.length);
    }
    return written;
  }
}
