/**
 * The central directory of a zip: read as a whole and held to limits before anything is unpacked. What an entry unpacks
 * to is counted later on, never believed.
 */
import { callbackify, promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { DomainError } from '../errors.ts';
import { ArchiveFault, shown } from './fault.ts';
import { freeBytes, type DirectoryLimits } from './limits.ts';
import type { RandomAccess } from './random-access.ts';

/** Methods of compression that are read. */
export const zipMethods = { stored: 0, deflated: 8 } as const;

/** What is known of a zip before anything is unpacked. */
export interface ZipDirectory {
  /** By name. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** All entries unpacked, as the directory says. */
  readonly totalBytes: number;
  /** Where the directory begins, and where it ends, in the file. */
  readonly start: number;
  readonly end: number;
  /** Length of the comment at the end. */
  readonly commentLength: number;
  /**
   * Bytes of the archive; those beside the directory were read with it.
   * @throws ArchiveFault when there are none
   */
  read(from: number, length: number): Promise<Uint8Array>;
  /**
   * A whole entry, unpacked in memory.
   * @throws ArchiveFault when its bytes are not what the directory says
   */
  bytesOf(entry: Entry): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Reads the central directory.
 * @throws ArchiveFault for everything that is wrong with it; faults of the source stay what they are.
 */
export function readDirectory(
  source: RandomAccess,
  limits: DirectoryLimits,
): Promise<ZipDirectory> {
  return asFault(async () => {
    const reader = new SourceReader(source);
    const zip = await fromRandomAccessReaderPromise(reader, source.size, {
      lazyEntries: true,
      autoClose: false,
      strictFileNames: true,
    });
    // yauzl moves this number along; its types take it for a boolean.
    const start = Number(zip.readEntryCursor);
    const entries = await listEntries(zip, limits);
    return {
      entries,
      totalBytes: totalOf(entries),
      start,
      end: Number(zip.readEntryCursor),
      commentLength: zip.comment.length,
      read: (from, length) => asFault(() => reader.bytes(from, length)),
      bytesOf: (entry) => asFault(() => unpack(zip, source, entry)),
    };
  });
}

/** A fault of the source on its way through yauzl. */
class SourceFailure extends Error {}

/** Read at once where little is asked for: over a network each reading is a request. */
const readAheadBytes = 2 ** 16;

/** yauzl's way to a source, with the last part of it kept. */
class SourceReader extends RandomAccessReader {
  readonly #source: RandomAccess;
  #kept: { readonly from: number; readonly bytes: Uint8Array } = {
    from: 0,
    bytes: new Uint8Array(),
  };
  constructor(source: RandomAccess) {
    super();
    this.#source = source;
  }
  // eslint-disable-next-line max-params -- yauzl's signature
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const bytes = callbackify(() => this.bytes(position, length));
    bytes((error, found) => {
      if (error == null) buffer.set(found, offset);
      callback(error);
    });
  }

  async bytes(from: number, length: number): Promise<Uint8Array> {
    if (from < 0 || from + length > this.#source.size) {
      throw new ArchiveFault(damaged('unexpected end of the file'));
    }
    const at = from - this.#kept.from;
    if (at < 0 || at + length > this.#kept.bytes.length) {
      const ahead = Math.min(Math.max(length, readAheadBytes), this.#source.size - from);
      const bytes = await this.#source.read(from, ahead).catch((error: unknown) => {
        throw new SourceFailure('The source cannot be read.', { cause: error });
      });
      this.#kept = { from, bytes };
    }
    return this.#kept.bytes.subarray(from - this.#kept.from, from - this.#kept.from + length);
  }
}

function damaged(reason: string): string {
  return `the archive is damaged or not complete (${shown(reason)}). Was the download cut short?`;
}

/** yauzl and zlib throw plain errors about a broken archive; errors of the disk or the network stay what they are. */
async function asFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SourceFailure) throw error.cause;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const isOurs = error instanceof ArchiveFault || error instanceof DomainError;
    if (isOurs || (/^E[A-Z]+$/.test(code) && error instanceof Error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArchiveFault(damaged(reason), { cause: error });
  }
}

/** Most bytes of the directory: extra fields and comments would make hundreds of MB of it. */
const mostDirectoryBytes = 2 ** 24;

async function listEntries(
  zip: ZipFile,
  limits: DirectoryLimits,
): Promise<ReadonlyMap<string, Entry>> {
  const most = Number(zip.readEntryCursor) + mostDirectoryBytes;
  if (zip.entryCount > limits.entries) {
    throw new ArchiveFault(
      `the archive has ${zip.entryCount} entries; at most ${limits.entries} are accepted.`,
    );
  }
  const entries = new Map<string, Entry>();
  const folded = new Set<string>();
  for await (const entry of zip.eachEntry()) {
    assertEntry(entry, limits);
    if (Number(zip.readEntryCursor) > most) {
      throw new ArchiveFault(
        `the directory of the archive has more than ${mostDirectoryBytes} bytes, the most that is accepted.`,
      );
    }
    const name = entry.fileName.toLowerCase();
    if (folded.has(name)) {
      throw new ArchiveFault(`the archive has "${shown(entry.fileName)}" twice.`);
    }
    folded.add(name);
    entries.set(entry.fileName, entry);
  }
  assertApart([...entries.values()]);
  const total = totalOf(entries);
  if (total > limits.totalBytes) {
    throw new ArchiveFault(
      `the archive unpacks to ${total} bytes; at most ${limits.totalBytes} are accepted.`,
    );
  }
  return entries;
}

function totalOf(entries: ReadonlyMap<string, Entry>): number {
  return [...entries.values()].reduce((sum, entry) => sum + entry.uncompressedSize, 0);
}

function assertEntry(entry: Entry, limits: DirectoryLimits): void {
  const { fileName: name, compressionMethod: method } = entry;
  const label = `the entry "${shown(name)}"`;
  if (name.length > limits.nameLength || /\p{Cc}/u.test(name)) {
    throw new ArchiveFault(`${label} has a name that is too long or holds control characters.`);
  }
  if (entry.isEncrypted()) throw new ArchiveFault(`${label} is encrypted.`);
  if (method !== zipMethods.stored && method !== zipMethods.deflated) {
    throw new ArchiveFault(`${label} is packed with method ${method}; accepted: stored, deflate.`);
  }
  if (limits.ratio !== undefined) assertRatio(entry, limits.ratio);
}

/**
 * Refuses an entry that says it unpacks to far more than it is.
 * @throws ArchiveFault
 */
export function assertRatio(entry: Entry, ratio: number): void {
  if (entry.uncompressedSize > freeBytes + ratio * entry.compressedSize) {
    throw new ArchiveFault(
      `the entry "${shown(entry.fileName)}" unpacks to more than ${ratio} times its size.`,
    );
  }
}

/** Entries that share bytes make small archives that unpack to large ones. */
function assertApart(entries: readonly Entry[]): void {
  let end = 0;
  for (const entry of entries.toSorted(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  )) {
    if (entry.relativeOffsetOfLocalHeader < end) {
      throw new ArchiveFault(`the entry "${shown(entry.fileName)}" overlaps another one.`);
    }
    // Header and name at least.
    end = entry.relativeOffsetOfLocalHeader + 30 + entry.fileNameLength + entry.compressedSize;
  }
}

const inflate = promisify(inflateRaw);

async function unpack(
  zip: ZipFile,
  source: RandomAccess,
  entry: Entry,
): Promise<Uint8Array<ArrayBuffer>> {
  // Fails where the entry would reach beyond the file: no buffer is larger than the file it comes from.
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = await source.read(fileDataStart, entry.compressedSize);
  const bytes =
    entry.compressionMethod === zipMethods.stored
      ? ownBytes(packed)
      : await inflated(packed, entry);
  if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32) {
    throw new ArchiveFault(
      `the entry "${shown(entry.fileName)}" is damaged: its size or its CRC-32 is wrong.`,
    );
  }
  return bytes;
}

async function inflated(packed: Uint8Array, entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  // zlib stops at the declared size; one byte more shows that there is more.
  const bytes = await inflate(packed, { maxOutputLength: entry.uncompressedSize + 1 });
  return new Uint8Array(bytes);
}

/** Bytes from the beginning of a buffer of their own, so that numbers can be seen in them. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isOwn = bytes.byteOffset === 0 && isUnshared(bytes);
  return isOwn ? bytes : new Uint8Array(bytes);
}

function isUnshared(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}
