/** Items of the reference data against the product folders that their assets lie in: the same mask, pixel by pixel. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CloudModel } from '../../src/models/model.ts';
import { placeItem } from '../support/band-folder.ts';
import { withFolder } from '../support/folder.ts';
import { mask } from '../support/golden-masks.ts';
import { copyProduct, withCorrected } from '../support/landsat.ts';
import { sharedProduct } from '../support/products.ts';
import type { ReadBack } from '../support/raster.ts';
import { describeWithShared } from '../support/shared.ts';
import { expectedItems, readEntry, type ReadResult } from '../support/stac.ts';
import { loadStarter, remembering } from '../support/starter-model.ts';

/** Runs `use` with a copy of a folder: one whose metadata fit its small images. */
type WithProduct = <T>(use: (folder: string) => Promise<T>) => Promise<T>;

const landsatPairs: readonly (readonly [item: string, withProduct: WithProduct])[] = [
  [
    'landsat-l1-names-like-usgs',
    (use) =>
      withFolder((folder) => {
        copyProduct(sharedProduct('landsat', 'LC09_L1TP'), folder);
        return use(folder);
      }),
  ],
  [
    'landsat-l2-names-like-planetary-computer',
    (use) => withCorrected('LC08_L2SP_001062_20201031_20201106_02_T2', use),
  ],
];

/** An Item of `made/`, as it is or with the asset of Landsat's quality band, which these do not have. */
function readMade(item: string, isWithQuality = false): ReadResult {
  const entry = expectedItems('made').find(({ file }) => file === `made/${item}.json`);
  if (entry === undefined) throw new Error(`There is no Item ${item}.`);
  return readEntry(entry, 'by URL', (document) => {
    if (!isWithQuality) return;
    const { assets } = document as { assets: Record<string, { readonly href: string }> };
    const href = assets['blue']?.href.replace(/_(SR_)?B2\.TIF$/, '_QA_PIXEL.TIF') ?? '';
    assets['qa_pixel'] = { href };
  });
}

describeWithShared('products/stac/made', 'masks of STAC Items', () => {
  let model: CloudModel;
  beforeAll(async () => {
    model = remembering(await loadStarter());
  });
  afterAll(() => model.close());

  const maskOf = (product: string): Promise<ReadBack> =>
    mask(model, { product, style: '4-class', stride: 512, categorise: true });

  const maskOfItem = (read: ReadResult): Promise<ReadBack> =>
    withFolder(async (folder) => {
      await placeItem(folder, read);
      return maskOf(folder);
    });

  it.each([
    ['s2-l1c-names-like-earth-search', 's2-l1c', 'N0510'],
    ['s2-l1c-names-like-cdse', 's2-l1c', 'N0510'],
    ['s2-l2a-names-like-cdse', 's2-l2a', 'N0509'],
    ['s2-l2a-offset-already-applied', 's2-l2a', 'N0509'],
  ])('%s gives the mask of its product folder', async (item, kind, part) => {
    const ofItem = await maskOfItem(readMade(item));
    expect(ofItem).toEqual(await maskOf(sharedProduct(kind, part)));
    // A mask of one class alone would be equal whatever was read.
    expect(new Set(ofItem.bands[0]).size).toBeGreaterThan(1);
  });

  it.each(landsatPairs)(
    '%s with its quality band gives the mask of its folder',
    async (item, withProduct) => {
      const ofItem = await maskOfItem(readMade(item, true));
      expect(ofItem).toEqual(await withProduct(maskOf));
      expect(new Set(ofItem.bands[0]).size).toBeGreaterThan(1);
    },
  );

  it.each(landsatPairs)(
    '%s without it gives the mask of a folder without it',
    async (item, withProduct) => {
      const ofFolder = await withProduct((folder) => {
        for (const name of readdirSync(folder)) {
          if (name.endsWith('_QA_PIXEL.TIF')) rmSync(join(folder, name));
        }
        return maskOf(folder);
      });
      expect(await maskOfItem(readMade(item))).toEqual(ofFolder);
    },
  );
});
