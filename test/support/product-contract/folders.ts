/** Every folder of a kind: a mask or the right refusal, its values, and what the result says of itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import gdal from 'gdal-async';
import { describe, expect, it } from 'vitest';
import { ProductRefused } from '../../../src/errors.ts';
import { withFolder } from '../folder.ts';
import { readBytes } from '../raster.ts';
import type { FolderUnderTest } from './kind-under-test.ts';
import { folderOf, withUsable } from './kinds.ts';
import { classesOf, makeMask, mask } from './masks.ts';
import { compareValues } from './reference-pixels.ts';
import type { Context } from './suite.ts';

/** Masks, refusals and values of all folders. */
export function folderSuite(context: Context): void {
  const { kind, report } = context;
  describe('each folder', () => {
    const refusedOnes = kind.folders.filter(({ refusal }) => refusal !== undefined);
    const usable = kind.folders.filter(({ size }) => size !== undefined);

    it.each(refusedOnes)('is refused as it is: $path', async ({ path, refusal }) => {
      const product = folderOf({ path });
      const caught = await mask(context.model(), { product }).catch((error: unknown) => error);
      expect(caught).toBeInstanceOf(ProductRefused);
      const { message } = caught as Error;
      report.gave(path, `refused: ${message}`);
      expect(message).toMatch(refusal ?? /^no expectation/);
    });

    it.each(usable)('gives a mask: $path', (folder) =>
      withUsable(folder, (product) => checkMask(context, folder, product)),
    );

    it.each(usable.filter(({ pixels }) => pixels !== undefined))(
      'has the values of the reference radiometry: $path',
      (folder) =>
        withUsable(folder, async (product) => {
          const reference = folder.pixels?.(product) ?? { tolerance: 0, pixels: [] };
          const { compared, largest } = await compareValues(product, reference, kind.noDataValue);
          report.difference(folder.path, 'single pixels', compared, largest);
          expect(reference.pixels).toHaveLength(20);
          expect(compared).toBe(kind.bands * reference.pixels.length);
          expect(largest).toBeLessThan(reference.tolerance);
        }),
    );
  });
}

/** A mask on the product's grid, without data exactly where the product has none, that says what it is. */
async function checkMask(
  { kind, report, model }: Context,
  { path, size, mend }: FolderUnderTest,
  product: string,
): Promise<void> {
  await withFolder(async (directory) => {
    const { files, statistics } = await makeMask(model(), { product }, directory);
    const ours = readBytes(join(directory, files.cloud_mask));
    const classes = classesOf(ours);
    const seen = [...new Set(classes)].toSorted((a, b) => a - b);
    report.gave(path, `mask of ${ours.height} × ${ours.width}, classes ${seen.join(' ')}`);
    expect([ours.height, ours.width]).toEqual(size);
    expect(classes.map((value) => (value === 255 ? 0 : 1))).toEqual(kind.hasData(product));
    // Scenes that are mended have clouds; one of the others has nothing else than clear sky.
    expect(seen.length).toBeGreaterThan(mend === undefined ? 0 : 2);
    expect(statistics).toMatchObject({ within_training: kind.isWithinTraining });
    const warnings = statistics.warnings?.join(' ');
    expect(warnings ?? '').toMatch(
      kind.isWithinTraining
        ? /^$/
        : new RegExp(`^The product is of level L2\\w+, but the model ${model().manifest.id}`),
    );
    const item = JSON.parse(readFileSync(join(directory, files.item), 'utf8')) as {
      properties: Record<string, unknown>;
    };
    expect({
      isWithin: item.properties['senseiv2:within_training'],
      description: item.properties['description'],
    }).toEqual({ isWithin: kind.isWithinTraining, description: warnings });
    const dataset = gdal.open(join(directory, files.cloud_mask));
    const tags = dataset.getMetadata() as Record<string, string>;
    dataset.close();
    expect([tags['WITHIN_TRAINING'], tags['WARNINGS']]).toEqual([
      String(kind.isWithinTraining),
      warnings,
    ]);
  });
}
