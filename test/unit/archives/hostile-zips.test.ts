/** The corpus of hostile zips: what happens to each is printed, and none may write a byte outside or leave one inside. */
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { attackTable, type Attack } from '../../support/attack-table.ts';
import { landsatFiles, landsatName, noise, sentinel2Files } from '../../support/small-product.ts';
import { quotedBomb } from '../../support/quoted-bomb.ts';
import { u16, u32, u64, zipOf, type ZipFileSpec } from '../../support/zip-writer.ts';

const files = landsatFiles();
const [metadata, first, ...rest] = files;
const name = `${landsatName}_B1.TIF`;
const MiB = 2 ** 20;

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

const unicodeName = (other: string): Buffer => {
  const bytes = Buffer.concat([
    Buffer.of(1),
    u32(crc32(Buffer.from('aside.txt'))),
    Buffer.from(other),
  ]);
  return Buffer.concat([u16(0x7075, bytes.length), bytes]);
};

const attacks: readonly Attack[] = [
  ['a path that leaves', () => beside({ name: '../out.txt' }), /invalid relative path/],
  ['a path that leaves within', () => beside({ name: 'a/../../out.txt' }), /invalid relative path/],
  ['an absolute path', () => beside({ name: '/etc/x' }), /absolute path/],
  ['a drive', () => beside({ name: 'C:/x' }), /absolute path/],
  ['a backslash', () => beside({ name: '..\\x' }), /invalid characters/],
  ['control characters', () => beside({ name: 'a\x1b[2J' }), /control characters/],
  [
    'an override of direction',
    () => beside({ name: 'a\u202efit.1B', both: { flags: 0x800 } }),
    /control characters/,
  ],
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
  ['an encrypted entry', () => withFirst({ isDeflated: true, both: { flags: 1 } }), /is encrypted/],
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
  [
    'a bomb of quoted overlaps',
    () => quotedBomb(files.map((file) => file.name)),
    /overlaps another/,
  ],
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
    () => zipOf([metadata!, ...rest, { ...first!, local: { name: `${name}x` } }]),
    /disagrees/,
  ],
  [
    'too many entries',
    () => beside(...Array.from({ length: 2000 }, (_, index) => ({ name: `a${index}` }))),
    /2013 entries; at most 2000/,
  ],
  [
    'a directory of empty words',
    () =>
      beside(
        ...Array.from({ length: 300 }, (_, index) => ({
          name: `a${index}`,
          extra: Buffer.concat([u16(0x9999, 60_000), Buffer.alloc(60_000)]),
        })),
      ),
    /directory .* more than 16777216 bytes/,
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
    /at most 4294967296/,
  ],
  [
    'an end record in the comment',
    () => zipOf(files, { comment: `PK\x05\x06${'\0'.repeat(18)}more` }),
    /damaged or not complete/,
  ],
  ['nothing at all', () => zipOf([]), /holds no product .*no files/],
  ['half of it', () => zipOf(files).subarray(0, 3000), /damaged or not complete/],
];

describe('hostile zips are refused', () => {
  const outcome = attackTable('zip');
  it.each(attacks)('%s', async (title, make, expected) => {
    expect(await outcome(title, make())).toMatch(expected);
  });
});
