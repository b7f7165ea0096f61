/**
 * Product archives in zip form, from a file or from anything of which parts can be read: only the directory and the
 * files that are needed are brought. Stricter than the format allows: what no honest program writes is refused, even
 * beside the files that are needed, since it says what kind of archive this is.
 */
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import type { Entry } from 'yauzl';
import { ByteStream } from './byte-stream.ts';
import { ArchiveFault, shown } from './fault.ts';
import type { ArchiveLimits } from './limits.ts';
import { memberName, NameRegister } from './member-name.ts';
import type { RandomAccess } from './random-access.ts';
import { refusing } from './refusing.ts';
import { Unpacking, type UnpackOptions } from './unpacking.ts';
import { assertRatio, readDirectory, zipMethods, type ZipDirectory } from './zip-directory.ts';
import { assertEnd } from './zip-end.ts';
import { checked, mostAround, readDescriptor, readLocalHeader } from './zip-local.ts';

/** A file of a zip, as its directory says. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes, unpacked. */
  readonly size: number;
  readonly packedSize: number;
}

/** A file that is wanted: its path in the archive, and where it goes below a folder. */
export interface Member {
  readonly path: string;
  /** Relative path made of plain names only. */
  readonly target: string;
}

export interface ZipArchive {
  /** The files, in the order of the directory; folders are left out. */
  readonly entries: readonly ZipEntry[];
  /**
   * Unpacks files below a fresh folder.
   * @returns bytes written
   * @throws ProductRefused when one is not what the directory says; then nothing of this call is left
   * @throws Cancelled when the signal says so
   */
  unpack(
    members: readonly Member[],
    options: UnpackOptions & { readonly directory: string },
  ): Promise<number>;
}

export interface ArchiveOptions {
  /** As the user knows the archive, for messages. */
  readonly name: string;
  readonly limits: ArchiveLimits;
}

/**
 * Opens a zip of which parts can be read. Faults of the source itself stay what they are.
 * @throws ProductRefused for everything that is wrong with the archive
 */
export function openZip(source: RandomAccess, options: ArchiveOptions): Promise<ZipArchive> {
  const { name, limits } = options;
  return refusing(name, async () => {
    const directory = await readDirectory(source, limits);
    await assertEnd(directory, source.size);
    const members = plainMembers(directory, limits);
    return {
      entries: [...members].map(([path, { entry }]) => ({
        name: path,
        size: entry.uncompressedSize,
        packedSize: entry.compressedSize,
      })),
      unpack: (wanted, { directory: folder, ...how }) =>
        refusing(name, async () => {
          const unpacking = new Unpacking(folder, how);
          return unpacking.orNothing(async () => {
            let bytes = 0;
            for (const { path, target } of wanted) {
              const member = members.get(path);
              if (member === undefined) throw new ArchiveFault(`it has no "${shown(path)}".`);
              bytes += await unpackMember({ source, limits, unpacking }, member, { path, target });
            }
            return bytes;
          });
        }),
    };
  });
}

/** An entry, and where the next one or the directory begins. */
interface Place {
  readonly entry: Entry;
  readonly end: number;
}

/** The files by their checked names. */
function plainMembers(
  { entries, start }: ZipDirectory,
  limits: ArchiveLimits,
): ReadonlyMap<string, Place> {
  const names = new NameRegister();
  const members = new Map<string, Place>();
  const begins = [...entries.values()]
    .map((entry) => entry.relativeOffsetOfLocalHeader)
    .concat(start)
    .toSorted((a, b) => a - b);
  const ends = new Map(begins.map((begin, index) => [begin, begins[index + 1] ?? start]));
  for (const entry of entries.values()) {
    const name = memberName(entry.fileName, limits.nameLength);
    if (name === undefined) continue;
    names.add(name);
    assertPlain(entry, name);
    const end = ends.get(entry.relativeOffsetOfLocalHeader) ?? start;
    if (!name.endsWith('/')) members.set(name, { entry, end });
  }
  return members;
}

const fileType = 0o10;
const folderType = 0o04;

/** Refuses links, devices, and names that depend on who reads them. */
function assertPlain(entry: Entry, name: string): void {
  const label = `the entry "${shown(name)}"`;
  const isFolder = name.endsWith('/');
  // The mode of Unix, where the program that packed wrote one; its upper four bits are the type.
  const type = entry.externalFileAttributes >>> 28;
  if (type !== 0 && type !== (isFolder ? folderType : fileType)) {
    throw new ArchiveFault(`${label} is a link or a special file.`);
  }
  if (isFolder && entry.uncompressedSize > 0) {
    throw new ArchiveFault(`${label} is a folder with content.`);
  }
  // Without the mark of UTF-8 control characters read as letters of the oldest PC.
  if (entry.fileNameRaw.some((byte) => byte < 0x20 || byte === 0x7f)) {
    throw new ArchiveFault(`${label} has control characters in its name.`);
  }
  // A second name may stand in an extra field. Where no other letters are needed there is no reason for it.
  const isAscii = /^[\x20-\x7e]*$/.test(entry.fileName);
  if (isAscii && !Buffer.from(entry.fileName).equals(entry.fileNameRaw)) {
    throw new ArchiveFault(`${label} has two different names.`);
  }
}

interface Workplace {
  readonly source: RandomAccess;
  readonly limits: ArchiveLimits;
  readonly unpacking: Unpacking;
}

/** One reading brings an entry with all that stands around it. */
async function unpackMember(
  { source, limits, unpacking }: Workplace,
  { entry, end }: Place,
  { path, target }: Member,
): Promise<number> {
  const { bytes: mostBytes, ratio } = limits.member(path);
  if (entry.uncompressedSize > mostBytes) {
    throw new ArchiveFault(
      `"${shown(path)}" unpacks to ${entry.uncompressedSize} bytes; at most ${mostBytes} are accepted.`,
    );
  }
  assertRatio(entry, ratio);
  const from = entry.relativeOffsetOfLocalHeader;
  const to = Math.min(end, from + mostAround + entry.compressedSize);
  const bytes = new ByteStream(source.stream(from, to));
  try {
    const { length, hasDescriptor } = await readLocalHeader(bytes, entry);
    if (from + length + entry.compressedSize > end) {
      throw new ArchiveFault(`the entry "${shown(path)}" overlaps another one.`);
    }
    const written = await writeEntry(bytes.pieces(entry.compressedSize), entry, (unpacked) =>
      unpacking.write({ name: path, target, mostBytes }, unpacked),
    );
    if (hasDescriptor) await readDescriptor(bytes, entry);
    return written;
  } finally {
    await bytes.close();
  }
}

async function writeEntry(
  packed: AsyncIterable<Uint8Array>,
  entry: Entry,
  write: (unpacked: AsyncIterable<Uint8Array>) => Promise<number>,
): Promise<number> {
  if (entry.compressionMethod === zipMethods.stored) return write(checked(packed, entry));
  const inflate = createInflateRaw();
  let written = 0;
  await pipeline(packed, inflate, async (inflated: AsyncIterable<Uint8Array>) => {
    written = await write(checked(inflated, entry));
  });
  if (inflate.bytesWritten !== entry.compressedSize) {
    throw new ArchiveFault(`the entry "${shown(entry.fileName)}" has bytes behind its end.`);
  }
  return written;
}
