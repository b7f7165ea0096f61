/**
 * Whole masks against those that the reference implementation made of the same folders with the same
 * weights: classes equal in at least 99.99 % of the pixels that have data (the bound of the reference data's
 * README), percentages within their rounding.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { styles, type OutputStyle } from '../../src/cloudmask/postprocess/styles.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { goldenScenes, mask, percentDifference, shareEqual } from '../support/golden-masks.ts';
import { readNpz } from '../support/npz.ts';
import { sharedProduct, tenMetreFiles } from '../support/products.ts';
import { anyData } from '../support/raster.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { loadStarter, remembering } from '../support/starter-model.ts';

const styleNames = Object.keys(styles) as OutputStyle[];
describeWithShared('reference/golden', 'masks of the reference implementation', () => {
  const table: string[] = [];
  let model: CloudModel;
  beforeAll(async () => {
    model = remembering(await loadStarter());
  });
  afterAll(async () => {
    await model.close();
    process.stdout.write(
      `\nscene          stride  style           share equal\n${table.join('\n')}\n`,
    );
  });

  for (const { scene, kind, folder, strides } of goldenScenes) {
    for (const stride of strides) {
      it(`equals ${scene} at stride ${stride} in every style`, async () => {
        const golden = readNpz(
          sharedPath(`reference/golden/mask-starter-v0-${scene}-stride${stride}.npz`),
        );
        const product = sharedProduct(kind, folder);
        const data = anyData(tenMetreFiles(product));
        for (const style of styleNames) {
          const classes = await mask(model, { product, style, stride, categorise: true });
          const share = shareEqual(classes.bands[0] ?? new Uint8Array(), golden[style]!, data);
          table.push(
            `${scene.padEnd(14)} ${String(stride).padStart(6)}  ${style.padEnd(14)}  ${share.toFixed(6)}`,
          );
          expect(share).toBeGreaterThanOrEqual(0.9999);
        }
      });
    }

    it(`gives the percentages of ${scene} at stride 384 within rounding`, async () => {
      const golden = readNpz(sharedPath(`reference/golden/mask-starter-v0-${scene}-stride384.npz`));
      const product = sharedProduct(kind, folder);
      for (const style of styleNames) {
        const ours = await mask(model, { product, style, stride: 384, categorise: false });
        expect(ours.bands).toHaveLength(styles[style].classes.length);
        // Half a percent by rounding, and 1e-4 of probability for the network.
        expect(percentDifference(ours, golden[`${style}_percent_every_4th`]!)).toBeLessThan(0.51);
      }
    });
  }

  it.each([
    { kind: 's2-l1c', folders: ['N0205', 'N0510'] },
    { kind: 's2-l2a', folders: ['N0214', 'N0509'] },
  ])(
    'gives one mask for both processings of a $kind scene, with and without offset',
    async ({ kind, folders }) => {
      const [old, recent] = await Promise.all(
        folders.map((folder) =>
          mask(model, {
            product: sharedProduct(kind, folder),
            style: '4-class',
            stride: 384,
            categorise: true,
          }),
        ),
      );
      expect(Buffer.compare(old!.bands[0]!, recent!.bands[0]!)).toBe(0);
    },
  );
});
