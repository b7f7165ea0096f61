/** Writes zip archives, good ones and such as no honest program writes. */
import { crc32, deflateRawSync } from 'node:zlib';

/** Numbers of a header. */
export interface ZipNumbers {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

export interface ZipFileSpec {
  readonly name: string;
  readonly data?: Uint8Array;
  readonly isDeflated?: boolean;
  /** The bytes as they are stored, whatever the data. */
  readonly packed?: Uint8Array;
  /** Mode of Unix with the file type: 0o120777 is a link. */
  readonly mode?: number;
  /** What the directory and the local header say instead of the truth. */
  readonly both?: Partial<ZipNumbers>;
  readonly local?: Partial<ZipNumbers> & { readonly name?: string };
  readonly central?: Partial<ZipNumbers> & { readonly offset?: number; readonly disk?: number };
  /** Bytes behind the data: a descriptor, right or wrong. */
  readonly descriptor?: 'marked' | 'bare' | 'long' | Uint8Array;
  readonly extra?: Uint8Array;
  /** Extra field of the local header. */
  readonly localExtra?: Uint8Array;
  /** Bytes before the local header. */
  readonly before?: Uint8Array;
}

export interface ZipEnd {
  readonly comment?: string;
  /** What the end record says instead of the truth. */
  readonly count?: number;
  readonly start?: number;
  readonly length?: number;
  readonly disk?: number;
  /** A zip64 record and its locator before it, with what they say instead of the truth. */
  readonly zip64?: {
    readonly count?: number;
    readonly start?: number;
    readonly length?: number;
    readonly disks?: number;
  };
  /** Bytes between the directory and its end record. */
  readonly gap?: Uint8Array;
}

/** Numbers one after the other: `u16(…)`, little endian. */
export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, 2 * index);
  return bytes;
}

export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

export function u64(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * index);
  return bytes;
}

const mark = (letters: string) => Buffer.from(`PK${letters}`, 'latin1');

function numbersOf(numbers: ZipNumbers): Buffer {
  return Buffer.concat([
    u16(20, numbers.flags, numbers.method, 0, 0x21),
    u32(numbers.crc, numbers.packed, numbers.size),
  ]);
}

function descriptorOf(spec: ZipFileSpec, { crc, packed, size }: ZipNumbers): Uint8Array {
  switch (spec.descriptor) {
    case undefined:
      return new Uint8Array();
    case 'marked':
      return Buffer.concat([mark('\x07\x08'), u32(crc, packed, size)]);
    case 'bare':
      return u32(crc, packed, size);
    case 'long':
      return Buffer.concat([mark('\x07\x08'), u32(crc), u64(packed, size)]);
    default:
      return spec.descriptor;
  }
}

const nothing = new Uint8Array();

function truthOf(spec: ZipFileSpec, packed: Uint8Array): ZipNumbers {
  const data = spec.data ?? nothing;
  return {
    flags: spec.descriptor === undefined ? 0 : 8,
    method: spec.isDeflated === true ? 8 : 0,
    crc: crc32(data),
    packed: packed.length,
    size: data.length,
    ...spec.both,
  };
}

function packedOf({ data = nothing, isDeflated, packed }: ZipFileSpec): Uint8Array {
  if (packed !== undefined) return packed;
  return isDeflated === true ? deflateRawSync(data) : data;
}

function localOf(spec: ZipFileSpec, truth: ZipNumbers): Buffer {
  const { localExtra = nothing, before = nothing, local = {} } = spec;
  const name = Buffer.from(local.name ?? spec.name);
  const streamed = spec.descriptor === undefined ? {} : { crc: 0, packed: 0, size: 0 };
  return Buffer.concat([
    before,
    mark('\x03\x04'),
    numbersOf({ ...truth, ...streamed, ...local }),
    u16(name.length, localExtra.length),
    name,
    localExtra,
    packedOf(spec),
    descriptorOf(spec, truth),
  ]);
}

function centralOf(spec: ZipFileSpec, truth: ZipNumbers, offset: number): Buffer {
  const { extra = nothing, central = {} } = spec;
  const name = Buffer.from(spec.name);
  const mode = spec.mode ?? (spec.name.endsWith('/') ? 0o040755 : 0o100644);
  return Buffer.concat([
    mark('\x01\x02'),
    u16(0x0314),
    numbersOf({ ...truth, ...central }),
    u16(name.length, extra.length, 0, central.disk ?? 0, 0),
    u32((mode << 16) >>> 0, central.offset ?? offset),
    name,
    extra,
  ]);
}

/** A zip archive; what its records say may be wrong on purpose. */
export function zipOf(files: readonly ZipFileSpec[], end: ZipEnd = {}): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let start = 0;
  for (const spec of files) {
    const truth = truthOf(spec, packedOf(spec));
    const local = localOf(spec, truth);
    locals.push(local);
    centrals.push(centralOf(spec, truth, start + (spec.before?.length ?? 0)));
    start += local.length;
  }
  const directory = Buffer.concat(centrals);
  const said = { count: files.length, start, length: directory.length, disk: 0, ...end };
  const comment = Buffer.from(end.comment ?? '', 'latin1');
  const zip64 =
    end.zip64 === undefined ? [] : [zip64End(said, end.zip64, start + directory.length)];
  return Buffer.concat([
    ...locals,
    directory,
    end.gap ?? new Uint8Array(),
    ...zip64,
    mark('\x05\x06'),
    u16(said.disk, said.disk, said.count, said.count),
    u32(said.length, said.start),
    u16(comment.length),
    comment,
  ]);
}

function zip64End(
  said: { readonly count: number; readonly start: number; readonly length: number },
  instead: NonNullable<ZipEnd['zip64']>,
  at: number,
): Buffer {
  const count = instead.count ?? said.count;
  return Buffer.concat([
    mark('\x06\x06'),
    u64(44),
    u16(45, 45),
    u32(0, 0),
    u64(count, count, instead.length ?? said.length, instead.start ?? said.start),
    mark('\x06\x07'),
    u32(0),
    u64(at),
    u32(instead.disks ?? 1),
  ]);
}
