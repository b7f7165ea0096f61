/**
 * The zip around a checkpoint: `<root>/data.pkl`, `<root>/data/<key>`, `<root>/version`, `<root>/byteorder`. Nothing
 * is written to disk, so names are keys and never paths. What an entry unpacks to is counted, never believed.
 */
import { constants, read } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { Fault, shown } from './fault.ts';
import { assertZip } from './file-kind.ts';
import { limits } from './limits.ts';

/** An open checkpoint. */
export interface Archive {
  /** The pickle with the names and the places of the tensors. */
  readonly pickle: Uint8Array<ArrayBuffer>;
  /** Bytes of all entries, unpacked. */
  readonly totalBytes: number;
  /**
   * Bytes of a storage.
   * @throws Fault when there is none, or when it has another size.
   */
  storage(key: string, bytes: number): Promise<Uint8Array<ArrayBuffer>>;
}

const stored = 0;
const deflated = 8;
const inflate = promisify(inflateRaw);

/** The highest version of the archive that PyTorch has. */
const highestVersion = 10;

/**
 * Opens a checkpoint for as long as `use` runs.
 * @throws Fault for everything that is wrong with the archive.
 */
export async function withArchive<T>(
  file: string,
  use: (archive: Archive) => Promise<T>,
): Promise<T> {
  // Without O_NONBLOCK, opening a named pipe would wait for ever.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Fault('it is not a file.');
    await assertZip(handle);
    return await use(await openArchive(handle, stats.size));
  } finally {
    await handle.close();
  }
}

/** yauzl's way to a file that somebody else opens and closes. */
class HandleReader extends RandomAccessReader {
  readonly handle: FileHandle;
  constructor(handle: FileHandle) {
    super();
    this.handle = handle;
  }
  // eslint-disable-next-line max-params -- yauzl's signature
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    read(this.handle.fd, buffer, offset, length, position, (error, bytesRead) => {
      callback(error ?? (bytesRead < length ? new Error('unexpected end of the file') : null));
    });
  }
}

async function openArchive(handle: FileHandle, fileBytes: number): Promise<Archive> {
  const { zip, entries } = await asFault(() => listEntries(new HandleReader(handle), fileBytes));
  const root = rootOf(entries);
  const bytesOf = (name: string, most: number): Promise<Uint8Array<ArrayBuffer>> => {
    const entry = entries.get(`${root}/${name}`);
    if (entry == null) throw new Fault(`the archive has no entry "${shown(`${root}/${name}`)}".`);
    if (entry.uncompressedSize > most) {
      const found = `${shown(entry.fileName)} has ${entry.uncompressedSize} bytes`;
      throw new Fault(`${found}; at most ${most} are accepted.`);
    }
    return asFault(() => unpack(zip, handle, entry));
  };
  const note = async (name: string): Promise<string | undefined> =>
    entries.has(`${root}/${name}`)
      ? Buffer.from(await bytesOf(name, limits.noteBytes))
          .toString('latin1')
          .trim()
      : undefined;
  assertNotes(await note('version'), await note('byteorder'));
  return {
    pickle: await bytesOf('data.pkl', limits.pickleBytes),
    totalBytes: totalOf(entries),
    storage: (key, bytes) => {
      const found = entries.get(`${root}/data/${key}`)?.uncompressedSize ?? bytes;
      if (found === bytes) return bytesOf(`data/${key}`, limits.storageBytes);
      throw new Fault(`storage ${key} has ${found} bytes; its tensors need ${bytes}.`);
    },
  };
}

/** yauzl and zlib throw plain errors about a broken archive; errors of the disk stay what they are. */
async function asFault<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (error instanceof Fault || (/^E[A-Z]+$/.test(code) && error instanceof Error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault(
      `the archive is damaged or not complete (${shown(reason)}). Was the download cut short?`,
      { cause: error },
    );
  }
}

async function listEntries(
  reader: RandomAccessReader,
  fileBytes: number,
): Promise<{ zip: ZipFile; entries: ReadonlyMap<string, Entry> }> {
  const zip = await fromRandomAccessReaderPromise(reader, fileBytes, {
    lazyEntries: true,
    autoClose: false,
    strictFileNames: true,
  });
  if (zip.entryCount > limits.entries) {
    throw new Fault(
      `the archive has ${zip.entryCount} entries; at most ${limits.entries} are accepted.`,
    );
  }
  const entries = new Map<string, Entry>();
  const folded = new Set<string>();
  for await (const entry of zip.eachEntry()) {
    assertEntry(entry);
    const name = entry.fileName.toLowerCase();
    if (folded.has(name)) throw new Fault(`the archive has "${shown(entry.fileName)}" twice.`);
    folded.add(name);
    entries.set(entry.fileName, entry);
  }
  assertApart([...entries.values()]);
  const total = totalOf(entries);
  if (total > limits.totalBytes) {
    throw new Fault(
      `the archive unpacks to ${total} bytes; at most ${limits.totalBytes} are accepted.`,
    );
  }
  return { zip, entries };
}

function totalOf(entries: ReadonlyMap<string, Entry>): number {
  return [...entries.values()].reduce((sum, entry) => sum + entry.uncompressedSize, 0);
}

function assertEntry(entry: Entry): void {
  const { fileName: name, compressionMethod: method, uncompressedSize, compressedSize } = entry;
  const label = `the entry "${shown(name)}"`;
  if (name.length > limits.nameLength || /\p{Cc}/u.test(name)) {
    throw new Fault(`${label} has a name that is too long or holds control characters.`);
  }
  if (entry.isEncrypted()) throw new Fault(`${label} is encrypted.`);
  if (method !== stored && method !== deflated) {
    throw new Fault(`${label} is packed with method ${method}; accepted: stored, deflate.`);
  }
  if (uncompressedSize > 2 ** 20 + limits.ratio * compressedSize) {
    throw new Fault(`${label} unpacks to more than ${limits.ratio} times its size.`);
  }
}

/** Entries that share bytes make small archives that unpack to large ones. */
function assertApart(entries: readonly Entry[]): void {
  let end = 0;
  for (const entry of entries.toSorted(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  )) {
    if (entry.relativeOffsetOfLocalHeader < end) {
      throw new Fault(`the entry "${shown(entry.fileName)}" overlaps another one.`);
    }
    // Header and name at least.
    end = entry.relativeOffsetOfLocalHeader + 30 + entry.fileNameLength + entry.compressedSize;
  }
}

function rootOf(entries: ReadonlyMap<string, Entry>): string {
  const roots = [...entries.keys()].flatMap((name) => {
    const [root, file, ...deeper] = name.split('/');
    return root != null && file === 'data.pkl' && deeper.length === 0 ? [root] : [];
  });
  const [root] = roots;
  if (root == null) throw new Fault('the archive has no data.pkl: it is a zip, but no checkpoint.');
  if (roots.length > 1) throw new Fault('the archive has more than one data.pkl.');
  return root;
}

function assertNotes(version: string | undefined, byteOrder: string | undefined): void {
  if (version != null && !(/^\d{1,3}$/.test(version) && Number(version) <= highestVersion)) {
    throw new Fault(
      `the archive has version "${shown(version)}"; known are 1 to ${highestVersion}.`,
    );
  }
  if (byteOrder != null && byteOrder !== 'little') {
    throw new Fault(`the byte order is "${shown(byteOrder)}"; accepted: little.`);
  }
}

async function unpack(
  zip: ZipFile,
  handle: FileHandle,
  entry: Entry,
): Promise<Uint8Array<ArrayBuffer>> {
  // Fails where the entry would reach beyond the file: no buffer is larger than the file it comes from.
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = new Uint8Array(entry.compressedSize);
  const { bytesRead } = await handle.read(packed, 0, packed.length, fileDataStart);
  if (bytesRead < packed.length) throw new Fault('the file became shorter while it was read.');
  const bytes = entry.compressionMethod === stored ? packed : await inflated(packed, entry);
  if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32) {
    throw new Fault(
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
