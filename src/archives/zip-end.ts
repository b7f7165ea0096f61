/**
 * The records at the end of a zip, compared with the directory that was read: programs that believe different ones of
 * them see different archives in one file. Source: PKWARE APPNOTE 4.3.14 to 4.3.16.
 */
import { ArchiveFault } from './fault.ts';
import type { ZipDirectory } from './zip-directory.ts';

const endBytes = 22;
const locatorBytes = 20;
const zip64EndBytes = 56;
const zip64Mark = 0x06064b50;
const locatorMark = 0x07064b50;

/** What a record says of the directory. */
interface Claim {
  readonly found: number;
  readonly expected: number;
  /** Means: see the record of zip64. */
  readonly elsewhere?: number;
}

/**
 * Refuses a zip whose records say different things, or that belongs to a set of several files.
 * @throws ArchiveFault
 */
export async function assertEnd(directory: ZipDirectory, archiveBytes: number): Promise<void> {
  const { start, end, entries, commentLength } = directory;
  const at = archiveBytes - endBytes - commentLength;
  const extra = at - end;
  if (extra !== 0 && extra !== zip64EndBytes + locatorBytes) {
    throw new ArchiveFault(
      `the records at the end of the archive do not follow its directory (${extra} bytes apart).`,
    );
  }
  const tail = Buffer.from(await directory.read(end, extra + endBytes));
  const count = entries.size;
  const record = tail.subarray(extra);
  const isZip64 = extra > 0;
  const claims: Claim[] = [
    ...[record.readUInt16LE(4), record.readUInt16LE(6)].map((found) => claim(found, 0, isZip64)),
    ...[record.readUInt16LE(8), record.readUInt16LE(10)].map((found) =>
      claim(found, count, isZip64),
    ),
    claim(record.readUInt32LE(12), end - start, isZip64, 0xffffffff),
    claim(record.readUInt32LE(16), start, isZip64, 0xffffffff),
    ...(isZip64 ? zip64Claims(tail, directory) : []),
  ];
  if (claims.some(({ found, expected, elsewhere }) => found !== expected && found !== elsewhere)) {
    throw new ArchiveFault('the records at the end of the archive disagree with its directory.');
  }
}

function claim(found: number, expected: number, isZip64: boolean, all = 0xffff): Claim {
  return isZip64 ? { found, expected, elsewhere: all } : { found, expected };
}

function zip64Claims(tail: Buffer, { start, end, entries }: ZipDirectory): Claim[] {
  const long = (at: number): number => Number(tail.readBigUInt64LE(at));
  const locator = zip64EndBytes;
  return [
    { found: tail.readUInt32LE(0), expected: zip64Mark },
    { found: long(4), expected: zip64EndBytes - 12 },
    { found: tail.readUInt32LE(16), expected: 0 },
    { found: tail.readUInt32LE(20), expected: 0 },
    { found: long(24), expected: entries.size },
    { found: long(32), expected: entries.size },
    { found: long(40), expected: end - start },
    { found: long(48), expected: start },
    { found: tail.readUInt32LE(locator), expected: locatorMark },
    { found: tail.readUInt32LE(locator + 4), expected: 0 },
    { found: long(locator + 8), expected: end },
    // Some programs count the only file as none.
    { found: tail.readUInt32LE(locator + 16), expected: 1, elsewhere: 0 },
  ];
}
