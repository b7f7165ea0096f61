import { describe, expect, it } from 'vitest';
import { ProductRefused } from '../../../src/errors.ts';
import { chooseMembers, MemberChoice } from '../../../src/sources/members.ts';
import {
  landsatFiles,
  landsatName,
  safeName,
  sentinel2Files,
} from '../../support/small-product.ts';

const names = (files: readonly { readonly name: string }[]): string[] =>
  files.map(({ name }) => name);
const sentinel2 = names(sentinel2Files(''));
const landsat = names(landsatFiles());
const granule = 'GRANULE/L1C_T19UDP_A010976_20170729T153557';
const inFolder = (folder: string, paths: readonly string[]) =>
  paths.map((path) => ({ path: `${folder}${path}`, target: path }));

const levelTwoGranule = 'GRANULE/L2A_T29RKH_A024344_20200219T113105';
const levelTwoImages = {
  R10m: ['B02', 'B03', 'B04', 'B08'],
  R20m: ['B05', 'B06', 'B07', 'B8A', 'B11', 'B12'],
  R60m: ['B01', 'B09'],
};
const imagesOf = (resolution: string, ids: readonly string[], prefix = ''): string[] =>
  ids.map(
    (id) =>
      `${levelTwoGranule}/IMG_DATA/${resolution}/${prefix}T29RKH_20200219T112111_${id}_${resolution.slice(1)}.jp2`,
  );
const levelTwo = (prefix = ''): string[] => [
  'MTD_MSIL2A.xml',
  `${levelTwoGranule}/MTD_TL.xml`,
  ...Object.entries(levelTwoImages).flatMap(([resolution, ids]) =>
    imagesOf(resolution, ids, prefix),
  ),
];

describe('chooseMembers', () => {
  it.each(['', `${safeName}/`, 'S2A_renamed/', `out/${safeName}/`])(
    'finds Sentinel-2 L1C below "%s"',
    (folder) => {
      const paths = sentinel2.map((path) => folder + path);
      expect(chooseMembers(paths, 'x')).toEqual({
        kind: 'sentinel2-l1c',
        members: inFolder(folder, sentinel2),
      });
    },
  );

  it.each(['', 'L2A_'])(
    'finds each band of L2A at its native resolution (names with "%s")',
    (prefix) => {
      const others = [
        ...imagesOf('R20m', ['B02', 'B03', 'B04', 'SCL', 'TCI', 'AOT', 'WVP'], prefix),
        ...imagesOf('R60m', ['B02', 'B05', 'B8A', 'B11', 'SCL'], prefix),
        ...imagesOf('R10m', ['TCI', 'AOT'], prefix),
      ];
      expect(chooseMembers([...others, ...levelTwo(prefix)], 'x')).toEqual({
        kind: 'sentinel2-l2a',
        members: inFolder('', levelTwo(prefix)),
      });
    },
  );

  it('takes the other spelling of the metadata', () => {
    const paths = levelTwo().map((path) => path.replace('MSIL2A', 'MSIL2a'));
    expect(chooseMembers(paths, 'x').members).toEqual(inFolder('', paths));
  });

  it.each(['', `${landsatName}/`, `a/${landsatName}/`])(
    'finds Landsat level 1 below "%s"',
    (folder) => {
      const paths = [...landsat, `${landsatName}_MTL.json`, `${landsatName}_MTL.xml`];
      expect(
        chooseMembers(
          paths.map((path) => folder + path),
          'x',
        ),
      ).toEqual({ kind: 'landsat', members: inFolder(folder, paths) });
    },
  );

  it('finds Landsat level 2, and Collection 1 with its quality band', () => {
    const id = 'LC08_L2SP_001062_20201031_20201106_02_T2';
    const surface = ['SR_B1', 'SR_B2', 'SR_B3', 'SR_B4', 'SR_B5', 'SR_B6', 'SR_B7', 'ST_B10'];
    const paths = [...surface, 'QA_PIXEL'].map((band) => `${id}_${band}.TIF`);
    const others = ['SR_QA_AEROSOL', 'ST_QA', 'ST_ATRAN', 'QA_RADSAT'].map(
      (band) => `${id}_${band}.TIF`,
    );
    expect(chooseMembers([...others, ...paths, `${id}_MTL.xml`], 'x')).toEqual({
      kind: 'landsat',
      members: inFolder('', [...paths, `${id}_MTL.xml`]),
    });
    const older = landsat.map((path) =>
      path.replace('QA_PIXEL', 'BQA').toLowerCase().replace('lc08_l1tp', 'LC08_L1TP'),
    );
    expect(chooseMembers(older, 'x').members).toEqual(inFolder('', older));
  });

  it('leaves everything else', () => {
    const choice = new MemberChoice('x');
    const image = `${granule}/IMG_DATA/T19UDP_20170729T153601_B02.jp2`;
    const others = [
      'INSPIRE.xml',
      'HTML/star_bg.jpg',
      'AUX_DATA/x.xml',
      'rep_info/x.xsd',
      'DATASTRIP/DS_SGS__20170729T190750_S20170729T153557/MTD_DS.xml',
      `${granule}/AUX_DATA/AUX_ECMWFT`,
      `${granule}/QI_DATA/T19UDP_20170729T153601_PVI.jp2`,
      `${granule}/QI_DATA/MSK_QUALIT_B02.jp2`,
      `${granule}/IMG_DATA/T19UDP_20170729T153601_TCI.jp2`,
      `${image}.aux.xml`,
      `${image}.ovr`,
      image.replace('.jp2', '.vrt'),
      image.replace('.jp2', '.JP2'),
      image.replace('_B02', '_B13'),
      image.replace('_B02', '_B02_10m'),
      image.replace('IMG_DATA/', 'IMG_DATA/R10m/'),
      image.replace('T19UDP', '../T19UDP'),
      `a/b/c/${image}`,
      `__MACOSX/${safeName}/._MTD_MSIL1C.xml`,
      image.replace('T19UDP_2017', '._T19UDP_2017'),
      ...[
        'B1.TIF.ovr',
        'B1.TIF.aux.xml',
        'B1.tfw',
        'B1.msk',
        'B12.TIF',
        'ANG.txt',
        'QA_RADSAT.TIF',
        'SR_B8.TIF',
        'thumb.jpg',
      ].map((end) => `${landsatName}_${end}`),
      `x_${landsatName}_B1.TIF`,
      'B1.TIF',
      '/etc/passwd',
      '',
      'GRANULE/',
      'constructor',
      '__proto__',
    ];
    expect(others.filter((path) => choice.targetOf(path) !== undefined)).toEqual([]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /^x holds no product that can be masked, but no files: accepted is/],
    ['other files', ['a.txt', 'b/'], /but 1 file \(a\.txt\)/],
    ['metadata alone', [`${landsatName}_MTL.txt`], /MTL\.txt, but no bands/],
    [
      'a product that lies too deep',
      sentinel2.map((path) => `a/b/c/${path}`),
      /a\/b\/c\/MTD_MSIL1C\.xml, but no bands/,
    ],
    ['an archive', ['S2A.SAFE.zip'], /holds an archive \(S2A\.SAFE\.zip\)/],
    [
      'the naming of before December 2016',
      ['S2A_OPER_PRD.SAFE/S2A_OPER_MTD_SAFL1C_PDMC_2015.xml'],
      /before December 2016.*not supported/,
    ],
    [
      'two products of Sentinel-2',
      [...names(sentinel2Files('a/')), ...names(sentinel2Files('b/'))],
      /more than one product: a and b/,
    ],
    [
      'two halves of products in long folders',
      sentinel2.map((path, index) => `${'a'.repeat(150)}${index % 2}/${path}`),
      /more than one product: a{120}… and a{120}…/,
    ],
    [
      'two products of Landsat in one folder',
      [...landsat, ...names(landsatFiles('', 'LC09_L1TP_016037_20220819_20230401_02_T1'))],
      /more than one product: LC08_.* and LC09_/,
    ],
    ['two kinds', [...landsat, ...sentinel2], /more than one product/],
    [
      'both levels in one folder',
      [...sentinel2, ...levelTwo().filter((path) => !path.endsWith('MTD_TL.xml'))],
      /more than one granule/,
    ],
    [
      'metadata of both levels',
      [...sentinel2, 'MTD_MSIL2A.xml'],
      /more than one kind: Sentinel-2 L1C and Sentinel-2 L2A/,
    ],
    [
      'two granules',
      [...sentinel2, 'GRANULE/L1C_T19UDP_A010976_20170729T999999/MTD_TL.xml'],
      /more than one granule/,
    ],
    [
      'a band twice',
      [...sentinel2, `${granule}/IMG_DATA/T19UDP_20180101T000000_B02.jp2`],
      /twice: .*_B02\.jp2 and .*_B02\.jp2/,
    ],
    [
      'a product without its metadata',
      sentinel2.filter((path) => !path.includes('MSIL1C')),
      /Sentinel-2 L1C, but not all .*: MTD_MSIL1C\.xml is missing/,
    ],
    [
      'a product without bands',
      sentinel2.filter((path) => !/_B(05|8A)/.test(path)),
      /: B05\.jp2, B8A\.jp2 are missing/,
    ],
    [
      'Landsat without thermal bands',
      landsat.filter((path) => !/_B1[01]/.test(path)),
      /Landsat level 1, .*: B10\.TIF, B11\.TIF are missing/,
    ],
    [
      'Landsat without metadata',
      landsat.filter((path) => !path.includes('MTL')),
      /: MTL\.txt \(or \.json or \.xml\) is missing/,
    ],
  ])('refuses %s', (_title, paths, expected) => {
    expect(() => chooseMembers(paths, 'x')).toThrow(ProductRefused);
    expect(() => chooseMembers(paths, 'x')).toThrow(expected);
  });
});
