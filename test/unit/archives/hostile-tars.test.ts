/** The corpus of hostile tars: what happens to each is printed, and none may write a byte outside or leave one inside. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { attackTable, type Attack } from '../../support/attack-table.ts';
import { landsatFiles, landsatName, noise } from '../../support/small-product.ts';
import {
  gnuMember,
  paxMember,
  tarEnd,
  tarMember,
  tarOf,
  type TarFileSpec,
} from '../../support/tar-writer.ts';

const files = landsatFiles();
const [metadata, first, ...rest] = files;
const MiB = 2 ** 20;

const tarWith = (...specs: readonly (TarFileSpec | Buffer)[]): Buffer =>
  Buffer.concat([
    ...specs.map((spec) => (Buffer.isBuffer(spec) ? spec : tarMember(spec))),
    tarOf(files),
  ]);
const firstOf = (change: Partial<TarFileSpec>): Buffer =>
  tarOf([metadata!, { ...first!, ...change }, ...rest]);

const attacks: readonly Attack[] = [
  ['a path that leaves', () => tarWith({ name: '../out.txt' }), /path with "\.\."/],
  ['an absolute path', () => tarWith({ name: '/etc/x' }), /absolute path/],
  ['a backslash', () => tarWith({ name: '..\\x' }), /backslash/],
  ['control characters', () => tarWith({ name: 'a\nb' }), /control characters/],
  ['no name', () => tarWith({ name: '' }), /empty or "\." part/],
  ['a name twice', () => tarWith(first!), /twice/],
  ['names that differ in case', () => tarWith({ name: 'a' }, { name: 'A' }), /take for the same/],
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
          data: Buffer.from('9 mtime=1\n9 mtime=1\n'.replaceAll('9', '11')),
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
  ['a size that is too small', () => firstOf({ data: noise(2000, 4), size: 5 }), /damaged|header/],
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

describe('hostile tars are refused', () => {
  const outcome = attackTable('tar');
  it.each(attacks)('%s', async (title, make, expected) => {
    expect(await outcome(title, make())).toMatch(expected);
  });

  it('what is no archive', async () => {
    expect(await outcome('a text', Buffer.from('not an archive'))).toMatch(/no archive; accepted/);
    expect(await outcome('an empty file', Buffer.alloc(0))).toMatch(/no archive; accepted/);
  });
});
