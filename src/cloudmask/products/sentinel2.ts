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
import type { MsiBand } from './sentinel2-bands.ts';
import { layouts, tileFile, type Layout } from './sentinel2-layout.ts';
import { readUserProduct, type Level, type UserProduct } from './sentinel2-metadata.ts';
import { msiRadiometries } from './sentinel2-radiometry.ts';
import { readTileMetadata, type TileMetadata } from './sentinel2-tile.ts';
import { inOrder } from './in-order.ts';

export const sentinel2L1c = kindOf(layouts.L1C);
export const sentinel2L2a = kindOf(layouts.L2A);

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
  const radiometry = msiRadiometries(metadata, layout.bands);
  const context = { layout, metadata, tile, images };
  const bands = await inOrder(
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
