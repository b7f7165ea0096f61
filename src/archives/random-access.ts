/** Bytes of which any part can be read: a local file, an object of S3, a file on a server that answers ranges. */
import type { FileHandle } from 'node:fs/promises';
import { ArchiveFault } from './fault.ts';

export interface RandomAccess {
  /** In bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `from` on. Whoever calls keeps within the size. */
  read(from: number, length: number): Promise<Uint8Array>;
  /** The bytes from `from` on, up to and without `to`. Whoever reads may stop early. */
  stream(from: number, to: number): AsyncIterable<Uint8Array>;
}

const chunkBytes = 2 ** 18;

/**
 * The bytes of a file that somebody else closes.
 * @throws ArchiveFault, while reading, when the file became shorter
 */
export async function fileAccess(handle: FileHandle): Promise<RandomAccess> {
  const { size } = await handle.stat();
  return {
    size,
    read: (from, length) => readAll(handle, from, length),
    async *stream(from, to) {
      for (let at = from; at < to; at += chunkBytes) {
        yield await readAll(handle, at, Math.min(chunkBytes, to - at));
      }
    },
  };
}

async function readAll(handle: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await handle.read(bytes, at, length - at, from + at);
    if (bytesRead === 0) throw new ArchiveFault('the file became shorter while it was read.');
    at += bytesRead;
  }
  return bytes;
}
