/** Archives as honest programs write them: unpacked to the very bytes of the files that are needed, and no others. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  landsatFiles,
  landsatName,
  noise,
  safeName,
  sentinel2Files,
  type SmallFile,
} from '../../support/small-product.ts';
import { paxMember, paxNamed, tarEnd, tarMember, tarOf } from '../../support/tar-writer.ts';
import { digestOf, unpackBytes } from '../../support/unpacked.ts';
import { u16, u32, u64, zipOf, type ZipFileSpec } from '../../support/zip-writer.ts';

const landsat = landsatFiles();
const sentinel2 = sentinel2Files();
const expected = (files: readonly SmallFile[], folder = '') =>
  Object.fromEntries(files.map(({ name, data }) => [name.slice(folder.length), digestOf(data)]));
const landsatProduct = { kind: 'landsat', files: expected(landsat) };
const sentinel2Product = { kind: 'sentinel2-l1c', files: expected(sentinel2, `${safeName}/`) };

/** Beside the product, as archives have it. */
const others = [
  { name: 'README.html', data: Buffer.from('<html></html>') },
  { name: `${landsatName}_B1.TIF.aux.xml`, data: Buffer.from('<PAMDataset/>') },
  { name: `${landsatName}_B1.TIF.ovr`, data: noise(1000, 1) },
  { name: `${landsatName}_QA_RADSAT.TIF`, data: noise(1000, 2) },
  { name: 'Übersicht.pdf', data: noise(100, 3) },
];
const each = (files: readonly ZipFileSpec[], change: Partial<ZipFileSpec>): ZipFileSpec[] =>
  files.map((file) => ({ ...file, ...change }));
/** Sizes in the extra field of zip64, with the marks that point to it. */
const zip64Sizes = (size: number) => ({
  extra: Buffer.concat([u16(1, 16), u64(size, size)]),
  localExtra: Buffer.concat([u16(1, 16), u64(size, size)]),
});

describe('a zip', () => {
  it.each<[string, Buffer, unknown]>([
    ['with stored files', zipOf(landsat), landsatProduct],
    ['with deflated files', zipOf(each(landsat, { isDeflated: true })), landsatProduct],
    ['with folders and a SAFE', zipOf([{ name: `${safeName}/` }, ...sentinel2]), sentinel2Product],
    ['without the folder', zipOf(sentinel2Files('')), sentinel2Product],
    ['in two folders', zipOf(sentinel2Files(`out/${safeName}/`)), sentinel2Product],
    ['with "./" before the names', zipOf([{ name: './' }, ...landsatFiles('./')]), landsatProduct],
    ['with other files', zipOf([...others, ...landsat]), landsatProduct],
    ['with a comment', zipOf(landsat, { comment: 'made by hand' }), landsatProduct],
    ['with zip64 records', zipOf(landsat, { zip64: {} }), landsatProduct],
    [
      'with zip64 records only',
      zipOf(landsat, {
        count: 0xffff,
        start: 0xffffffff,
        length: 0xffffffff,
        zip64: {
          count: landsat.length,
          start: zipOf(landsat).indexOf('PK\x01\x02', 'latin1'),
          length: zipOf(landsat).length - 22 - zipOf(landsat).indexOf('PK\x01\x02', 'latin1'),
        },
      }),
      landsatProduct,
    ],
    [
      'with zip64 sizes',
      zipOf(
        landsat.map((file) => ({
          ...file,
          ...zip64Sizes(file.data.length),
          both: { packed: 0xffffffff, size: 0xffffffff },
        })),
      ),
      landsatProduct,
    ],
    [
      'with an extra field',
      zipOf(each(landsat, { localExtra: Buffer.concat([u16(0x5455, 5), Buffer.of(1), u32(7)]) })),
      landsatProduct,
    ],
    ['without file types', zipOf(each(landsat, { mode: 0 })), landsatProduct],
    ...(['marked', 'bare', 'long'] as const).map((descriptor): [string, Buffer, unknown] => [
      `with ${descriptor} data descriptors`,
      zipOf(each(landsat, { isDeflated: true, descriptor })),
      landsatProduct,
    ]),
    [
      'with stored files and descriptors',
      zipOf(each(landsat, { descriptor: 'marked' })),
      landsatProduct,
    ],
  ])('%s', async (_name, bytes, product) => {
    expect(await unpackBytes(bytes)).toEqual(product);
  });
});

describe('a tar', () => {
  const longNames = sentinel2.map((file) => paxNamed(file));
  const prefixed = sentinel2.map(({ name, data }) => {
    const cut = name.indexOf('/', 20);
    return tarMember({ prefix: name.slice(0, cut), name: name.slice(cut + 1), data });
  });
  it.each<[string, Buffer, unknown]>([
    ['of flat files', tarOf(landsat), landsatProduct],
    ['with long names of GNU', tarOf(sentinel2), sentinel2Product],
    ['with long names in records', Buffer.concat([...longNames, tarEnd]), sentinel2Product],
    ['with long names in two fields', Buffer.concat([...prefixed, tarEnd]), sentinel2Product],
    ['with "./" before the names', tarOf([{ name: './' }, ...landsatFiles('./')]), landsatProduct],
    ['with other files', tarOf([...others, ...landsat]), landsatProduct],
    [
      'with other records',
      Buffer.concat([
        paxMember({ comment: 'a commit' }, 'g'),
        ...landsat.flatMap((file) => [
          paxMember({ mtime: '1.5', 'SCHILY.xattr.user.x': 'é' }),
          tarMember(file),
        ]),
        tarEnd,
      ]),
      landsatProduct,
    ],
    [
      'with a record of the same size and name',
      Buffer.concat([
        ...landsat.flatMap((file) => [
          paxMember({ size: String(file.data.length), path: file.name }),
          tarMember(file),
        ]),
        tarEnd,
      ]),
      landsatProduct,
    ],
    [
      'with garbage behind its end',
      Buffer.concat([tarOf(landsat), noise(5000, 9)]),
      landsatProduct,
    ],
    ['with one block at its end', tarOf(landsat).subarray(0, -512), landsatProduct],
    ['filled up', Buffer.concat([tarOf(landsat), Buffer.alloc(9000)]), landsatProduct],
    ['packed with gzip', gzipSync(tarOf(sentinel2)), sentinel2Product],
    [
      'in two parts of gzip',
      Buffer.concat([
        gzipSync(tarOf(landsat).subarray(0, 3000)),
        gzipSync(tarOf(landsat).subarray(3000)),
      ]),
      landsatProduct,
    ],
    [
      'packed, with zeros behind',
      Buffer.concat([gzipSync(tarOf(landsat)), Buffer.alloc(700)]),
      landsatProduct,
    ],
  ])('%s', async (_name, bytes, product) => {
    expect(await unpackBytes(bytes)).toEqual(product);
  });
});
