/**
 * Whole masks against those that the reference implementation made of the same folders with the same
 * weights: classes equal in at least 99.99 % of the pixels that have data (the bound of the reference data's
 * README), percentages within their rounding.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCloudMask } from '../../src/cloudmask/cloudmask.ts';
import { styles, type OutputStyle } from '../../src/cloudmask/postprocess/styles.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { withFolder } from '../support/folder.ts';
import { readNpz, type NpyArray } from '../support/npz.ts';
import { sharedProduct, tenMetreFiles } from '../support/products.ts';
import { anyData, readBytes, type ReadBack } from '../support/raster.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { loadStarter, remembering } from '../support/starter-model.ts';

const cases = [
  { scene: 's2-l1c-T31TDH', folder: 'N0204', strides: [64, 128, 256, 384, 512] },
  { scene: 's2-l1c-T19UDP', folder: 'N0510', strides: [256, 384, 512] },
] as const;

const styleNames = Object.keys(styles) as OutputStyle[];
const quiet = { signal: new AbortController().signal, progress: () => undefined };

interface MaskRequest {
  readonly product: string;
  readonly style: OutputStyle;
  readonly stride: number;
  readonly categorise: boolean;
}

function mask(model: CloudModel, request: MaskRequest): Promise<ReadBack> {
  return withFolder(async (directory) => {
    const { files } = await makeCloudMask(
      {
        product: request.product,
        parameters: {
          output_style: request.style,
          stride: request.stride,
          categorise: request.categorise,
        },
        directory,
        filesUrl: '.',
      },
      model,
      quiet,
    );
    return readBytes(join(directory, files.cloud_mask));
  });
}

/** Share of equal pixels among those with data. No data has to be 255, and only there. */
function shareEqual(ours: Uint8Array, golden: NpyArray, data: Uint8Array): number {
  let valid = 0;
  let equal = 0;
  for (const [index, value] of ours.entries()) {
    if ((value === 255) !== (data[index] === 0))
      throw new Error(`No data differs at pixel ${index}.`);
    if (value === 255) continue;
    valid++;
    if (value === golden.data[index]) equal++;
  }
  return equal / valid;
}

/** Largest difference in percent at every fourth row and column. */
function percentDifference(ours: ReadBack, golden: NpyArray): number {
  const [classes = 0, rows = 0, columns = 0] = golden.shape;
  let largest = 0;
  for (let c = 0; c < classes; c++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const value = ours.bands[c]?.[y * 4 * ours.width + x * 4] ?? 0;
        const expected = 100 * (golden.data[(c * rows + y) * columns + x] ?? 0);
        if (value !== 255) largest = Math.max(largest, Math.abs(value - expected));
      }
    }
  }
  return largest;
}

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

  for (const { scene, folder, strides } of cases) {
    for (const stride of strides) {
      it(`equals ${scene} at stride ${stride} in every style`, async () => {
        const golden = readNpz(
          sharedPath(`reference/golden/mask-starter-v0-${scene}-stride${stride}.npz`),
        );
        const product = sharedProduct('s2-l1c', folder);
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
      const product = sharedProduct('s2-l1c', folder);
      for (const style of styleNames) {
        const ours = await mask(model, { product, style, stride: 384, categorise: false });
        expect(ours.bands).toHaveLength(styles[style].classes.length);
        // Half a percent by rounding, and 1e-4 of probability for the network.
        expect(percentDifference(ours, golden[`${style}_percent_every_4th`]!)).toBeLessThan(0.51);
      }
    });
  }

  it('gives one mask for both processings of a scene, with and without offset', async () => {
    const [old, recent] = await Promise.all(
      ['N0205', 'N0510'].map((folder) =>
        mask(model, {
          product: sharedProduct('s2-l1c', folder),
          style: '4-class',
          stride: 384,
          categorise: true,
        }),
      ),
    );
    expect(Buffer.compare(old!.bands[0]!, recent!.bands[0]!)).toBe(0);
  });
});
