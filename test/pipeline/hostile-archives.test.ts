/** Hostile archives and metadata at the trusted server and below a root, end to end; the corpus of the reader itself is with its unit tests. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { copyFolder, withFolder } from '../support/folder.ts';
import { mutatedText } from '../support/hostile-text.ts';
import {
  faultsOf,
  withHostileWorld,
  type HostileCase,
  type HostileWorld,
} from '../support/hostile-world.ts';
import { tarredFolder, zippedFolder } from '../support/pack-folder.ts';
import { quotedBomb } from '../support/quoted-bomb.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { landsatFiles, landsatName } from '../support/small-product.ts';
import { paxMember, tarEnd, tarMember, tarOf, type TarFileSpec } from '../support/tar-writer.ts';
import { zipOf, type ZipFileSpec } from '../support/zip-writer.ts';

const MiB = 2 ** 20;
const files = landsatFiles();
const names = files.map(({ name }) => name);
const zipWith = (...specs: readonly ZipFileSpec[]): Buffer => zipOf([...files, ...specs]);
const tarWith = (...specs: readonly TarFileSpec[]): Buffer =>
  Buffer.concat([...specs.map(tarMember), tarOf(files)]);
const zeros = Buffer.alloc(200 * MiB);

/** Files of a product in which one band is a bomb. */
const bombed = (): ZipFileSpec[] =>
  files.map((file) =>
    file.name.endsWith('_B4.TIF') ? { ...file, data: zeros, isDeflated: true } : file,
  );

type ArchiveAttack = readonly [attack: string, name: string, bytes: () => Buffer, ends: RegExp];

const attacks: readonly ArchiveAttack[] = [
  [
    'a path that leaves',
    'a.zip',
    () => zipWith({ name: '../../../../outside.txt' }),
    /relative path|path with/,
  ],
  [
    'a path that leaves',
    'a.tar',
    () => tarWith({ name: '../../../../outside.txt' }),
    /path with "\.\."/,
  ],
  ['an absolute path', 'b.zip', () => zipWith({ name: '/srv/outside.txt' }), /absolute path/],
  [
    'a link, and a file behind it',
    'c.tar',
    () => tarWith({ name: 'GRANULE', type: '2', linkName: '/etc' }),
    /symbolic link/,
  ],
  [
    'a link, and a file behind it',
    'c.zip',
    () => zipWith({ name: 'GRANULE', data: Buffer.from('/etc'), mode: 0o120777 }),
    /symbolic link|link/,
  ],
  [
    'a hard link',
    'd.tar',
    () => tarWith({ name: 'x', type: '1', linkName: '/etc/passwd' }),
    /hard link/,
  ],
  ['a device', 'e.tar', () => tarWith({ name: 'x', type: '3' }), /a device/],
  ['a bomb of 200 MB', 'f.zip', () => zipOf(bombed()), /more than 100 times|unpacks to/],
  ['a bomb of overlapping files', 'g.zip', () => quotedBomb(names), /\w/],
  [
    'a bomb in a tar.gz',
    'h.tar.gz',
    () => gzipSync(tarWith({ name: 'x', data: zeros })),
    /more than 100 times/,
  ],
  [
    'a file said to be of 8 GB',
    'i.tar',
    () => Buffer.concat([tarMember({ name: names[1] ?? '', size: 8 ** 11 - 1 }), tarEnd]),
    /\w/,
  ],
  [
    'sizes that lie',
    'j.zip',
    () => zipOf(files.map((file, index) => (index === 3 ? { ...file, both: { size: 10 } } : file))),
    /\w/,
  ],
  [
    'a checksum that lies',
    'k.zip',
    () => zipOf(files.map((file, index) => (index === 3 ? { ...file, both: { crc: 1 } } : file))),
    /\w/,
  ],
  ['a name twice', 'l.zip', () => zipWith(files[1] ?? { name: '' }), /twice/],
  [
    'an encrypted file',
    'm.zip',
    () => zipOf(files.map((file, index) => (index === 3 ? { ...file, both: { flags: 1 } } : file))),
    /encrypted|damaged/,
  ],
  [
    'an archive in the archive',
    'n.zip',
    () => zipOf([{ name: 'product.zip', data: zipOf(files) }]),
    /archives within archives/,
  ],
  [
    'an archive as a band',
    'o.zip',
    () => zipOf(files.map((file, index) => (index === 3 ? { ...file, data: zipOf(files) } : file))),
    /archives within archives/,
  ],
  [
    '5,000 files',
    'p.zip',
    () => zipOf(Array.from({ length: 5000 }, (_, index) => ({ name: `${index}` }))),
    /more than 2000|2000|2,000/,
  ],
  [
    'a record with another name',
    'q.tar',
    () => Buffer.concat([paxMember({ path: `../${landsatName}_MTL.json` }), tarOf(files)]),
    /\w/,
  ],
  ['half of a zip', 'r.zip', () => zipOf(files).subarray(0, 2000), /\w/],
  ['half of a tar.gz', 's.tar.gz', () => gzipSync(tarOf(files)).subarray(0, 3000), /\w/],
  ['no file at all', 't.zip', () => zipOf([]), /\w/],
  [
    'control characters and another direction',
    'u.tar',
    () => tarWith({ name: 'a\u202egpj.exe' }),
    /\w/,
  ],
  [
    'two products',
    'v.tar',
    () => tarOf([...landsatFiles('a/'), ...landsatFiles('b/')]),
    /more than one product/,
  ],
];

async function packed({ www, root, web }: HostileWorld): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  for (const [index, [attack, name, bytes, ends]] of attacks.entries()) {
    const isLocal = index % 3 === 2;
    await writeFile(join(isLocal ? root : www, name), bytes());
    const given = `${isLocal ? 'root' : 'address'}: ${name.split('.')[1]}`;
    cases.push({ attack, given, product: isLocal ? name : `${web.origin}/${name}`, ends });
  }
  return cases;
}

it('hostile archives are refused, and nothing is written elsewhere', async () => {
  await withHostileWorld({}, async (world) => {
    const cases = await packed(world);
    const around = join(world.root, '..');
    const before = readdirSync(around);
    expect(await faultsOf(world, cases)).toEqual([]);
    expect(readdirSync(around)).toEqual(before);
  });
});

const safe = 'S2A_MSIL1C_20150726T105026_N0204_R051_T31TDH_20150726T105856.SAFE';
const granule = 'GRANULE/L1C_T31TDH_A000477_20150726T105856';
const band = `${granule}/IMG_DATA/T31TDH_20150726T105026_B04.jp2`;

/** Puts a link in the place of a file, or of a folder, of a product. */
function linked(folder: string, path: string, to: string): void {
  const place = join(folder, path);
  unlinkSync(place);
  symlinkSync(to, place);
}

describeWithShared('products/broken', 'products with links and mutated metadata', () => {
  const source = sharedPath('products/broken/s2-00-valid', safe);

  it('links of the file system lead nowhere', async () => {
    await withHostileWorld({}, async (world) => {
      const outside = join(world.www, 'outside');
      mkdirSync(outside);
      const secret = join(copyFolder(source, outside), band);
      const links: readonly (readonly [string, string, string])[] = [
        ['a band that is a link out of the root', band, secret],
        ['a band that is a link to a file of the system', band, '/etc/passwd'],
        ['a band that is a link to a device', band, '/dev/zero'],
        ['metadata that are a link', 'MTD_MSIL1C.xml', '/etc/passwd'],
        ['metadata that are a device', `${granule}/MTD_TL.xml`, '/dev/zero'],
      ];
      const cases: HostileCase[] = [];
      for (const [index, [attack, path, to]] of links.entries()) {
        mkdirSync(join(world.root, String(index)));
        const product = copyFolder(source, join(world.root, String(index)));
        linked(product, path, to);
        cases.push({ attack, given: 'folder', product, ends: /is a symbolic link/ });
        const [form, pack] =
          index % 2 === 0 ? (['zip', zippedFolder] as const) : (['tar', tarredFolder] as const);
        await writeFile(join(world.www, `${index}.${form}`), pack(product));
        const url = `${world.web.origin}/${index}.${form}`;
        cases.push({ attack, given: form, product: url, ends: /link/ });
      }
      symlinkSync(join(outside, safe), join(world.root, safe));
      const whole = { attack: 'a product that is a link out of the root', given: 'folder' };
      cases.push({ ...whole, product: safe, ends: /there is no such product/ });
      expect(await faultsOf(world, cases)).toEqual([]);
    });
  });

  it('mutated metadata in archives', async () => {
    await withHostileWorld({}, async (world) => {
      const cases: HostileCase[] = [];
      for (const [index, path] of ['MTD_MSIL1C.xml', `${granule}/MTD_TL.xml`].entries()) {
        for (let seed = 1000; seed < 1006; seed++) {
          await withFolder(async (folder) => {
            const product = copyFolder(source, folder);
            const file = join(product, path);
            writeFileSync(file, mutatedText(readFileSync(file, 'utf8'), seed));
            await mkdir(join(world.www, dirname(`${index}/x`)), { recursive: true });
            await writeFile(join(world.www, `${index}/${seed}.zip`), zippedFolder(product));
          });
          const product = `${world.web.origin}/${index}/${seed}.zip`;
          cases.push({
            attack: `${path.split('/').at(-1)}, ${seed}`,
            given: 'zip',
            product,
            ends: 'any',
          });
        }
      }
      expect(await faultsOf(world, cases)).toEqual([]);
    });
  });
});
