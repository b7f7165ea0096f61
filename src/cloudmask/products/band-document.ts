/**
 * `bands.json`: what is known of a product that came as single band files, beside the files themselves. This module is
 * the document's only home; it is written by the program that fetched the files and read by the one that masks them.
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import type { Radiometry } from '../radiometry/radiometry.ts';
import { Fields } from './json-fields.ts';
import { plainFile } from './product-files.ts';
import type { Acquisition, Product } from './product.ts';

/** Name of the document in the product's folder. */
export const bandDocumentFile = 'bands.json';
/** Key of the quality band among the files. */
export const qualityBandId = 'QA_PIXEL';

const format = 'senseiv2-band-files';
const version = 1;
const maxBytes = 1024 * 1024;

export const bandProductKinds = ['sentinel2-l1c', 'sentinel2-l2a', 'landsat'] as const;
export type BandProductKind = (typeof bandProductKinds)[number];

/** A product of single band files: all that is known of it but the files. */
export interface BandProduct {
  readonly kind: BandProductKind;
  /** Name for the results: letters, digits, `_`, `.`, `-`. */
  readonly id: string;
  readonly acquisition: Acquisition;
  /** All bands of the kind, in the order of the network. */
  readonly bands: readonly { readonly id: string; readonly radiometry: Radiometry }[];
  readonly warnings: readonly string[];
}

export interface BandFile {
  /** Name in the folder. */
  readonly file: string;
  readonly driver: Product['driver'];
}

/** A band product with its files. */
export interface BandDocument extends Omit<BandProduct, 'bands'> {
  readonly bands: readonly (BandProduct['bands'][number] & BandFile)[];
  readonly fill?: BandFile;
}

/**
 * Writes the document of a product whose files lie in the folder.
 * @param files by band id, and the quality band, where there is one, as `QA_PIXEL`
 */
export async function writeBandFiles(
  folder: string,
  product: BandProduct,
  files: ReadonlyMap<string, BandFile>,
): Promise<void> {
  const bands = product.bands.map(({ id, radiometry }) => {
    const found = files.get(id);
    if (found === undefined) throw new Error(`There is no file of band ${id}.`);
    return { id, file: found.file, driver: found.driver, radiometry };
  });
  const fill = files.get(qualityBandId);
  const { kind, id, acquisition, warnings } = product;
  const document = {
    format,
    version,
    kind,
    id,
    acquisition,
    bands,
    ...(fill === undefined ? {} : { fill: { file: fill.file, driver: fill.driver } }),
    warnings,
  };
  await writeFile(join(folder, bandDocumentFile), `${JSON.stringify(document, null, 2)}\n`);
}

/**
 * Reads the document of a folder and checks all of it.
 * @throws ProductRefused naming the field that is missing, unknown or wrong
 */
export async function readBandDocument(folder: string): Promise<BandDocument> {
  const file = await plainFile(folder, bandDocumentFile);
  const { size } = await stat(file);
  if (size > maxBytes) {
    throw new ProductRefused(
      `${bandDocumentFile} has ${size} bytes; expected are at most ${maxBytes}.`,
    );
  }
  return checkDocument(new Fields(bandDocumentFile, '', parse(await readFile(file, 'utf8'))));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProductRefused(`${bandDocumentFile} is not JSON.`, { cause: error });
  }
}

const namePattern = /^(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_.-]{0,119}$/;
const filePattern = /^[A-Z][A-Z0-9_]{1,11}\.(jp2|tif)$/;
const textPattern = /^[\w .:+-]{1,60}$/;
const drivers = ['JP2OpenJPEG', 'GTiff'] as const;

function checkDocument(fields: Fields): BandDocument {
  fields.oneOf('format', [format]);
  fields.oneOf('version', [version]);
  const document = {
    kind: fields.oneOf('kind', bandProductKinds),
    id: fields.text('id', namePattern),
    acquisition: checkAcquisition(
      new Fields(bandDocumentFile, 'acquisition', fields.take('acquisition')),
    ),
    bands: fields.list('bands', 20).map((band, index) => {
      return checkBand(new Fields(bandDocumentFile, `bands[${index}]`, band));
    }),
    ...(fields.has('fill')
      ? { fill: checkFill(new Fields(bandDocumentFile, 'fill', fields.take('fill'))) }
      : {}),
    warnings: fields.texts('warnings', 20),
  };
  fields.end();
  return document;
}

function checkFile(fields: Fields): BandFile {
  return { file: fields.text('file', filePattern), driver: fields.oneOf('driver', drivers) };
}

function checkFill(fields: Fields): BandFile {
  const file = checkFile(fields);
  fields.end();
  return file;
}

function checkBand(fields: Fields): BandDocument['bands'][number] {
  const band = {
    id: fields.text('id', /^[A-Z][A-Z0-9_]{1,11}$/),
    ...checkFile(fields),
    radiometry: checkRadiometry(
      new Fields(bandDocumentFile, 'radiometry', fields.take('radiometry')),
    ),
  };
  fields.end();
  return band;
}

function checkRadiometry(fields: Fields): Radiometry {
  const kind = fields.oneOf('kind', ['quantified', 'scaled', 'brightness-temperature']);
  const radiometry = radiometryOf(kind, fields);
  fields.end();
  return radiometry;
}

function radiometryOf(kind: Radiometry['kind'], fields: Fields): Radiometry {
  const any = (key: string): number => fields.number(key, -1e6, 1e6);
  const positive = (key: string): number => fields.number(key, 1e-9, 1e6);
  if (kind === 'quantified') {
    return {
      kind,
      offset: any('offset'),
      quantification: positive('quantification'),
      noDataLevel: any('noDataLevel'),
    };
  }
  const multiplier = positive('multiplier');
  const addend = any('addend');
  if (kind === 'scaled') return { kind, multiplier, addend, divisor: positive('divisor') };
  return {
    kind,
    multiplier,
    addend,
    k1: positive('k1'),
    k2: positive('k2'),
    minimum: any('minimum'),
    maximum: any('maximum'),
  };
}

function checkAcquisition(fields: Fields): Acquisition {
  const angle = (key: 'sunElevation' | 'sunAzimuth'): Partial<Acquisition> =>
    fields.has(key) ? { [key]: fields.number(key, -360, 360) } : {};
  const acquisition = {
    datetime: fields.text('datetime', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/),
    platform: fields.text('platform', textPattern),
    constellation: fields.text('constellation', textPattern),
    instruments: fields.texts('instruments', 4),
    processingLevel: fields.text('processingLevel', textPattern),
    processingVersion: fields.text('processingVersion', textPattern),
    ...angle('sunElevation'),
    ...angle('sunAzimuth'),
  };
  fields.end();
  return acquisition;
}
