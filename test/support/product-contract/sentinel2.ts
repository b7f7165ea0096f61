/** Sentinel-2 in the contract suite: the levels 1C and 2A. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readUserProduct } from '../../../src/cloudmask/products/sentinel2-metadata.ts';
import { readTileMetadata } from '../../../src/cloudmask/products/sentinel2-tile.ts';
import { copyFolder } from '../folder.ts';
import { anyData } from '../raster.ts';
import { sharedPath } from '../shared.ts';
import {
  masked,
  refused,
  type DocumentsUnderTest,
  type ExpectedDocument,
  type KindUnderTest,
} from './kind-under-test.ts';
import { readReference } from './reference-pixels.ts';

/** 1 where any of the four 10 m bands is not 0. */
function hasData(product: string): Uint8Array {
  const granules = join(product, 'GRANULE');
  const images = join(granules, readdirSync(granules)[0] ?? '', 'IMG_DATA');
  const names = readdirSync(images, { recursive: true })
    .map(String)
    .filter((name) => /(R10m\/.*_B0[2348]_10m|^[^/]*_B0[2348])\.jp2$/.test(name));
  if (names.length !== 4)
    throw new Error(`${names.length} files of 10 m in ${images}, expected 4.`);
  return anyData(names.map((name) => join(images, name)));
}

interface ExpectedProduct {
  readonly product_uri: string;
  readonly level: string;
  readonly baseline: string;
  readonly spacecraft: string;
  readonly sensing_start: string;
  readonly quantification: number;
  readonly add_offset: Readonly<Record<string, number>> | null;
  readonly nodata: number;
  readonly image_files: number;
}

interface ExpectedTile {
  readonly sensing_time: string;
  readonly crs: string;
  readonly size: Readonly<Record<'10' | '20' | '60', readonly [number, number]>>;
  readonly ulx_uly: Readonly<Record<'10' | '20' | '60', readonly [number, number]>>;
  readonly mean_sun_zenith: number;
  readonly mean_sun_azimuth: number;
}

const rootOf = (expected: ExpectedDocument): string => String(expected['root']);

function documentsOf(level: 'L1C' | 'L2A', count: number): DocumentsUnderTest {
  const prefix = `Level-${level.slice(1)}_`;
  return {
    count,
    includes: (_, expected) => rootOf(expected).startsWith(prefix),
    read: (file, expected) =>
      rootOf(expected).endsWith('User_Product')
        ? readProductDocument(file, level, expected as unknown as ExpectedProduct)
        : readTileDocument(file, expected as unknown as ExpectedTile),
    alone: [
      ['MTD_MSI', /^GRANULE is missing in the product/],
      ['M', /is not a product that can be masked: .*Sentinel-2 L1C.*Sentinel-2 L2A.*Landsat/],
      ['m', /is not a product that can be masked/],
    ],
  };
}

async function readProductDocument(file: string, level: 'L1C' | 'L2A', expected: ExpectedProduct) {
  const { offsets, images, ...found } = await readUserProduct(file, level);
  return {
    found: {
      ...found,
      offsets: offsets === undefined ? null : Object.fromEntries(offsets),
      images: images.length,
    },
    wanted: {
      document: basename(file),
      uri: expected.product_uri,
      level: expected.level,
      baseline: expected.baseline,
      spacecraft: expected.spacecraft,
      sensingStart: expected.sensing_start,
      quantification: expected.quantification,
      offsets: expected.add_offset,
      noData: expected.nodata,
      images: expected.image_files,
    },
  };
}

async function readTileDocument(file: string, expected: ExpectedTile) {
  const { grids, ...found } = await readTileMetadata(file);
  const groups = ['10', '20', '60'] as const;
  const ofGroups = <T>(value: (group: (typeof groups)[number]) => T) =>
    Object.fromEntries(groups.map((group) => [group, value(group)]));
  const angle = (degrees: number | undefined): number => Number((degrees ?? NaN).toFixed(9));
  return {
    found: {
      sensing_time: found.sensingTime,
      crs: ofGroups((group) => grids[group].crs),
      size: ofGroups((group) => [grids[group].height, grids[group].width]),
      ulx_uly: ofGroups((group) => [grids[group].originX, grids[group].originY]),
      mean_sun_zenith: angle(90 - (found.sunElevation ?? NaN)),
      mean_sun_azimuth: angle(found.sunAzimuth),
    },
    wanted: {
      sensing_time: expected.sensing_time,
      crs: ofGroups(() => expected.crs),
      size: expected.size,
      ulx_uly: expected.ulx_uly,
      mean_sun_zenith: angle(expected.mean_sun_zenith),
      mean_sun_azimuth: angle(expected.mean_sun_azimuth),
    },
  };
}

const common = {
  noDataValue: -0.1,
  // The reference rounds to float32 before the offset, we after it: one last place of a float32 near 1.
  sceneTolerance: 1.2e-7,
  hasData,
  bandFile: /_B03(_10m)?\.jp2$/,
  optionalFiles: /^(manifest\.safe|INSPIRE\.xml|DATASTRIP|AUX_DATA|HTML|rep_info)|_TCI|QI_DATA/,
  metadataFiles: /(MTD_(MSI\w+|TL)\.xml|manifest\.safe)$/,
} as const;

const damaged = /_B03\.jp2 has another checksum than manifest\.safe says/;
const l1c = {
  t31: 's2-l1c/S2A_MSIL1C_20150726T105026_N0204_R051_T31TDH_20150726T105856.SAFE',
  old: 's2-l1c/S2A_MSIL1C_20170729T153601_N0205_R111_T19UDP_20170729T153557.SAFE',
  recent: 's2-l1c/S2A_MSIL1C_20170729T153601_N0510_R111_T19UDP_20240120T125244.SAFE',
};

export const levelOneC: KindUnderTest = {
  ...common,
  title: 'Sentinel-2 L1C',
  kind: 'sentinel2-l1c',
  bands: 13,
  isWithinTraining: true,
  folders: [
    {
      path: l1c.t31,
      size: [300, 300],
      pixels: readReference,
      golden: { scene: 's2-l1c-T31TDH', strides: [64, 128, 256, 384, 512] },
    },
    { path: l1c.old, size: [684, 684], pixels: readReference },
    {
      path: l1c.recent,
      size: [684, 684],
      pixels: readReference,
      golden: { scene: 's2-l1c-T19UDP', strides: [256, 384, 512] },
    },
  ],
  twins: { paths: [l1c.old, l1c.recent], share: 1 },
  copySample: (parent) =>
    copyFolder(sharedPath('products/broken/s2-00-valid', basename(l1c.t31)), parent),
  metadataFile: /^MTD_MSIL1C\.xml$/,
  broken: {
    's2-00-valid': masked(),
    's2-truncated-jp2': refused(/_B04\.jp2/),
    's2-zero-byte-jp2': refused(/_B08\.jp2 is empty/),
    // Decoded without an error by OpenJPEG: only the checksum tells.
    's2-corrupt-jp2': masked(damaged),
    's2-missing-band': refused(/_B11\.jp2/),
    's2-missing-mtd': refused(/MTD_MSIL1C\.xml/),
    's2-missing-mtd-tl': refused(/MTD_TL\.xml/),
    's2-wrong-size-band': refused(/_B05\.jp2.*29 × 30.*30 × 30/),
    's2-mtd-tl-size-mismatch': refused(/\.jp2.*1830 × 1830/),
    's2-band-georef-shift': refused(/_B06\.jp2.*404960/),
    's2-band-crs-mismatch': refused(/_B12\.jp2.*EPSG:32630.*EPSG:32631/),
    's2-tiff-named-jp2': refused(/_B02\.jp2/),
    's2-vrt-named-jp2': refused(/_B02\.jp2/),
    's2-huge-declared-jp2': refused(/_B04\.jp2.*30000 × 30000/),
    's2-mtd-xxe': refused(/MTD_MSIL1C\.xml has a DOCTYPE/),
    's2-mtd-entity-expansion': refused(/MTD_MSIL1C\.xml has a DOCTYPE/),
    's2-mtd-path-traversal': refused(/\.\.\/outside/),
    's2-mtd-absolute-path': refused(/\/absolute/),
    's2-mtd-not-well-formed': refused(/MTD_MSIL1C\.xml is not well-formed/),
    's2-mtd-no-quantification': refused(/QUANTIFICATION_VALUE/),
    's2-mtd-offset-incomplete': refused(/radiometric offset \(…_ADD_OFFSET\) for B11/),
    's2-offset-not-from-name': masked(),
    's2-symlink-outside': refused(/_B02\.jp2/),
    's2-symlink-inside': refused(/_B03\.jp2/),
    's2-symlink-dir': refused(/GRANULE/),
    's2-all-nodata': masked(),
    's2-two-granules': refused(/GRANULE holds 2/),
    's2-renamed-folder': masked(),
  },
  documents: documentsOf('L1C', 10),
};

const l2a = {
  old: 's2-l2a/S2A_MSIL2A_20200219T112111_N0214_R037_T29RKH_20200219T123947.SAFE',
  recent: 's2-l2a/S2A_MSIL2A_20200219T112111_N0509_R037_T29RKH_20230822T021825.SAFE',
};

export const levelTwoA: KindUnderTest = {
  ...common,
  title: 'Sentinel-2 L2A',
  kind: 'sentinel2-l2a',
  bands: 12,
  isWithinTraining: false,
  folders: [
    { path: l2a.old, size: [600, 600], pixels: readReference },
    {
      path: l2a.recent,
      size: [600, 600],
      pixels: readReference,
      golden: { scene: 's2-l2a-T29RKH', strides: [256, 384, 512] },
    },
  ],
  twins: { paths: [l2a.old, l2a.recent], share: 1 },
  copySample: (parent) => copyFolder(sharedPath('products', l2a.old), parent),
  metadataFile: /^MTD_MSIL2A\.xml$/,
  broken: {},
  documents: documentsOf('L2A', 13),
};
