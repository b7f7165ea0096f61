/**
 * The members of a tar under their whole names, which may stand before the header that they belong to: in a member of
 * its own (GNU) or in records (POSIX pax).
 */
import type { ByteStream } from './byte-stream.ts';
import { ArchiveFault, shown } from './fault.ts';
import { blockBytes, readTarHeader, type TarHeader } from './tar-header.ts';
import { mostRecordBytes, readRecords } from './tar-records.ts';

/** A file or folder of the archive; its bytes and their padding come next. */
export interface TarMember {
  /** As the archive has it, unchecked. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly size: number;
  /** Headers that were read since the last member, but for its own long name and records. */
  readonly headers: number;
}

/** Headers for all members, in a row. */
const mostGlobalHeaders = 100;

/** What stands before the header of a member. */
interface Extension {
  longName?: string;
  records?: ReadonlyMap<string, string>;
}

/**
 * The next member.
 * @returns undefined at the mark of the end
 * @throws ArchiveFault when the archive is damaged, or the member has two names or sizes
 */
export async function nextMember(stream: ByteStream): Promise<TarMember | undefined> {
  const extension: Extension = {};
  for (let headers = 1; ;) {
    const header = await nextHeader(stream);
    if (header === undefined) return atEnd(extension);
    const { kind, size } = header;
    if (kind === 'file' || kind === 'folder') {
      return { path: wholeName(header, extension), isFolder: kind === 'folder', size, headers };
    }
    const content = await smallContent(stream, header);
    if (kind === 'global-records') {
      headers++;
      if (headers > mostGlobalHeaders) throw new ArchiveFault('the archive has too many headers.');
      assertNoNames(content);
    } else extend(extension, kind, content);
  }
}

function atEnd({ longName, records }: Extension): undefined {
  if (longName === undefined && records === undefined) return undefined;
  throw new ArchiveFault('the archive ends where a member should follow.');
}

/** Undefined at the end, of which there has to be a mark: without it nobody knows what is missing. */
async function nextHeader(stream: ByteStream): Promise<TarHeader | undefined> {
  const block = Buffer.from(await stream.take(blockBytes));
  if (!isZero(block)) return readTarHeader(block);
  // The mark is two blocks. Some programs leave out the second; what is behind it is nobody's business.
  if (isZero(await stream.upTo(blockBytes))) return undefined;
  throw new ArchiveFault('the archive goes on behind the mark of its end.');
}

function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Bytes behind the last one of a member, up to the next header. */
export function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

async function smallContent(stream: ByteStream, { size }: TarHeader): Promise<Buffer> {
  if (size > mostRecordBytes) {
    throw new ArchiveFault(
      `the records of a member have ${size} bytes; at most ${mostRecordBytes} are accepted.`,
    );
  }
  const content = Buffer.from(await stream.take(size));
  await stream.skip(paddingOf(size));
  return content;
}

function assertNoNames(content: Buffer): void {
  const records = readRecords(content);
  if (records.has('path') || records.has('size')) {
    throw new ArchiveFault('the archive has one name or size for all its members.');
  }
}

function extend(extension: Extension, kind: 'long-name' | 'records', content: Buffer): void {
  if (kind === 'records' ? extension.records !== undefined : extension.longName !== undefined) {
    throw new ArchiveFault('a member has two names.');
  }
  if (kind === 'records') extension.records = readRecords(content);
  else extension.longName = content.toString('utf8').replace(/\0$/, '');
}

/** The name that the header had no room for, when it begins as the header says. */
function wholeName(header: TarHeader, { longName, records }: Extension): string {
  const size = records?.get('size');
  if (size !== undefined && size !== String(header.size)) {
    throw new ArchiveFault(`the entry "${shown(header.name)}" has two sizes.`);
  }
  const path = records?.get('path');
  const whole = longName ?? path ?? header.name;
  const isOne = path === undefined || path === whole;
  if (isOne && continues(header, whole)) return whole;
  throw new ArchiveFault(
    `the entry "${shown(header.name)}" has another name too: "${shown(path ?? whole)}".`,
  );
}

/** Bytes of the header's field, where a program may stop one early. */
const shortNameBytes = 99;

function continues({ name, shortName }: TarHeader, whole: string): boolean {
  if (common(name) === common(whole)) return true;
  const isCutOff = Buffer.byteLength(shortName) >= shortNameBytes;
  return isCutOff && common(whole).startsWith(common(shortName));
}

/** What every program writes alike: letters beyond ASCII are a question mark to some, or cut through. */
function common(name: string): string {
  return name.replaceAll(/[^\x20-\x3e\x40-\x7e]/g, '').replace(/\/$/, '');
}
