/**
 * The zip around a checkpoint: `<root>/data.pkl`, `<root>/data/<key>`, `<root>/version`, `<root>/byteorder`. Nothing
 * is written to disk, so names are keys and never paths. What an entry unpacks to is counted, never believed.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { shown } from '../../archives/fault.ts';
import { fileAccess } from '../../archives/random-access.ts';
import { readDirectory } from '../../archives/zip-directory.ts';
import { Fault } from './fault.ts';
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
    return await use(await openArchive(handle));
  } finally {
    await handle.close();
  }
}

async function openArchive(handle: FileHandle): Promise<Archive> {
  const directory = await readDirectory(await fileAccess(handle), limits);
  const { entries } = directory;
  const root = rootOf([...entries.keys()]);
  const bytesOf = (name: string, most: number): Promise<Uint8Array<ArrayBuffer>> => {
    const entry = entries.get(`${root}/${name}`);
    if (entry == null) throw new Fault(`the archive has no entry "${shown(`${root}/${name}`)}".`);
    if (entry.uncompressedSize > most) {
      const found = `${shown(entry.fileName)} has ${entry.uncompressedSize} bytes`;
      throw new Fault(`${found}; at most ${most} are accepted.`);
    }
    return directory.bytesOf(entry);
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
    totalBytes: directory.totalBytes,
    storage: (key, bytes) => {
      const found = entries.get(`${root}/data/${key}`)?.uncompressedSize ?? bytes;
      if (found === bytes) return bytesOf(`data/${key}`, limits.storageBytes);
      throw new Fault(`storage ${key} has ${found} bytes; its tensors need ${bytes}.`);
    },
  };
}

function rootOf(names: readonly string[]): string {
  const roots = names.flatMap((name) => {
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
