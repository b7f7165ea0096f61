/** The corpus of hostile archives: what happens to each is printed, and none may write a byte outside or leave one inside. */
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { landsatFiles, landsatName, noise, sentinel2Files } from '../../support/small-product.ts';
import {
  gnuMember,
  paxMember,
  tarEnd,
  tarMember,
  tarOf,
  type TarFileSpec,
} from '../../support/tar-writer.ts';
import { unpackBytes } from '../../support/unpacked.ts';
import { u16, u32, u64, zipOf, type ZipFileSpec } from '../../support/zip-writer.ts';

const files = landsatFiles();
const [metadata, first, ...rest] = files;
const name = `${landsatName}_B1.TIF`;
const MiB = 2 ** 20;

type Attack = readonly [string, () => Buffer, RegExp];
const table: string[] = [];
afterAll(() => {
  process.stdout.write(`\nattack × what happened\n${table.join('\n')}\n`);
});

async function attack(group: string, [title, make, expected]: Attack): Promise<void> {
  const result = await unpackBytes(make());
  const outcome = 'refusal' in result ? result.refusal : `UNPACKED as ${result.kind}`;
  table.push(`${`${group}: ${title}`.padEnd(58)} ${outcome}`);
  expect(outcome).toMatch(expected);
}

/** A good archive with one file changed. */
const withFirst = (change: Partial<ZipFileSpec>): Buffer =>
  zipOf([metadata!, { ...first!, ...change }, ...rest]);
/** A good archive with something beside the product. */
const beside = (...specs: readonly ZipFileSpec[]): Buffer => zipOf([...files, ...specs]);

const overlapping = (): Buffer => {
  const good = zipOf(files);
  const begin = good.indexOf(`PK\x03\x04`, 10, 'latin1');
  return zipOf(
    files.map((file, index) => (index === 2 ? { ...file, central: { offset: begin } } : file)),
  );
};

/** Local headers within the bytes of the entry before: all entries end in the same deflated block. */
const quotedBomb = (): Buffer => {
  const kernel = deflateRawSync(Buffer.alloc(MiB));
  const parts = files.map((file) => file.name);
  const local = (index: number, packed: Buffer): Buffer =>
    Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      u16(20, 0, 8, 0, 0x21),
      u32(crc32(Buffer.alloc(MiB)), packed.length, MiB),
      u16(parts[index]!.length, 0),
      Buffer.from(parts[index]!),
    ]);
  const headers: Buffer[] = [];
  let tail = kernel;
  for (let index = parts.length - 1; index >= 0; index--) {
    const header = local(index, tail);
    headers.unshift(header);
    const quoted = Buffer.concat([
      Buffer.of(0),
      u16(header.length, 0xffff - header.length),
      header,
    ]);
    tail = Buffer.concat([quoted, tail]);
  }
  const body = Buffer.concat([headers[0]!, tail.subarray(5 + headers[0]!.length)]);
  let offset = 0;
  const central = headers.map((header, index) => {
    const packed = body.length - offset - header.length;
    const entry = Buffer.concat([
      Buffer.from('PK\x01\x02', 'latin1'),
      u16(0x0314, 20, 0, 8, 0, 0x21),
      u32(crc32(Buffer.alloc(MiB)), packed, MiB),
      u16(parts[index]!.length, 0, 0, 0, 0),
      u32(0, offset),
      Buffer.from(parts[index]!),
    ]);
    offset += header.length + 5;
    return entry;
  });
  const directory = Buffer.concat(central);
  return Buffer.concat([
    body,
    directory,
    Buffer.from('PK\x05\x06', 'latin1'),
    u16(0, 0, parts.length, parts.length),
    u32(directory.length, body.length),
    u16(0),
  ]);
};

const unicodeName = (other: string): Buffer => {
  const bytes = Buffer.concat([
    Buffer.of(1),
    u32(crc32(Buffer.from('aside.txt'))),
    Buffer.from(other),
  ]);
  return Buffer.concat([u16(0x7075, bytes.length), bytes]);
};

const zipAttacks: readonly Attack[] = [
  ['a path that leaves', () => beside({ name: '../out.txt' }), /invalid relative path/],
  ['a path that leaves within', () => beside({ name: 'a/../../out.txt' }), /invalid relative path/],
  ['an absolute path', () => beside({ name: '/etc/x' }), /absolute path/],
  ['a drive', () => beside({ name: 'C:/x' }), /absolute path/],
  ['a backslash', () => beside({ name: '..\\x' }), /invalid characters/],
  ['control characters', () => beside({ name: 'a\x1b[2J' }), /control characters/],
  ['an override of direction', () => beside({ name: 'a\u202efit.1B' }), /twice|control characters/],
  ['an empty name', () => beside({ name: '' }), /empty or "\." part/],
  ['an empty part', () => beside({ name: 'a//b' }), /empty or "\." part/],
  ['a part "."', () => beside({ name: 'a/./b' }), /empty or "\." part/],
  ['a very long name', () => beside({ name: 'a'.repeat(513) }), /too long/],
  [
    'bytes that are no text',
    () => beside({ name: 'x\uFFFDy', both: { flags: 0x800 } }),
    /not valid text/,
  ],
  ['a name twice', () => beside(first!), /twice/],
  ['names that differ in case', () => beside({ ...first!, name: name.toLowerCase() }), /twice/],
  [
    'names that look alike',
    () =>
      beside({ name: 'é', both: { flags: 0x800 } }, { name: 'e\u0301', both: { flags: 0x800 } }),
    /take for the same/,
  ],
  ['a file named as a folder', () => beside({ name: 'a' }, { name: 'a/' }), /take for the same/],
  [
    'a second name in an extra field',
    () => beside({ name: 'aside.txt', extra: unicodeName(`${landsatName}_MTL.json`) }),
    /two different names/,
  ],
  ['a link for a file', () => withFirst({ mode: 0o120777 }), /link or a special file/],
  [
    'a link beside',
    () => beside({ name: 'etc', data: Buffer.from('/etc'), mode: 0o120777 }),
    /link or a special file/,
  ],
  ['a device', () => beside({ name: 'null', mode: 0o020666 }), /link or a special file/],
  ['a folder with content', () => beside({ name: 'a/', data: noise(9, 1) }), /folder with content/],
  ['an encrypted entry', () => withFirst({ both: { flags: 1 } }), /encrypted|mismatch/],
  ['strong encryption', () => beside({ name: 'a', both: { flags: 0x41 } }), /strong encryption/],
  ['encrypted only locally', () => withFirst({ local: { flags: 1 } }), /disagrees/],
  ['another method', () => withFirst({ both: { method: 12 } }), /method 12/],
  [
    'a method that differs',
    () => withFirst({ isDeflated: true, local: { method: 0 } }),
    /disagrees/,
  ],
  [
    'a local name that differs',
    () => withFirst({ local: { name: name.replace('B1', 'B2') } }),
    /disagrees/,
  ],
  ['a local size that differs', () => withFirst({ local: { size: 5 } }), /disagrees/],
  ['a wrong checksum', () => withFirst({ both: { crc: 1 } }), /CRC-32 is wrong/],
  [
    'a size that is too small',
    () => withFirst({ isDeflated: true, both: { size: 5 } }),
    /CRC-32 is wrong/,
  ],
  [
    'a size that is too large',
    () => withFirst({ isDeflated: true, both: { size: 5000 } }),
    /CRC-32 is wrong/,
  ],
  ['a stored size that is a lie', () => withFirst({ both: { size: 5 } }), /mismatch/],
  [
    'bytes behind the deflated ones',
    () =>
      withFirst({
        isDeflated: true,
        packed: Buffer.concat([deflateRawSync(first!.data), noise(50, 1)]),
      }),
    /bytes behind its end/,
  ],
  [
    'deflated bytes that are cut off',
    () => withFirst({ isDeflated: true, packed: deflateRawSync(first!.data).subarray(0, -9) }),
    /damaged or not complete/,
  ],
  [
    'no deflated bytes at all',
    () => withFirst({ isDeflated: true, packed: noise(300, 5) }),
    /damaged|disagrees|behind/,
  ],
  [
    'a descriptor that lies',
    () => withFirst({ isDeflated: true, descriptor: u32(0x08074b50, 1, 2, 3) }),
    /data descriptor .*disagrees/,
  ],
  [
    'a descriptor that is missing',
    () => withFirst({ isDeflated: true, both: { flags: 8 } }),
    /data descriptor .*disagrees/,
  ],
  [
    'an extra field that is cut off',
    () => withFirst({ localExtra: u16(1, 99), local: { size: 0xffffffff } }),
    /cut off/,
  ],
  [
    'a bomb',
    () => withFirst({ data: Buffer.alloc(200 * MiB), isDeflated: true }),
    /more than 100 times/,
  ],
  [
    'a bomb that lies',
    () => withFirst({ data: Buffer.alloc(200 * MiB), isDeflated: true, both: { size: 5000 } }),
    /CRC-32 is wrong/,
  ],
  [
    'a bomb of metadata',
    () =>
      zipOf([{ ...metadata!, data: Buffer.alloc(51 * MiB), isDeflated: true }, first!, ...rest]),
    /at most 52428800/,
  ],
  [
    'a bomb of JPEG 2000',
    () =>
      zipOf(
        sentinel2Files().map((file, index) =>
          index === 9 ? { ...file, data: Buffer.alloc(20 * MiB), isDeflated: true } : file,
        ),
      ),
    /more than 10 times/,
  ],
  ['a bomb of quoted overlaps', quotedBomb, /overlaps another/],
  [
    'more bytes than are accepted',
    () =>
      beside(
        { name: 'a', both: { method: 8, size: 0xfffffffe } },
        { name: 'b', both: { method: 8, size: 0xfffffffe } },
      ),
    /at most 4294967296/,
  ],
  ['two entries for the same bytes', overlapping, /overlaps another/],
  [
    'an entry that reaches into the next',
    () => withFirst({ both: { packed: 400, size: 400 } }),
    /overlaps another/,
  ],
  [
    'an entry that reaches into the directory',
    () =>
      zipOf([
        ...files.slice(0, -1),
        { ...files.at(-1)!, local: { name: `${files.at(-1)!.name}x` } },
      ]),
    /disagrees/,
  ],
  [
    'too many entries',
    () => beside(...Array.from({ length: 2000 }, (_, index) => ({ name: `a${index}` }))),
    /2013 entries; at most 2000/,
  ],
  [
    'a product in a zip in a zip',
    () => zipOf([{ name: 'S2A.zip', data: zipOf(files) }]),
    /archives within archives/,
  ],
  [
    'a zip that is named as a band',
    () => withFirst({ data: zipOf(files) }),
    /is an archive itself/,
  ],
  ['fewer entries than there are', () => zipOf(files, { count: 12 }), /records at the end/],
  ['more entries than there are', () => zipOf(files, { count: 14 }), /damaged or not complete/],
  ['a directory elsewhere', () => zipOf(files, { start: 7 }), /damaged or not complete/],
  ['a directory of another length', () => zipOf(files, { length: 7 }), /records at the end/],
  ['bytes behind the directory', () => zipOf(files, { gap: noise(40, 2) }), /records at the end/],
  ['a further part of a set', () => zipOf(files, { disk: 1 }), /multi-disk/],
  ['a set of zip64', () => zipOf(files, { zip64: { disks: 2 } }), /records at the end/],
  [
    'a zip64 record that disagrees',
    () => zipOf(files, { zip64: { count: 12 } }),
    /records at the end/,
  ],
  [
    'an end record that zip64 overrides',
    () => zipOf(files, { count: 3, zip64: { count: 13 } }),
    /records at the end/,
  ],
  [
    'a zip64 size that is a lie',
    () =>
      withFirst({
        isDeflated: true,
        both: { size: 0xffffffff },
        extra: Buffer.concat([u16(1, 8), u64(2 ** 40)]),
      }),
    /at most 4294967296/,
  ],
  [
    'a zip64 size that is missing',
    () => withFirst({ isDeflated: true, both: { size: 0xffffffff } }),
    /at most 1073741824/,
  ],
  [
    'an end record in the comment',
    () => zipOf(files, { comment: `PK\x05\x06${'\0'.repeat(18)}more` }),
    /damaged or not complete/,
  ],
  ['nothing at all', () => zipOf([]), /holds no product .*no files/],
  ['half of it', () => zipOf(files).subarray(0, 3000), /damaged or not complete/],
];

const tarWith = (...specs: readonly (TarFileSpec | Buffer)[]): Buffer =>
  Buffer.concat([
    ...specs.map((spec) => (Buffer.isBuffer(spec) ? spec : tarMember(spec))),
    tarOf(files),
  ]);
const firstOf = (change: Partial<TarFileSpec>): Buffer =>
  tarOf([metadata!, { ...first!, ...change }, ...rest]);

const tarAttacks: readonly Attack[] = [
  ['a path that leaves', () => tarWith({ name: '../out.txt' }), /path with "\.\."/],
  ['an absolute path', () => tarWith({ name: '/etc/x' }), /absolute path/],
  ['a backslash', () => tarWith({ name: '..\\x' }), /backslash/],
  ['control characters', () => tarWith({ name: 'a\nb' }), /control characters/],
  ['no name', () => tarWith({ name: '' }), /empty or "\." part/],
  ['a name twice', () => tarWith(first!), /twice/],
  [
    'names that differ in case',
    () => tarWith({ ...first!, name: name.toLowerCase() }),
    /take for the same/,
  ],
  [
    'a symbolic link',
    () => tarWith({ name: 'GRANULE', type: '2', linkName: '/etc' }),
    /symbolic link/,
  ],
  [
    'a hard link',
    () => firstOf({ type: '1', linkName: '/etc/passwd', data: Buffer.alloc(0) }),
    /hard link/,
  ],
  ['a device', () => tarWith({ name: 'null', type: '3' }), /a device/],
  ['a named pipe', () => tarWith({ name: 'pipe', type: '6' }), /named pipe/],
  ['a sparse file', () => firstOf({ type: 'S' }), /sparse file/],
  [
    'a sparse file of records',
    () => tarWith(paxMember({ 'GNU.sparse.major': '1' }), { name: 'a' }),
    /GNU\.sparse/,
  ],
  ['an unknown kind', () => tarWith({ name: 'a', type: 'Z' }), /not known/],
  [
    'a folder with content',
    () => tarWith({ name: 'a/', data: noise(9, 1) }),
    /folder with content/,
  ],
  [
    'a long name of a link',
    () => tarWith({ name: '././@LongLink', type: 'K', data: Buffer.from('/etc/passwd\0') }),
    /long name/,
  ],
  [
    'a record with another name',
    () => tarWith(paxMember({ path: `${landsatName}_MTL.json` }), { name: 'aside.txt' }),
    /another name/,
  ],
  [
    'a record with a link',
    () => tarWith(paxMember({ linkpath: '/etc' }), { name: 'a' }),
    /linkpath/,
  ],
  [
    'a record with another size',
    () => tarWith(paxMember({ size: '512' }), { name: 'a' }),
    /two sizes/,
  ],
  [
    'a name for all members',
    () => tarWith(paxMember({ path: 'x' }, 'g')),
    /one name or size for all/,
  ],
  [
    'a long name that differs',
    () => tarWith(gnuMember({ name: 'a' }).subarray(0, 1024), { name: 'b' }),
    /another name/,
  ],
  [
    'two long names',
    () => tarWith(gnuMember({ name: 'a' }).subarray(0, 1024), gnuMember({ name: 'a' })),
    /two names/,
  ],
  [
    'records twice',
    () => tarWith(paxMember({ mtime: '1' }), paxMember({ mtime: '1' }), { name: 'a' }),
    /two names/,
  ],
  [
    'a record twice',
    () =>
      tarWith(
        tarMember({
          name: 'x',
          type: 'x',
          data: Buffer.from('9 mtime=1\n9 mtime=1\n'.replaceAll('9', '10')),
        }),
      ),
    /twice/,
  ],
  [
    'a record that is too long',
    () => tarWith({ name: 'x', type: 'x', data: Buffer.from('99 path=a\n') }),
    /not well-formed/,
  ],
  [
    'a record without a length',
    () => tarWith({ name: 'x', type: 'x', data: Buffer.from('path=a\n') }),
    /not well-formed/,
  ],
  [
    'endless records',
    () => tarWith({ name: 'x', type: 'x', data: Buffer.alloc(65_537) }),
    /at most 65536/,
  ],
  [
    'endless records for all',
    () => tarWith(...Array.from({ length: 200 }, () => paxMember({ comment: 'x' }, 'g'))),
    /too many headers/,
  ],
  [
    'records without a member',
    () =>
      Buffer.concat([...files.map((file) => tarMember(file)), paxMember({ mtime: '1' }), tarEnd]),
    /ends where a member/,
  ],
  ['a size in binary', () => firstOf({ size: '\x80\0\0\0\0\0\0\0\0\0\x01\x00' }), /no size/],
  ['a negative size', () => firstOf({ size: '-0000000001\0' }), /no size/],
  ['a size of 8 GiB', () => firstOf({ size: 2 ** 33 - 1 }), /at most 1073741824/],
  ['a size that is too large', () => firstOf({ size: 5000 }), /damaged/],
  ['a size that is too small', () => firstOf({ size: 5 }), /damaged|header/],
  ['a wrong sum', () => firstOf({ sum: 1 }), /damaged/],
  ['no mark of the format', () => firstOf({ magic: '\0'.repeat(8) }), /damaged/],
  [
    'too many entries',
    () => tarWith(...Array.from({ length: 2000 }, (_, index) => ({ name: `a${index}` }))),
    /more than 2000 entries/,
  ],
  ['a tar that is named as a band', () => firstOf({ data: tarOf(files) }), /is an archive itself/],
  [
    'a product in a tar in a tar',
    () => tarOf([{ name: 'a.tar', data: tarOf(files) }]),
    /archives within archives/,
  ],
  [
    'more behind its end',
    () => Buffer.concat([tarOf(files).subarray(0, -512), tarOf(files)]),
    /goes on behind/,
  ],
  ['no end', () => tarOf(files).subarray(0, -1024), /ends too early/],
  ['half of it', () => tarOf(files).subarray(0, 4000), /ends too early/],
  ['nothing at all', () => gzipSync(tarEnd), /holds no product .*no files/],
  [
    'a bomb of gzip',
    () => gzipSync(tarWith({ name: 'a', data: Buffer.alloc(100 * MiB) })),
    /more than 100 times/,
  ],
  [
    'an endless tail of gzip',
    () => gzipSync(Buffer.concat([tarOf(files), Buffer.alloc(100 * MiB)])),
    /more than 100 times/,
  ],
  [
    'a wrong checksum of gzip',
    () =>
      Buffer.from(
        gzipSync(tarOf(files)).map((byte, at, all) => (at === all.length - 7 ? byte ^ 1 : byte)),
      ),
    /damaged or not complete \(incorrect data check/,
  ],
  [
    'a gzip that is cut off',
    () => gzipSync(tarOf(files)).subarray(0, -9),
    /damaged or not complete \(unexpected end/,
  ],
  [
    'garbage behind gzip',
    () => Buffer.concat([gzipSync(tarOf(files)), Buffer.from('x')]),
    /damaged or not complete/,
  ],
  ['something else packed', () => gzipSync(noise(9000, 3)), /where a header should be/],
];

describe('hostile archives are refused', () => {
  it.each(zipAttacks)('zip: %s', async (...row) => {
    await attack('zip', row);
  });
  it.each(tarAttacks)('tar: %s', async (...row) => {
    await attack('tar', row);
  });
  it('what is no archive', async () => {
    await attack('file', ['a text', () => Buffer.from('not an archive'), /no archive; accepted/]);
    await attack('file', ['nothing', () => Buffer.alloc(0), /no archive; accepted/]);
  });
});
