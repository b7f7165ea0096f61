/**
 * Sentinel-2 Level-1C, one tile in compact naming (since December 2016).
 * Source: Sentinel-2 Products Specification Document (S2-PDGS-TAS-DI-PSD).
 */
import { join } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import type { Radiometry } from '../radiometry/radiometry.ts';
import { listFolder, plainFile } from './product-files.ts';
import type { Band, Product, ProductKind } from './product.ts';
import { manifestWarnings } from './safe-manifest.ts';
import { msiBands, type MsiBand } from './sentinel2-bands.ts';
import { readTileMetadata, type TileMetadata } from './sentinel2-tile.ts';
import { attribute, textOf, XmlDocument } from './xml.ts';

const productFile = 'MTD_MSIL1C.xml';
const tileFile = 'MTD_TL.xml';
const rootElement = 'Level-1C_User_Product';
const info = ['General_Info', 'Product_Info'];
const characteristics = ['General_Info', 'Product_Image_Characteristics'];
/** DN 0 enters the network as this reflectance: what the offset of newer baselines makes of it. */
const noDataReflectance = -0.1;

export const sentinel2L1c: ProductKind = {
  name: 'sentinel2-l1c',
  title: 'Sentinel-2 L1C (MTD_MSIL1C.xml)',
  recognises: (entries) =>
    entries.includes(productFile) || entries.some((name) => /^S2._OPER_MTD_SAFL1C/.test(name)),
  open: openL1c,
};

async function openL1c(folder: string): Promise<Product> {
  const document = await XmlDocument.read(await metadataFile(folder));
  if (document.rootName !== rootElement) {
    throw new ProductRefused(
      `${productFile} starts with ${document.rootName}, expected ${rootElement}.`,
    );
  }
  const id = productId(document);
  const granule = await onlyGranule(folder);
  const tile = await readTileMetadata(await plainFile(granule, tileFile));
  const images = join(granule, 'IMG_DATA');
  const names = await listFolder(images);
  const promised = promisedImages(document);
  const radiometry = radiometries(document);
  const bands = await Promise.all(
    msiBands.map((band) => openBand({ band, images, names, promised, tile, radiometry })),
  );
  return {
    kind: sentinel2L1c.name,
    id,
    driver: 'JP2OpenJPEG',
    grid: tile.grids['10'],
    bands,
    trueColour: { red: 'B04', green: 'B03', blue: 'B02' },
    acquisition: acquisition(document, tile),
    warnings: await manifestWarnings(
      folder,
      bands.map((band) => band.file),
    ),
  };
}

async function metadataFile(folder: string): Promise<string> {
  const names = await listFolder(folder);
  if (names.includes(productFile)) return plainFile(folder, productFile);
  throw new ProductRefused(
    'The product has the naming of before December 2016 (several granules in one product), ' +
      'which is not supported. Download its reprocessed successor, one product for each tile.',
  );
}

function productId(document: XmlDocument): string {
  const uri = document.text(...info, 'PRODUCT_URI');
  const id = uri.replace(/\.SAFE$/, '');
  if (/^[A-Za-z0-9_.-]{1,120}$/.test(id) && !id.includes('..')) return id;
  throw new ProductRefused(
    `${productFile} has PRODUCT_URI "${uri.slice(0, 80)}", which is no product name.`,
  );
}

async function onlyGranule(folder: string): Promise<string> {
  const root = join(folder, 'GRANULE');
  const names = (await listFolder(root)).filter((name) => !name.startsWith('.'));
  const [name] = names;
  if (name == null || names.length > 1) {
    throw new ProductRefused(`GRANULE holds ${names.length} folders, expected is 1.`);
  }
  await listFolder(join(root, name));
  return join(root, name);
}

/** Base names of the images that the metadata list. A name that is a path out of the product is refused. */
function promisedImages(document: XmlDocument): string[] {
  const list = document.all(
    ...info,
    'Product_Organisation',
    'Granule_List',
    'Granule',
    'IMAGE_FILE',
  );
  return list.map(textOf).map((path) => {
    const parts = path.split('/');
    const unsafe = path.startsWith('/') || /[\\\0:]/.test(path) || parts.includes('..');
    if (unsafe || parts[0] !== 'GRANULE') {
      throw new ProductRefused(
        `${productFile} lists the image "${path.slice(0, 120)}", which is not below GRANULE/.`,
      );
    }
    return parts.at(-1) ?? '';
  });
}

interface BandRequest {
  readonly band: MsiBand;
  readonly images: string;
  readonly names: readonly string[];
  readonly promised: readonly string[];
  readonly tile: TileMetadata;
  readonly radiometry: ReadonlyMap<number, Radiometry>;
}

async function openBand(request: BandRequest): Promise<Band> {
  const { band, images, names, promised, tile, radiometry } = request;
  const pattern = new RegExp(`^T\\d{2}[A-Z]{3}_\\d{8}T\\d{6}_${band.id}$`);
  const listed = promised.filter((name) => pattern.test(name));
  const [name] = listed;
  if (name == null || listed.length > 1) {
    throw new ProductRefused(
      `${productFile} lists ${listed.length} images of band ${band.id}, expected 1.`,
    );
  }
  const file = `${name}.jp2`;
  if (!names.includes(file)) {
    throw new ProductRefused(
      `${file} (band ${band.id}) is listed in ${productFile} but missing in IMG_DATA.`,
    );
  }
  const rules = radiometry.get(band.index);
  if (rules == null)
    throw new ProductRefused(`${productFile} has no radiometry for band ${band.id}.`);
  return {
    id: band.id,
    file: await plainFile(images, file),
    grid: tile.grids[band.group],
    descriptor: band.descriptor,
    radiometry: rules,
    decidesNoData: band.group === '10',
  };
}

/**
 * Reflectance = (DN + offset) / quantification, by band index. A product without any offset element is of
 * a baseline before 04.00, where the offset is 0; one with some but not all offsets is refused.
 */
function radiometries(document: XmlDocument): Map<number, Radiometry> {
  const quantification = document.number(...characteristics, 'QUANTIFICATION_VALUE');
  if (quantification <= 0) {
    throw new ProductRefused(
      `${productFile} has QUANTIFICATION_VALUE ${quantification}, expected above 0.`,
    );
  }
  const offsets = new Map<number, number>();
  for (const element of document.all(
    ...characteristics,
    'Radiometric_Offset_List',
    'RADIO_ADD_OFFSET',
  )) {
    const index = document.parseNumber(attribute(element, 'band_id') ?? '', 'band_id');
    offsets.set(index, document.parseNumber(textOf(element), 'RADIO_ADD_OFFSET'));
  }
  const missing = msiBands.filter((band) => offsets.size > 0 && !offsets.has(band.index));
  if (missing.length > 0) {
    throw new ProductRefused(
      `${productFile} has no RADIO_ADD_OFFSET for ${missing.map((band) => band.id).join(', ')} ` +
        'but for other bands.',
    );
  }
  return new Map(
    msiBands.map(({ index }) => [
      index,
      {
        kind: 'quantified',
        offset: offsets.get(index) ?? 0,
        quantification,
        noDataLevel: noDataReflectance * quantification,
      },
    ]),
  );
}

function acquisition(document: XmlDocument, tile: TileMetadata): Product['acquisition'] {
  const spacecraft = document.text(...info, 'Datatake', 'SPACECRAFT_NAME');
  return {
    datetime: new Date(tile.sensingTime).toISOString(),
    platform: spacecraft.toLowerCase(),
    constellation: 'sentinel-2',
    instrument: 'msi',
    processingLevel: 'L1C',
    processingVersion: document.text(...info, 'PROCESSING_BASELINE'),
    ...(tile.sunElevation === undefined ? {} : { sunElevation: tile.sunElevation }),
    ...(tile.sunAzimuth === undefined ? {} : { sunAzimuth: tile.sunAzimuth }),
  };
}
