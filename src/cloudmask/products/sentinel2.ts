/**
 * Sentinel-2 Level-1C and Level-2A, one tile in compact naming (since December 2016).
 * Source: Sentinel-2 Products Specification Document (S2-PDGS-TAS-DI-PSD).
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ProductRefused } from '../../errors.ts';
import type { Radiometry } from '../radiometry/radiometry.ts';
import { entryPath, isForeign, listFolder, plainFile, sameName } from './product-files.ts';
import type { Band, Product, ProductKind } from './product.ts';
import { manifestWarnings } from './safe-manifest.ts';
import { msiBands, type MsiBand } from './sentinel2-bands.ts';
import { readUserProduct, type Level, type UserProduct } from './sentinel2-metadata.ts';
import { readTileMetadata, type TileMetadata } from './sentinel2-tile.ts';

const tileFile = 'MTD_TL.xml';
/** DN 0 enters the network as this reflectance: what the offset of newer baselines makes of it. */
const noDataReflectance = -0.1;

/** What differs between the levels in the folder. */
interface Layout {
  readonly level: Level;
  /** Bands that the level has, in the order of the network. */
  readonly bands: readonly MsiBand[];
  /** Folder below IMG_DATA, and what follows the band in a file's name. */
  place(band: MsiBand): { readonly folder: string; readonly suffix: string };
}

export const sentinel2L1c = kindOf({
  level: 'L1C',
  bands: msiBands,
  place: () => ({ folder: '', suffix: '' }),
});

/** Each band is taken at its native resolution; level 2A has no B10. */
export const sentinel2L2a = kindOf({
  level: 'L2A',
  bands: msiBands.filter((band) => band.id !== 'B10'),
  place: ({ group }) => ({ folder: `R${group}m`, suffix: `_${group}m` }),
});

function kindOf(layout: Layout): ProductKind {
  const { level } = layout;
  // Some archives write MTD_MSIL2a.xml.
  const isMetadata = (name: string): boolean =>
    name.toLowerCase() === `mtd_msi${level}.xml`.toLowerCase();
  const metadataFile = new RegExp(`^(MTD_MSI${level}\\.xml|manifest\\.safe)$`, 'i');
  const isOldNaming = (name: string): boolean =>
    name.includes('_OPER_MTD_SAF') && name.includes(level);
  return {
    name: `sentinel2-${level.toLowerCase()}`,
    title: `Sentinel-2 ${level} (MTD_MSI${level}.xml)`,
    metadataFile,
    recognises: (entries) => entries.some((name) => isMetadata(name) || isOldNaming(name)),
    open: async (folder) => {
      const name = (await listFolder(folder)).find(isMetadata);
      if (name === undefined) throw new ProductRefused(oldNaming);
      const metadata = await readUserProduct(await plainFile(folder, name), level);
      return openSafe(folder, layout, metadata);
    },
  };
}

const oldNaming =
  'The product has the naming of before December 2016 (several granules in one product), ' +
  'which is not supported. Download its reprocessed successor, one product for each tile.';

async function openSafe(folder: string, layout: Layout, metadata: UserProduct): Promise<Product> {
  const id = productId(metadata);
  const granule = await onlyGranule(folder);
  const tile = await readTileMetadata(await tileMetadata(granule));
  const images = await entryPath(granule, 'IMG_DATA');
  await listFolder(images);
  const radiometry = radiometries(metadata, layout.bands);
  const context = { layout, metadata, tile, images };
  const bands = await Promise.all(
    layout.bands.map((band, index) => openBand(band, radiometry[index]!, context)),
  );
  return {
    kind: `sentinel2-${layout.level.toLowerCase()}`,
    id,
    driver: 'JP2OpenJPEG',
    grid: tile.grids['10'],
    bands,
    trueColour: { red: 'B04', green: 'B03', blue: 'B02' },
    acquisition: acquisition(layout.level, metadata, tile),
    warnings: await manifestWarnings(
      folder,
      bands.map((band) => band.file),
    ),
  };
}

function productId({ document, uri }: UserProduct): string {
  const id = uri.replace(/\.SAFE$/, '');
  if (/^[A-Za-z0-9_.-]{1,120}$/.test(id) && !id.includes('..')) return id;
  throw new ProductRefused(
    `${document} has PRODUCT_URI "${uri.slice(0, 80)}", which is no product name.`,
  );
}

async function tileMetadata(granule: string): Promise<string> {
  return plainFile(granule, sameName(await listFolder(granule), tileFile) ?? tileFile);
}

/** The only folder in GRANULE. Plain files beside it, and what operating systems leave, are nothing of the product. */
async function onlyGranule(folder: string): Promise<string> {
  const root = await entryPath(folder, 'GRANULE');
  await listFolder(root);
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isFile() && !isForeign(entry.name));
  const [granule] = names;
  if (granule == null || names.length > 1) {
    throw new ProductRefused(`GRANULE holds ${names.length} folders, expected is 1.`);
  }
  await listFolder(join(root, granule.name));
  return join(root, granule.name);
}

interface BandContext {
  readonly layout: Layout;
  readonly metadata: UserProduct;
  readonly tile: TileMetadata;
  /** The folder IMG_DATA. */
  readonly images: string;
}

async function openBand(
  band: MsiBand,
  radiometry: Radiometry,
  { layout, metadata, tile, images }: BandContext,
): Promise<Band> {
  const { folder, suffix } = layout.place(band);
  const pattern = new RegExp(`(^|_)T?\\d{2}[A-Z]{3}_\\d{8}T\\d{6}_${band.id}${suffix}$`);
  const listed = metadata.images.map((path) => path.split('/').at(-1) ?? '');
  const [name, ...others] = listed.filter((candidate) => pattern.test(candidate));
  if (name == null || others.length > 0) {
    throw new ProductRefused(
      `${metadata.document} lists ${name == null ? 0 : others.length + 1} images of band ${band.id}, expected 1.`,
    );
  }
  const promised = `${name}.jp2`;
  const place = folder === '' ? images : await entryPath(images, folder);
  const file = sameName(await listFolder(place), promised);
  if (file === undefined) {
    throw new ProductRefused(
      `${promised} (band ${band.id}) is listed in ${metadata.document} but missing in ${join('IMG_DATA', folder)}.`,
    );
  }
  return {
    id: band.id,
    file: await plainFile(place, file),
    grid: tile.grids[band.group],
    descriptor: band.descriptor,
    radiometry,
    decidesNoData: band.group === '10',
  };
}

/**
 * Reflectance = (DN + offset) / quantification. A product without any offset is of a baseline before 04.00, where
 * it is 0; one with some but not all offsets is refused.
 */
function radiometries(
  { document, offsets, quantification }: UserProduct,
  bands: readonly MsiBand[],
): Radiometry[] {
  const missing = bands.filter((band) => offsets !== undefined && !offsets.has(band.index));
  if (missing.length > 0) {
    throw new ProductRefused(
      `${document} has no radiometric offset (…_ADD_OFFSET) for ${missing.map((band) => band.id).join(', ')} ` +
        'but for other bands.',
    );
  }
  return bands.map(({ index }) => ({
    kind: 'quantified',
    offset: offsets?.get(index) ?? 0,
    quantification,
    noDataLevel: noDataReflectance * quantification,
  }));
}

function acquisition(
  level: Level,
  metadata: UserProduct,
  tile: TileMetadata,
): Product['acquisition'] {
  return {
    datetime: new Date(tile.sensingTime).toISOString(),
    platform: metadata.spacecraft.toLowerCase(),
    constellation: 'sentinel-2',
    instruments: ['msi'],
    processingLevel: level,
    processingVersion: metadata.baseline,
    ...(tile.sunElevation === undefined ? {} : { sunElevation: tile.sunElevation }),
    ...(tile.sunAzimuth === undefined ? {} : { sunAzimuth: tile.sunAzimuth }),
  };
}
