/** One header block of a tar. Source: POSIX.1-2024, pax (ustar interchange format); GNU tar manual, "Basic Tar Format". */
import { ArchiveFault, shown } from './fault.ts';

/** Headers, and the units in which everything else is padded. */
export const blockBytes = 512;

/** What follows a header. */
export type TarKind = 'file' | 'folder' | 'long-name' | 'records' | 'global-records';

export interface TarHeader {
  readonly kind: TarKind;
  /** As the header itself has it; a long one may be cut off here. */
  readonly name: string;
  /** The first field of the name alone, which is where long names are cut off. */
  readonly shortName: string;
  /** Bytes that follow, without padding. */
  readonly size: number;
}

const kinds: Readonly<Record<string, TarKind>> = {
  '0': 'file',
  '\0': 'file',
  '5': 'folder',
  L: 'long-name',
  x: 'records',
  g: 'global-records',
};

/** Kinds that are refused, by how they are called. */
const refusedKinds: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a named pipe',
  K: 'a link with a long name',
  S: 'a sparse file',
};

/**
 * Reads a header block that is not all zero.
 * @throws ArchiveFault when it is none, or one of a link, a device or anything else that is no plain file or folder
 */
export function readTarHeader(block: Buffer): TarHeader {
  const text = (from: number, length: number): string => {
    const field = block.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.subarray(0, end < 0 ? length : end).toString('utf8');
  };
  const magic = block.subarray(257, 265).toString('latin1');
  const isPosix = magic === 'ustar\x0000';
  if (octal(block, 148, 8) !== checksum(block) || !(isPosix || magic === 'ustar  \0')) {
    throw new ArchiveFault('the archive is damaged: where a header should be there is none.');
  }
  const shortName = text(0, 100);
  // GNU keeps times where POSIX has the beginning of a long name.
  const prefix = isPosix ? text(345, 155) : '';
  const name = prefix === '' ? shortName : `${prefix}/${shortName}`;
  const kind = kindOf(String.fromCharCode(block[156] ?? 0), name);
  // Before there was a mark for folders, the slash was it.
  const isFolder = kind === 'folder' || (kind === 'file' && name.endsWith('/'));
  const size = sizeOf(block, name);
  if (isFolder && size > 0) {
    throw new ArchiveFault(`the entry "${shown(name)}" is a folder with content.`);
  }
  return { kind: isFolder ? 'folder' : kind, name, shortName, size };
}

function kindOf(letter: string, name: string): TarKind {
  const kind = kinds[letter];
  if (kind !== undefined) return kind;
  const what = refusedKinds[letter] ?? `of a kind that is not known ("${shown(letter)}")`;
  throw new ArchiveFault(`the entry "${shown(name)}" is ${what}; accepted: files and folders.`);
}

/** Sum of all bytes, those of the sum itself taken for spaces. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

/** NaN when it is no octal number. */
function octal(block: Buffer, from: number, length: number): number {
  const field = block.subarray(from, from + length).toString('latin1');
  const [, digits] = /^ *([0-7]+)[ \0]*$/.exec(field) ?? [];
  return digits === undefined ? Number.NaN : Number.parseInt(digits, 8);
}

function sizeOf(block: Buffer, name: string): number {
  // GNU writes sizes above 8 GiB in binary; no file of a product is that large.
  const size = octal(block, 124, 12);
  if (Number.isNaN(size)) {
    throw new ArchiveFault(`the entry "${shown(name)}" has no size that is accepted.`);
  }
  return size;
}
