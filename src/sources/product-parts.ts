/**
 * The files that each kind of product is made of, as patterns for their paths: what is not named here is never brought.
 * A product lies at the root of what a user names, in a folder there, or in a folder of that.
 */
import {
  levelOneBands,
  levelTwoBands,
  qualityBands,
  type LandsatBand,
} from '../cloudmask/products/landsat-bands.ts';
import { layouts, tileFile, type Layout } from '../cloudmask/products/sentinel2-layout.ts';

/** Kinds of products that come as a folder of files. */
export type FolderKind = 'sentinel2-l1c' | 'sentinel2-l2a' | 'landsat';

/** One file of a product. */
export interface Part {
  /**
   * Matches a whole path. Groups: `root` (folders above the product, with a slash), `prefix` (how the names of all files
   * of one product begin) and `granule`, where there are such.
   */
  readonly pattern: RegExp;
  /** What is missing without it, for messages; parts with the same are forms of one thing. Undefined: nothing. */
  readonly need?: string;
  /** Whether only this kind has it. */
  readonly isTelling: boolean;
}

export interface PartsOfKind {
  readonly kind: FolderKind;
  readonly title: string;
  readonly parts: readonly Part[];
}

const root = '^(?<root>(?:[^/]+/){0,2})';
const granule = 'GRANULE/(?<granule>\\w{1,80})';

function sentinel2(layout: Layout): PartsOfKind {
  const { level, bands } = layout;
  const images = bands.map((band): Part => {
    const { folder, suffix } = layout.place(band);
    const place = `${granule}/IMG_DATA/${folder === '' ? '' : `${folder}/`}`;
    // Level 2A of 2017 and 2018 begins with the level.
    const name = `(?:L2A_)?T\\d{2}[A-Z]{3}_\\d{8}T\\d{6}_${band.id}${suffix}\\.jp2`;
    return {
      pattern: new RegExp(`${root}${place}${name}$`),
      need: `${band.id}${suffix}.jp2`,
      isTelling: true,
    };
  });
  const metadata = `MTD_MSI${level}.xml`;
  return {
    kind: `sentinel2-${level === 'L1C' ? 'l1c' : 'l2a'}`,
    title: `Sentinel-2 ${level}`,
    parts: [
      // Some archives write MTD_MSIL2a.xml.
      { pattern: new RegExp(`${root}${metadata}$`, 'i'), need: metadata, isTelling: true },
      { pattern: new RegExp(`${root}${granule}/${tileFile}$`), need: tileFile, isTelling: false },
      { pattern: new RegExp(`${root}manifest\\.safe$`), isTelling: false },
      ...images,
    ],
  };
}

/** Does not swallow what belongs to the name of a band of level 2. */
const prefix = '(?<prefix>L[COTEM]\\d\\w{1,60}(?<!_S[RT]))';

function landsatFile(end: string): RegExp {
  return new RegExp(`${root}${prefix}_${end}$`, 'i');
}

function landsat(title: string, bands: readonly LandsatBand[]): PartsOfKind {
  return {
    kind: 'landsat',
    title,
    parts: [
      ...['txt', 'json', 'xml'].map((form) => ({
        pattern: landsatFile(`MTL\\.${form}`),
        need: 'MTL.txt (or .json or .xml)',
        isTelling: false,
      })),
      ...Object.values(qualityBands).map((id) => ({
        pattern: landsatFile(`${id}\\.tiff?`),
        isTelling: false,
      })),
      ...bands.map(({ id }) => ({
        pattern: landsatFile(`${id}\\.tiff?`),
        need: `${id}.TIF`,
        isTelling: true,
      })),
    ],
  };
}

/** Every kind with its files. Landsat has two lists of bands. */
export const productParts: readonly PartsOfKind[] = [
  sentinel2(layouts.L1C),
  sentinel2(layouts.L2A),
  landsat('Landsat level 1', levelOneBands),
  landsat('Landsat level 2', levelTwoBands),
];
