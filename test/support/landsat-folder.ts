/** Small Landsat folders made by tests: real metadata keys, and bands of one byte. */
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import type { Product } from '../../src/cloudmask/products/product.ts';
import { ProductRefused } from '../../src/errors.ts';
import { withFolder } from './folder.ts';

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

/** Opens a folder with this metadata after a test had its hands on it. */
export function openLandsat(
  groups: MtlRecord,
  change: (folder: string) => void = () => undefined,
  forms: readonly ('txt' | 'json' | 'xml')[] = ['txt'],
): Promise<Product> {
  return withFolder((parent) => {
    const folder = join(parent, 'my scene (1)');
    mkdirSync(folder);
    writeProduct(folder, groups, forms);
    change(folder);
    return openProduct(folder);
  });
}

/** Why such a folder is refused. */
export async function landsatRefusal(
  groups: MtlRecord,
  change?: (folder: string) => void,
): Promise<string> {
  const error = await openLandsat(groups, change).catch((caught: unknown) => caught);
  if (error instanceof ProductRefused) return error.message;
  throw new Error('The product was not refused.', { cause: error });
}

/** Metadata of level 1 with a value changed, or removed. */
export function having(group: string, key: string, value?: string | number): MtlRecord {
  const groups = collectionTwo();
  const values = groups[group] ?? {};
  if (value === undefined) delete values[key];
  else values[key] = value;
  return { ...groups, [group]: values };
}

/** Renames all files of a folder. */
export function renameAll(folder: string, rename: (name: string) => string): void {
  for (const name of readdirSync(folder))
    renameSync(join(folder, name), join(folder, rename(name)));
}
