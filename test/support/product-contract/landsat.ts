/** Landsat 8 and 9 in the contract suite: level 1, and level 2 with surface temperature. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readIdentity, surfaceGroups } from '../../../src/cloudmask/products/landsat-metadata.ts';
import { Mtl } from '../../../src/cloudmask/products/mtl.ts';
import { copyFolder } from '../folder.ts';
import { anyData, readNumbers } from '../raster.ts';
import { sharedPath } from '../shared.ts';
import {
  masked,
  refused,
  type DocumentsUnderTest,
  type ExpectedDocument,
  type KindUnderTest,
  type ReferencePixel,
  type ReferencePixels,
} from './kind-under-test.ts';
import { readReference } from './reference-pixels.ts';

/** 1 where some reflective 30 m band is not 0 and the quality band does not say fill. */
function hasData(product: string): Uint8Array {
  const names = readdirSync(product);
  const reflective = names.filter((name) => /_(SR_B[1-7]|B[1-79])\.TIF$/.test(name));
  const data = anyData(reflective.map((name) => join(product, name)));
  const quality = names.find((name) => /_(QA_PIXEL|BQA)\.TIF$/.test(name));
  if (quality === undefined) return data;
  const { numbers: bits } = readNumbers(join(product, quality));
  return data.map((value, index) => ((bits[index] ?? 0) & 1 ? 0 : value));
}

/** Puts other values into the text form of a folder's metadata and removes the other forms. */
function mendWith(values: Readonly<Record<string, number | string>>): (folder: string) => void {
  return (folder) => {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      if (/_MTL\.(json|xml)$/.test(name)) rmSync(file);
      if (!name.endsWith('_MTL.txt')) continue;
      let text = readFileSync(file, 'utf8');
      for (const [key, value] of Object.entries(values)) {
        text = text.replaceAll(new RegExp(`^(\\s*${key} = ).*$`, 'gm'), `$1${value}`);
      }
      writeFileSync(file, text);
    }
  };
}

/** Twenty pixels of a level 2 folder, by the constants of the agency's product guide (LSDS-1619). */
function surfacePixels(folder: string): ReferencePixels {
  const rows = Array.from({ length: 20 }, (_, index) => 100 + 9 * index);
  const pixel = (file: string, row: number, value: (dn: number) => number): ReferencePixel => {
    const { width, numbers } = readNumbers(file);
    const dn = numbers[row * width + 190] ?? 0;
    if (dn === 0) throw new Error(`${basename(file)} has no data at ${row}, 190.`);
    return { row, col: 190, dn, reflectance: value(dn) };
  };
  const bands = readdirSync(folder).flatMap((name): [string, string][] => {
    const [, id] = /_(SR_B\d|ST_B10)\.TIF$/.exec(name) ?? [];
    return id === undefined ? [] : [[id, join(folder, name)]];
  });
  const reflectance = (dn: number): number => dn * 2.75e-5 - 0.2;
  const temperature = (dn: number): number => (dn * 0.00341802 + 149 - 132) / (249 - 132);
  const pixels = rows.map((row) => ({
    bands: Object.fromEntries(
      bands.map(([id, file]) => [
        id,
        pixel(file, row, id === 'ST_B10' ? temperature : reflectance),
      ]),
    ),
  }));
  return { tolerance: 5e-7, pixels };
}

type Constants = Readonly<Record<string, number>>;

interface ExpectedMetadata {
  readonly product_id: string;
  readonly level: string;
  readonly spacecraft: string;
  readonly sensor: string;
  readonly date: string;
  readonly sun_elevation: number;
  readonly utm_zone: number;
  readonly level1: Constants;
  readonly thermal?: Constants;
  readonly sr?: Constants;
  readonly st?: Constants;
}

function documentsOf(
  level: 'L1' | 'L2',
  count: number,
  alone: DocumentsUnderTest['alone'],
): DocumentsUnderTest {
  return {
    count,
    includes: (path, expected) =>
      path.startsWith('landsat/') && String(expected['level']).startsWith(level),
    read: readDocument,
    alone,
  };
}

async function readDocument(file: string, document: ExpectedDocument) {
  const expected = document as unknown as ExpectedMetadata;
  const mtl = await Mtl.read(file);
  const { groups, ...identity } = readIdentity(mtl);
  const tables = [
    [groups.rescaling, expected.level1],
    [groups.thermal, expected.thermal],
    [surfaceGroups.reflectance, expected.sr],
    [surfaceGroups.temperature, expected.st],
  ] as const;
  const wanted = tables.flatMap(([group, constants]) =>
    Object.entries(constants ?? {}).map(([key, value]) => ({ group, key, value })),
  );
  return {
    found: {
      ...identity,
      sunElevation: mtl.number(groups.image, 'SUN_ELEVATION'),
      utmZone: mtl.number(groups.projection, 'UTM_ZONE'),
      constants: wanted.map(({ group, key }) => ({ group, key, value: mtl.number(group, key) })),
    },
    wanted: {
      productId: expected.product_id,
      level: expected.level,
      spacecraft: expected.spacecraft,
      sensor: expected.sensor,
      date: expected.date,
      sunElevation: expected.sun_elevation,
      utmZone: expected.utm_zone,
      constants: wanted,
    },
  };
}

const common = {
  kind: 'landsat',
  noDataValue: 0,
  // The reference rounds to float32 once, we before the radiometry too: two last places of a float32 near 1.
  sceneTolerance: 2.4e-7,
  hasData,
  bandFile: /_(SR_)?B3\.TIF$/,
  metadataFile: /_MTL\.\w+$/,
  optionalFiles: /_(B?QA(_\w+)?\.TIF|MTL\.(json|xml)|\w+_stac\.json)$/,
  metadataFiles: /_MTL\.\w+$/,
} as const;

const levelOneFolders = {
  one: 'landsat/LC08_L1TP_016037_20170813_20170814_01_RT',
  two: 'landsat/LC08_L1TP_016037_20170813_20200903_02_T1',
  nine: 'landsat/LC09_L1TP_016037_20220819_20230401_02_T1',
  reflectiveOnly: 'landsat/LO08_L1TP_016037_20170813_20200903_02_T1',
};

export const levelOne: KindUnderTest = {
  ...common,
  title: 'Landsat level 1',
  bands: 11,
  isWithinTraining: true,
  folders: [
    {
      path: levelOneFolders.two,
      size: [259, 255],
      pixels: readReference,
      golden: { scene: 'landsat-LC08', strides: [64, 128, 256, 384, 512] },
    },
    {
      path: levelOneFolders.nine,
      size: [259, 255],
      pixels: readReference,
      golden: { scene: 'landsat-LC09', strides: [256, 384] },
    },
    {
      // Its images are smaller than its metadata say.
      path: levelOneFolders.one,
      refusal: /_B1\.TIF \(band B1\) has 259 × 255 .* 7781 × 7641/,
      mend: mendWith({
        PANCHROMATIC_LINES: 519,
        PANCHROMATIC_SAMPLES: 509,
        REFLECTIVE_LINES: 259,
        REFLECTIVE_SAMPLES: 255,
        THERMAL_LINES: 259,
        THERMAL_SAMPLES: 255,
        GRID_CELL_SIZE_PANCHROMATIC: '450.00',
        GRID_CELL_SIZE_REFLECTIVE: '900.00',
        GRID_CELL_SIZE_THERMAL: '900.00',
        CORNER_UL_PROJECTION_X_PRODUCT: '472035.000',
        CORNER_UL_PROJECTION_Y_PRODUCT: '3787065.000',
      }),
      size: [259, 255],
      pixels: readReference,
    },
    {
      path: levelOneFolders.reflectiveOnly,
      refusal: /^LO08_\w+ holds no thermal bands \(TIRS\): needed are B10 and B11/,
    },
  ],
  // Two more rows of the panchromatic band over the same height shift it by up to two of its pixels.
  twins: { paths: [levelOneFolders.one, levelOneFolders.two], share: 0.97 },
  copySample: (parent) =>
    copyFolder(sharedPath('products/broken/ls-00-valid', basename(levelOneFolders.two)), parent),
  broken: {
    'ls-00-valid': masked(),
    'ls-no-sun-elevation': refused(/_MTL\.txt has no SUN_ELEVATION/),
    'ls-sun-below-horizon': refused(
      /_MTL\.txt has SUN_ELEVATION = -3.2: the sun is below the horizon/,
    ),
    'ls-garbage-number': refused(/_MTL\.txt has SUN_ELEVATION = "NaN", which is no number/),
    'ls-no-thermal-constants': refused(
      /_MTL\.txt has no K1_CONSTANT_BAND_10 in the group LEVEL1_THERMAL_CONSTANTS/,
    ),
    'ls-missing-band': refused(/_B6\.TIF \(band B6\) is listed in .*_MTL\.txt but missing/),
    'ls-missing-mtl': refused(
      /no metadata: a file …_MTL\.txt, …_MTL\.json or …_MTL\.xml is missing/,
    ),
    'ls-truncated-tif': refused(/_B3\.TIF cannot be decoded.*cut off/),
    'ls-zero-byte-tif': refused(/_B7\.TIF is empty/),
    'ls-wrong-size-band': refused(/_B4\.TIF.*29 × 30.*30 × 30/),
    'ls-wrong-dtype': refused(/_B5\.TIF.*is of type Byte.*UInt16/),
    'ls-path-traversal': refused(/_MTL\.txt has FILE_NAME_BAND_4 = "\.\.\/outside\//),
    'ls-symlink-outside': refused(/_B4\.TIF/),
    'ls-vrt-named-tif': refused(/_B4\.TIF cannot be opened as GTiff/),
    'ls-huge-sparse-tif': refused(/_B2\.TIF.*60000 × 60000.*30 × 30/),
    'ls-mtl-xxe': refused(/_MTL\.xml has a DOCTYPE/),
    // The text form is used and each other value is named; nothing is mixed.
    'ls-mtl-txt-json-disagree': masked(
      /_MTL\.txt has SUN_ELEVATION = 62\.17310472, .*_MTL\.json has 30\.0/,
      /_MTL\.txt has SUN_ELEVATION = 62\.17310472, .*_MTL\.xml has 30\.0/,
    ),
  },
  documents: documentsOf('L1', 7, [
    ['LC08_L1', /_B1\.TIF \(band B1\) is listed in .*_MTL\.\w+ but missing/],
    ['LC09_L1', /_B1\.TIF \(band B1\) is listed/],
    ['LM05', /^LM05_\w+ is of Landsat 5 \(MSS\): only Landsat 8 and 9/],
  ]),
};

const surfaceFolder = 'landsat/LC08_L2SP_001062_20201031_20201106_02_T2';
/** As in level 1: the source made the images smaller, not the metadata. */
const mendSurface = mendWith({
  REFLECTIVE_LINES: 386,
  REFLECTIVE_SAMPLES: 379,
  THERMAL_LINES: 386,
  THERMAL_SAMPLES: 379,
  GRID_CELL_SIZE_REFLECTIVE: '600.00',
  GRID_CELL_SIZE_THERMAL: '600.00',
  CORNER_UL_PROJECTION_X_PRODUCT: '143985.000',
  CORNER_UL_PROJECTION_Y_PRODUCT: '-204585.000',
});

export const levelTwo: KindUnderTest = {
  ...common,
  title: 'Landsat level 2',
  bands: 8,
  isWithinTraining: false,
  folders: [
    {
      path: surfaceFolder,
      refusal: /_SR_B1\.TIF \(band SR_B1\) has 386 × 379 .* 7731 × 7581/,
      mend: mendSurface,
      size: [386, 379],
      pixels: surfacePixels,
    },
  ],
  copySample: (parent) => {
    const copy = copyFolder(sharedPath('products', surfaceFolder), parent);
    mendSurface(copy);
    return copy;
  },
  broken: {},
  documents: documentsOf('L2', 11, [
    ['LC08_L2SP', /_SR_B1\.TIF \(band SR_B1\) is listed/],
    ['LC09_L2SP', /_SR_B1\.TIF \(band SR_B1\) is listed/],
    ['LC08_L2SR', /^LC08_L2SR_\w+ holds no surface temperature/],
    ['LE07', /^LE07_\w+ is of Landsat 7 \(ETM\): only Landsat 8 and 9 are supported/],
    ['LT05', /^LT05_\w+ is of Landsat 5 \(TM\): only Landsat 8 and 9/],
  ]),
};
