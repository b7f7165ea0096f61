/**
 * The official architecture from checkpoint to mask: random weights go through `models add --from`, and the masks
 * equal those of the reference implementation with the same weights.
 */
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { styles, type OutputStyle } from '../../src/cloudmask/postprocess/styles.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { arrayOf, golden, goldenFolders } from '../support/product-contract/golden.ts';
import { folderOf, kinds } from '../support/product-contract/kinds.ts';
import {
  classesOf,
  mask,
  percentDifference,
  shareEqual,
} from '../support/product-contract/masks.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { loadAdded } from '../support/added-model.ts';

const styleNames = Object.keys(styles) as OutputStyle[];
const stride = 384;
const nameOf = (scene: string): string => `mask-b2-random-${scene}-stride${stride}`;
const scenes = kinds
  .flatMap(({ folders, hasData }) =>
    goldenFolders(folders).map((folder) => ({ ...folder, hasData })),
  )
  .filter(({ scene }) => existsSync(sharedPath('reference/golden', `${nameOf(scene)}.npz`)));

describeWithShared('reference/golden/b2-random.pt', 'masks of the official architecture', () => {
  const table: string[] = [];
  let model: CloudModel;
  beforeAll(async () => {
    model = await loadAdded({
      modelId: 'b2-random',
      file: sharedPath('reference/golden/b2-random.pt'),
      configuration: sharedPath('reference/config.yaml'),
    });
  }, 120_000);
  afterAll(async () => {
    await model.close();
    process.stdout.write(`\nscene          style           share equal\n${table.join('\n')}\n`);
  });

  it('are all asked for', () => {
    const masks = readdirSync(sharedPath('reference/golden')).filter((name) =>
      name.startsWith('mask-b2-random-'),
    );
    expect(scenes).toHaveLength(masks.length);
  });

  it.each(scenes)('equal the reference for $scene', async ({ scene, path, hasData }) => {
    const expected = golden(nameOf(scene));
    const product = folderOf({ path });
    const data = hasData(product);
    for (const style of styleNames) {
      const classes = classesOf(await mask(model, { product, style, stride }));
      const share = shareEqual(classes, arrayOf(expected, style), data);
      table.push(`${scene.padEnd(14)} ${style.padEnd(14)}  ${share.toFixed(6)}`);
      expect(share).toBeGreaterThanOrEqual(0.9999);
      const percent = await mask(model, { product, style, stride, categorise: false });
      // The random network's classes are uneven: its probabilities say more.
      const wanted = arrayOf(expected, `${style}_percent_every_4th`);
      expect(percentDifference(percent, wanted)).toBeLessThan(0.51);
    }
  });
});
