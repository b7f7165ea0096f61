/**
 * Records that say more of a member than its header can (POSIX pax): `<length> <key>=<value>\n`. What they may change is
 * the name, and only where the header had no room for it: a reader that ignores them has to see the same archive.
 */
import { ArchiveFault, shown } from './fault.ts';

/** Most bytes of the records of one member: a name, times, access rights. */
export const mostRecordBytes = 2 ** 16;

/**
 * Reads the records.
 * @throws ArchiveFault when they are not well-formed or would make a link or a sparse file of a member
 */
export function readRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const digits = bytes.subarray(at, Math.max(at, space)).toString('latin1');
    const length = /^[1-9]\d{0,5}$/.test(digits) ? Number(digits) : 0;
    const record = bytes.subarray(space + 1, at + length).toString('utf8');
    const [, key, value] = /^([^=]+)=(.*)\n$/s.exec(record) ?? [];
    if (key === undefined || value === undefined || at + length > bytes.length) {
      throw new ArchiveFault('the archive is damaged: a record of a member is not well-formed.');
    }
    if (records.has(key)) throw new ArchiveFault(`a member has the record "${shown(key)}" twice.`);
    if (key === 'linkpath' || key.startsWith('GNU.sparse.')) {
      throw new ArchiveFault(
        `a member has the record "${shown(key)}": links and sparse files are refused.`,
      );
    }
    records.set(key, value);
    at += length;
  }
  return records;
}
