/** Items of the reference data against the product folders that their assets lie in: the same mask, pixel by pixel. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CloudModel } from '../../src/models/model.ts';
import { placeItem } from '../support/band-folder.ts';
import { copyFolder, withFolder } from '../support/folder.ts';
import { kinds, withUsable } from '../support/product-contract/kinds.ts';
import { mask } from '../support/product-contract/masks.ts';
import type { ReadBack } from '../support/raster.ts';
import { describeWithShared } from '../support/shared.ts';
import { expectedItems, readEntry, type ReadResult } from '../support/stac.ts';
import { loadStarter, remembering } from '../support/starter-model.ts';

/** Runs `use` with a folder of the reference data that can be masked, or a copy whose metadata fit its small images. */
type WithProduct = <T>(use: (folder: string) => Promise<T>) => Promise<T>;

/** The only folder of the contract suite whose path contains `part`. */
const withFolderOf =
  (part: string): WithProduct =>
  (use) => {
    const found = kinds.flatMap((kind) => kind.folders).filter(({ path }) => path.includes(part));
    const [folder] = found;
    if (folder === undefined || found.length > 1) throw new Error(`${found.length} of ${part}.`);
    return withUsable(folder, use);
  };

const landsatPairs: readonly (readonly [item: string, withProduct: WithProduct])[] = [
  ['landsat-l1-names-like-usgs', withFolderOf('LC09_L1TP')],
  ['landsat-l2-names-like-planetary-computer', withFolderOf('LC08_L2SP')],
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
    ['s2-l1c-names-like-earth-search', 'MSIL1C_20170729T153601_N0510'],
    ['s2-l1c-names-like-cdse', 'MSIL1C_20170729T153601_N0510'],
    ['s2-l2a-names-like-cdse', 'N0509'],
    ['s2-l2a-offset-already-applied', 'N0509'],
  ])('%s gives the mask of its product folder', async (item, part) => {
    const ofItem = await maskOfItem(readMade(item));
    expect(ofItem).toEqual(await withFolderOf(part)(maskOf));
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
      const ofFolder = await withProduct((folder) =>
        withFolder((parent) => {
          const copy = copyFolder(folder, parent);
          for (const name of readdirSync(copy)) {
            if (name.endsWith('_QA_PIXEL.TIF')) rmSync(join(copy, name));
          }
          return maskOf(copy);
        }),
      );
      expect(await maskOfItem(readMade(item))).toEqual(ofFolder);
    },
  );
});
