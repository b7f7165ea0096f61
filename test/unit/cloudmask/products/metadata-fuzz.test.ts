/** Mutated metadata by the hundred: each is read or refused in words, soon, and never anything else. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { Scene } from '../../../../src/cloudmask/scene.ts';
import { openProduct } from '../../../../src/cloudmask/products/open-product.ts';
import { ProductRefused } from '../../../../src/errors.ts';
import { copyFolder, withFolder } from '../../../support/folder.ts';
import { mutatedText } from '../../../support/hostile-text.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';

const s2 = 's2-00-valid/S2A_MSIL1C_20150726T105026_N0204_R051_T31TDH_20150726T105856.SAFE';
const granule = 'GRANULE/L1C_T31TDH_A000477_20150726T105856';
const landsat = 'LC08_L1TP_016037_20170813_20200903_02_T1';
const forms = ['txt', 'json', 'xml'].map((form) => `${landsat}_MTL.${form}`);

/** Product, file that is mutated, files that are taken out so that this one is read. */
const targets: readonly (readonly [string, string, readonly string[]])[] = [
  [s2, 'MTD_MSIL1C.xml', []],
  [s2, `${granule}/MTD_TL.xml`, []],
  [s2, 'manifest.safe', []],
  ...forms.map(
    (form) => [`ls-00-valid/${landsat}`, form, forms.filter((other) => other !== form)] as const,
  ),
];

const rounds = 200;
/** Longer than reading of a few kB of metadata and of the headers of 13 files takes on a busy machine. */
const mostMs = 5000;

/** `read`, or what the refusal says. */
async function endOf(folder: string): Promise<string> {
  try {
    const scene = await Scene.open(await openProduct(folder));
    scene.close();
    return 'read';
  } catch (error) {
    if (error instanceof ProductRefused) return error.message;
    throw error;
  }
}

describeWithShared('products/broken', 'mutated metadata', () => {
  it.each(targets)('%s: %s', async (product, file, others) => {
    await withFolder(async (parent) => {
      const folder = copyFolder(sharedPath('products/broken', product), parent);
      for (const other of others) rmSync(join(folder, other));
      const path = join(folder, file);
      const text = readFileSync(path, 'utf8');
      expect(await endOf(folder)).toBe('read');
      const refusals = new Set<string>();
      let isRead = 0;
      for (let seed = 0; seed < rounds; seed++) {
        writeFileSync(path, mutatedText(text, seed));
        const start = performance.now();
        const end = await endOf(folder).catch((error: unknown) => {
          throw new Error(`seed ${seed}`, { cause: error });
        });
        expect(performance.now() - start).toBeLessThan(mostMs);
        expect(end).toMatch(/^[^\p{Cc}\p{Cf}]{4,2001}$/u);
        if (end === 'read') isRead++;
        else refusals.add(end);
      }
      expect(Object.hasOwn(Object.prototype, 'undefined')).toBe(false);
      process.stdout.write(
        `${basename(file)}: ${rounds} mutants, ${isRead} read, ${rounds - isRead} refused in ${refusals.size} ways\n`,
      );
      expect(isRead).toBeLessThan(rounds);
    });
  });
});
