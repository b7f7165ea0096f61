import { describe, expect, it } from 'vitest';
import { isWithinTraining, warningsOf } from '../../../../src/cloudmask/output/training.ts';
import type { Product } from '../../../../src/cloudmask/products/product.ts';
import type { ModelManifest } from '../../../../src/models/manifest.ts';
import { openModelFolder } from '../../../../src/models/model-folder.ts';
import { collectionTwo, having, openLandsat, surface } from '../../../support/landsat-folder.ts';
import { modelsDirectory, starterId } from '../../../support/starter-model.ts';

async function starter(trainedOn?: readonly string[]): Promise<ModelManifest> {
  const { trained_on: _, ...manifest } = (await openModelFolder(modelsDirectory, starterId))
    .manifest;
  return { ...manifest, ...(trainedOn !== undefined && { trained_on: trainedOn }) };
}

const said = (product: Product, manifest: ModelManifest) => ({
  isWithin: isWithinTraining(product, manifest),
  warnings: warningsOf(product, manifest),
});

describe('the training of a model', () => {
  it.each(['L1TP', 'L1GT', 'L1GS'])('on L1 holds %s', async (level) => {
    const product = await openLandsat(having('PRODUCT_CONTENTS', 'PROCESSING_LEVEL', level));
    expect(said(product, await starter(['L1']))).toEqual({ isWithin: true, warnings: [] });
  });

  it('on L1 does not hold L2SP, which is said beside what there is to say of the product', async () => {
    const product = { ...(await openLandsat(surface())), warnings: ['B1 may be damaged.'] };
    expect(said(product, await starter(['L1']))).toEqual({
      isWithin: false,
      warnings: [
        `The product is of level L2SP, but the model ${starterId} was trained with products of level L1 only: the mask is outside its training, usually poorer, and should be checked.`,
        'B1 may be damaged.',
      ],
    });
  });

  it('may have been on single levels', async () => {
    const manifest = await starter(['L1C', 'L2SP']);
    expect(isWithinTraining(await openLandsat(surface()), manifest)).toBe(true);
    expect(isWithinTraining(await openLandsat(collectionTwo()), manifest)).toBe(false);
  });

  it('is not spoken of where the model does not say', async () => {
    const product = await openLandsat(surface());
    expect(said(product, await starter())).toEqual({ isWithin: undefined, warnings: [] });
  });

  it('is said by the model of the repository', async () => {
    const { manifest } = await openModelFolder(modelsDirectory, starterId);
    expect(manifest.trained_on).toEqual(['L1']);
  });
});
