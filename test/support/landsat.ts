/** Landsat folders of the reference data, and how tests look at them. */
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import gdal from 'gdal-async';
import { anyData } from './raster.ts';

/** Scenes of the reference, and a part of their folders' names. */
export const landsatScenes = [
  {
    scene: 'landsat-LC08',
    folder: 'LC08_L1TP_016037_20170813_20200903_02_T1',
    strides: [64, 128, 256, 384, 512],
  },
  { scene: 'landsat-LC09', folder: 'LC09_L1TP', strides: [256, 384] },
] as const;

/** 1 where a folder has data: some reflective 30 m band is not 0 and the quality band does not say fill. */
export function landsatData(product: string): Uint8Array {
  const names = readdirSync(product);
  const reflective = names.filter((name) => /_(SR_B[1-7]|B[1-79])\.TIF$/.test(name));
  const data = anyData(reflective.map((name) => join(product, name)));
  const quality = names.find((name) => /_(QA_PIXEL|BQA)\.TIF$/.test(name));
  if (quality === undefined) return data;
  const dataset = gdal.open(join(product, quality));
  const { x, y } = dataset.rasterSize;
  const bits = new Uint16Array(x * y);
  dataset.bands.get(1).pixels.read(0, 0, x, y, bits);
  dataset.close();
  return data.map((value, index) => ((bits[index] ?? 0) & 1 ? 0 : value));
}

/** Copies a product folder into another, with changes to the text of its metadata and to the names of its files. */
export function copyProduct(
  product: string,
  target: string,
  edit: (metadata: string, name: string) => string = (metadata) => metadata,
  rename: (name: string) => string | undefined = (name) => name,
): void {
  for (const name of readdirSync(product)) {
    const renamed = rename(name);
    if (renamed === undefined) continue;
    const from = join(product, name);
    const to = join(target, renamed);
    if (/_MTL\.\w+$/.test(name)) {
      writeFileSync(to, edit(readFileSync(from, 'utf8'), basename(name)));
    } else {
      copyFileSync(from, to);
      chmodSync(to, 0o644);
    }
  }
}

/** Puts other values into an MTL in its text form. */
export function withValues(
  text: string,
  values: Readonly<Record<string, number | string>>,
): string {
  let edited = text;
  for (const [key, value] of Object.entries(values)) {
    edited = edited.replaceAll(new RegExp(`^(\\s*${key} = ).*$`, 'gm'), `$1${value}`);
  }
  return edited;
}

/** Groups of a metadata file, as a test writes them. */
export type MtlRecord = Record<string, Record<string, string | number>>;

const levelOneFiles = Array.from({ length: 11 }, (_, index) => [
  `FILE_NAME_BAND_${index + 1}`,
  `LC08_TEST_B${index + 1}.TIF`,
]);

const projection = {
  MAP_PROJECTION: 'UTM',
  DATUM: 'WGS84',
  UTM_ZONE: 17,
  GRID_CELL_SIZE_PANCHROMATIC: '15.00',
  GRID_CELL_SIZE_REFLECTIVE: '30.00',
  GRID_CELL_SIZE_THERMAL: '30.00',
  ORIENTATION: 'NORTH_UP',
};

const extent = {
  PANCHROMATIC_LINES: 199,
  PANCHROMATIC_SAMPLES: 159,
  REFLECTIVE_LINES: 100,
  REFLECTIVE_SAMPLES: 80,
  THERMAL_LINES: 100,
  THERMAL_SAMPLES: 80,
  CORNER_UL_PROJECTION_X_PRODUCT: '471600.000',
  CORNER_UL_PROJECTION_Y_PRODUCT: '-3787500.000',
};

const scene = {
  SPACECRAFT_ID: 'LANDSAT_8',
  SENSOR_ID: 'OLI_TIRS',
  DATE_ACQUIRED: '2017-08-13',
  SCENE_CENTER_TIME: '15:54:15.7884640Z',
};

const sun = { SUN_AZIMUTH: '126.8', SUN_ELEVATION: '30.00000000' };

const rescaling = Object.fromEntries(
  Array.from({ length: 11 }, (_, index) => index + 1).flatMap((band) => {
    const [name, mult, add] =
      band < 10
        ? ['REFLECTANCE', '2.0000E-05', '-0.100000']
        : ['RADIANCE', '3.3420E-04', '0.10000'];
    return [
      [`${name}_MULT_BAND_${band}`, mult],
      [`${name}_ADD_BAND_${band}`, add],
    ];
  }),
) as Record<string, string>;

const thermal = {
  K1_CONSTANT_BAND_10: '774.8853',
  K2_CONSTANT_BAND_10: '1321.0789',
  K1_CONSTANT_BAND_11: '480.8883',
  K2_CONSTANT_BAND_11: '1201.1442',
};

/** Metadata of a small level 1 product of Collection 2, to be changed by tests. */
export function collectionTwo(): MtlRecord {
  return {
    PRODUCT_CONTENTS: {
      LANDSAT_PRODUCT_ID: 'LC08_TEST',
      PROCESSING_LEVEL: 'L1TP',
      COLLECTION_NUMBER: '02',
      ...Object.fromEntries(levelOneFiles),
      FILE_NAME_QUALITY_L1_PIXEL: 'LC08_TEST_QA_PIXEL.TIF',
    },
    IMAGE_ATTRIBUTES: { ...scene, ...sun },
    PROJECTION_ATTRIBUTES: { ...projection, ...extent },
    LEVEL1_PROCESSING_RECORD: { PROCESSING_SOFTWARE_VERSION: 'LPGS_15.3.1' },
    LEVEL1_RADIOMETRIC_RESCALING: { ...rescaling },
    LEVEL1_THERMAL_CONSTANTS: { ...thermal },
    LEVEL1_PROJECTION_PARAMETERS: { ...projection },
  };
}

/** The same product in Collection 1. */
export function collectionOne(): MtlRecord {
  return {
    METADATA_FILE_INFO: {
      LANDSAT_PRODUCT_ID: 'LC08_TEST',
      COLLECTION_NUMBER: '01',
      PROCESSING_SOFTWARE_VERSION: 'LPGS_2.7.0',
    },
    PRODUCT_METADATA: {
      DATA_TYPE: 'L1TP',
      ...scene,
      ...extent,
      ...Object.fromEntries(levelOneFiles),
      FILE_NAME_BAND_QUALITY: 'LC08_TEST_BQA.TIF',
    },
    IMAGE_ATTRIBUTES: { ...sun },
    RADIOMETRIC_RESCALING: { ...rescaling },
    TIRS_THERMAL_CONSTANTS: { ...thermal },
    PROJECTION_PARAMETERS: { ...projection },
  };
}

/** Metadata of level 2, with the level 1 constants beside those of level 2, as real ones have them. */
export function surface(): MtlRecord {
  const { PRODUCT_CONTENTS: contents, ...others } = collectionTwo();
  const bands = Array.from({ length: 7 }, (_, index) => index + 1);
  return {
    ...others,
    PRODUCT_CONTENTS: {
      LANDSAT_PRODUCT_ID: 'LC08_TEST',
      COLLECTION_NUMBER: contents?.['COLLECTION_NUMBER'] ?? '',
      PROCESSING_LEVEL: 'L2SP',
      ...Object.fromEntries(bands.map((n) => [`FILE_NAME_BAND_${n}`, `LC08_TEST_SR_B${n}.TIF`])),
      FILE_NAME_BAND_ST_B10: 'LC08_TEST_ST_B10.TIF',
      FILE_NAME_QUALITY_L1_PIXEL: 'LC08_TEST_QA_PIXEL.TIF',
    },
    LEVEL2_PROCESSING_RECORD: { PROCESSING_SOFTWARE_VERSION: 'LPGS_15.3.2' },
    LEVEL2_SURFACE_REFLECTANCE_PARAMETERS: Object.fromEntries(
      bands.flatMap((n) => [
        [`REFLECTANCE_MULT_BAND_${n}`, '2.75e-05'],
        [`REFLECTANCE_ADD_BAND_${n}`, '-0.2'],
      ]),
    ),
    LEVEL2_SURFACE_TEMPERATURE_PARAMETERS: {
      TEMPERATURE_MULT_BAND_ST_B10: '0.00341802',
      TEMPERATURE_ADD_BAND_ST_B10: '149.0',
    },
  };
}

/** The root element: Collection 1 has another one. */
function rootOf(groups: MtlRecord): string {
  return 'PRODUCT_METADATA' in groups ? 'L1_METADATA_FILE' : 'LANDSAT_METADATA_FILE';
}

/** Writes metadata in one of their forms. */
export function mtlAs(
  form: 'txt' | 'json' | 'xml',
  groups: MtlRecord,
  root = rootOf(groups),
): string {
  const entries = Object.entries(groups).map(
    ([group, values]) => [group, Object.entries(values)] as const,
  );
  if (form === 'json') return JSON.stringify({ [root]: groups }, null, 2);
  if (form === 'xml') {
    const body = entries.map(
      ([group, values]) =>
        `<${group}>${values.map(([key, value]) => `<${key}>${value}</${key}>`).join('\n')}</${group}>`,
    );
    return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${body.join('\n')}</${root}>\n`;
  }
  const quoted = (value: string | number): string =>
    typeof value === 'string' && /[A-Z_]{2}/.test(value) ? `"${value}"` : String(value);
  const body = entries.map(
    ([group, values]) =>
      `  GROUP = ${group}\n${values.map(([key, value]) => `    ${key} = ${quoted(value)}\n`).join('')}  END_GROUP = ${group}\n`,
  );
  return `GROUP = ${root}\n${body.join('')}END_GROUP = ${root}\nEND\n`;
}

/** Writes a product folder whose bands are files of one byte: enough for whoever reads metadata only. */
export function writeProduct(
  folder: string,
  groups: MtlRecord,
  forms: readonly ('txt' | 'json' | 'xml')[] = ['txt'],
): void {
  for (const form of forms)
    writeFileSync(join(folder, `LC08_TEST_MTL.${form}`), mtlAs(form, groups));
  for (const values of Object.values(groups)) {
    for (const [key, value] of Object.entries(values)) {
      if (key.startsWith('FILE_NAME_') && /^\w+\.\w+$/.test(String(value))) {
        writeFileSync(join(folder, String(value)), 'x');
      }
    }
  }
}
