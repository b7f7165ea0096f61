/**
 * What stands around the bytes of an entry in a zip: the local header before them, and sometimes a data descriptor
 * behind them. Both repeat the directory; one that says something else is a trap for some reader.
 * Source: PKWARE APPNOTE 4.3.7, 4.3.9, 4.5.3.
 */
import { crc32 } from 'node:zlib';
import { parseExtraFields, type Entry } from 'yauzl';
import type { ByteStream } from './byte-stream.ts';
import { ArchiveFault, shown } from './fault.ts';

const headerBytes = 30;
const headerMark = 0x04034b50;
const descriptorMark = 0x08074b50;
const zip64Field = 1;
const elsewhere = 0xffffffff;
/** Bits of the flags that change how an entry is read: encrypted (two kinds), sizes behind the bytes, masked header. */
const encryption = 0x2041;
const descriptorFlag = 0x8;

/** Most bytes around those of an entry: header, name, extra field, descriptor. */
export const mostAround = headerBytes + 2 * 0xffff + 24;

function differs(entry: Entry, what: string): ArchiveFault {
  return new ArchiveFault(
    `${what} of "${shown(entry.fileName)}" disagrees with the directory of the archive.`,
  );
}

/**
 * Reads the local header.
 * @returns its bytes, and whether a descriptor comes behind the entry's bytes
 * @throws ArchiveFault when it says something else than the directory
 */
export async function readLocalHeader(
  bytes: ByteStream,
  entry: Entry,
): Promise<{ length: number; hasDescriptor: boolean }> {
  const header = Buffer.from(await bytes.take(headerBytes));
  if (header.readUInt32LE(0) !== headerMark) throw differs(entry, 'the header');
  const flags = header.readUInt16LE(6);
  const nameLength = header.readUInt16LE(26);
  const extraLength = header.readUInt16LE(28);
  const name = await bytes.take(nameLength);
  const extra = Buffer.from(await bytes.take(extraLength));
  const hasDescriptor = (flags & descriptorFlag) !== 0;
  const isSame =
    entry.fileNameRaw.equals(name) &&
    (flags & encryption) === 0 &&
    header.readUInt16LE(8) === entry.compressionMethod &&
    sameSums(sumsOf(header, extra), entry, hasDescriptor);
  if (!isSame) throw differs(entry, 'the header');
  return { length: headerBytes + nameLength + extraLength, hasDescriptor };
}

interface Sums {
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

/** Of a local header: with zip64 both sizes stand in the extra field. */
function sumsOf(header: Buffer, extra: Buffer): Sums {
  const sums = {
    crc: header.readUInt32LE(14),
    packed: header.readUInt32LE(18),
    size: header.readUInt32LE(22),
  };
  if (sums.packed !== elsewhere && sums.size !== elsewhere) return sums;
  const field = zip64Values(extra);
  if (field === undefined || field.length < 16) return sums;
  return {
    ...sums,
    size: Number(field.readBigUInt64LE(0)),
    packed: Number(field.readBigUInt64LE(8)),
  };
}

function zip64Values(extra: Buffer): Buffer | undefined {
  try {
    return parseExtraFields(extra).find(({ id }) => id === zip64Field)?.data;
  } catch (error) {
    throw new ArchiveFault('a header has an extra field that is cut off.', { cause: error });
  }
}

/** Whoever writes without knowing the sizes yet says 0, and tells them in the descriptor. */
function sameSums({ crc, packed, size }: Sums, entry: Entry, mayBeZero: boolean): boolean {
  const fits = (found: number, expected: number): boolean =>
    found === expected || (mayBeZero && found === 0);
  return (
    fits(crc, entry.crc32) &&
    fits(packed, entry.compressedSize) &&
    fits(size, entry.uncompressedSize)
  );
}

/**
 * Reads the descriptor, in any of its four forms.
 * @returns its bytes
 * @throws ArchiveFault when it says something else than the directory
 */
export async function readDescriptor(bytes: ByteStream, entry: Entry): Promise<number> {
  const found = Buffer.from(await bytes.upTo(24));
  const form = descriptorForms(entry).find((one) => one.equals(found.subarray(0, one.length)));
  if (form === undefined) throw differs(entry, 'the data descriptor');
  return form.length;
}

/** The longest first: a shorter one could be the beginning of a longer one. */
function descriptorForms({ crc32: crc, compressedSize, uncompressedSize }: Entry): Buffer[] {
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(descriptorMark);
  const long = Buffer.alloc(20);
  long.writeUInt32LE(crc);
  long.writeBigUInt64LE(BigInt(compressedSize), 4);
  long.writeBigUInt64LE(BigInt(uncompressedSize), 12);
  const short = Buffer.alloc(12);
  short.writeUInt32LE(crc);
  if (Math.max(compressedSize, uncompressedSize) > elsewhere) {
    return [Buffer.concat([mark, long]), long];
  }
  short.writeUInt32LE(compressedSize, 4);
  short.writeUInt32LE(uncompressedSize, 8);
  return [Buffer.concat([mark, long]), long, Buffer.concat([mark, short]), short];
}

/** Checks bytes against the sum of the directory while they pass. */
export async function* checked(
  bytes: AsyncIterable<Uint8Array>,
  entry: Entry,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sum = 0;
  let size = 0;
  for await (const piece of bytes) {
    sum = crc32(piece, sum);
    size += piece.length;
    // Not one byte more than the directory says is handed on.
    if (size > entry.uncompressedSize) break;
    yield piece;
  }
  if (size !== entry.uncompressedSize || sum !== entry.crc32) {
    throw new ArchiveFault(
      `the entry "${shown(entry.fileName)}" is damaged: its size or its CRC-32 is wrong.`,
    );
  }
}
