/** Writes tar archives, good ones and such as no honest program writes. */

export interface TarFileSpec {
  readonly name: string;
  readonly data?: Uint8Array;
  /** Type letter; default: a file, or a folder where the name ends with a slash. */
  readonly type?: string;
  /** First part of a long name (POSIX). */
  readonly prefix?: string;
  readonly linkName?: string;
  /** What the header says instead of the truth: a size, or the twelve bytes of its field. */
  readonly size?: number | string;
  readonly magic?: string;
  /** What the header says its sum is. */
  readonly sum?: number;
}

const blockBytes = 512;

/** One header with its content, padded. */
export function tarMember(spec: TarFileSpec): Buffer {
  const data = spec.data ?? new Uint8Array();
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0');
  header.write(spec.name, 0, 100);
  header.write('0000644\x000000000\x000000000\0', 100, 'latin1');
  const size = spec.size ?? data.length;
  header.write(typeof size === 'string' ? size : `${octal(size, 11)}\0`, 124, 12, 'latin1');
  header.write(`${octal(1_500_000_000, 11)}\0`, 136, 'latin1');
  header.write(spec.type ?? (spec.name.endsWith('/') ? '5' : '0'), 156, 1, 'latin1');
  header.write(spec.linkName ?? '', 157, 100);
  header.write(spec.magic ?? 'ustar\x0000', 257, 8, 'latin1');
  header.write(spec.prefix ?? '', 345, 155);
  header.fill(' ', 148, 156);
  const sum = spec.sum ?? header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148, 8, 'latin1');
  const padding = Buffer.alloc((blockBytes - (data.length % blockBytes)) % blockBytes);
  return Buffer.concat([header, data, padding]);
}

/** The mark at the end. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

/** Records before a member (POSIX pax), or for all members: type `g`. */
export function paxMember(records: Readonly<Record<string, string>>, type = 'x'): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest;
    while (rest + String(length).length !== length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return tarMember({ name: 'PaxHeaders/x', type, data: Buffer.from(lines.join('')) });
}

/** A member with a long name before it, as GNU tar writes it. */
export function gnuMember(spec: TarFileSpec): Buffer {
  const magic = 'ustar  \0';
  const long = { name: '././@LongLink', type: 'L', magic, data: Buffer.from(`${spec.name}\0`) };
  return Buffer.concat([tarMember(long), tarMember({ ...spec, magic })]);
}

/** A member with a name of any length in records, as Python writes it. */
export function paxNamed(spec: TarFileSpec): Buffer {
  return Buffer.concat([paxMember({ path: spec.name }), tarMember(spec)]);
}

/** A tar archive of files whose names may be long. */
export function tarOf(files: readonly TarFileSpec[]): Buffer {
  const members = files.map((spec) =>
    Buffer.byteLength(spec.name) > 100 ? gnuMember(spec) : tarMember(spec),
  );
  return Buffer.concat([...members, tarEnd]);
}
