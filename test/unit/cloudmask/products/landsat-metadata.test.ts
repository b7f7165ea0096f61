/** Original metadata documents of all Landsat missions: the values that a parser has to find, and what is refused. */
import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import {
  readIdentity,
  surfaceGroups,
} from '../../../../src/cloudmask/products/landsat-metadata.ts';
import { Mtl } from '../../../../src/cloudmask/products/mtl.ts';
import { openProduct } from '../../../../src/cloudmask/products/open-product.ts';
import { withFolder } from '../../../support/folder.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';

type Constants = Readonly<Record<string, number>>;

interface Expected {
  readonly product_id: string;
  readonly level: string;
  readonly spacecraft: string;
  readonly sensor: string;
  readonly date: string;
  readonly sun_elevation: number;
  readonly utm_zone: number;
  readonly level1: Constants;
  readonly thermal?: Constants;
  readonly sr?: Constants;
  readonly st?: Constants;
}

/** Beginning of the document's name → why such a product is refused: here because its bands are missing. */
const refusals: readonly (readonly [string, RegExp])[] = [
  ['LC08_L1', /_B1\.TIF \(band B1\) is listed in .*_MTL\.\w+ but missing/],
  ['LC09_L1', /_B1\.TIF \(band B1\) is listed/],
  ['LC08_L2SP', /_SR_B1\.TIF \(band SR_B1\) is listed/],
  ['LC09_L2SP', /_SR_B1\.TIF \(band SR_B1\) is listed/],
  ['LC08_L2SR', /^LC08_L2SR_\w+ holds no surface temperature/],
  ['LE07', /^LE07_\w+ is of Landsat 7 \(ETM\): only Landsat 8 and 9 are supported/],
  ['LT05', /^LT05_\w+ is of Landsat 5 \(TM\): only Landsat 8 and 9/],
  ['LM05', /^LM05_\w+ is of Landsat 5 \(MSS\): only Landsat 8 and 9/],
];

describeWithShared('products/metadata-only/expected.json', 'metadata of Landsat', () => {
  const text = readFileSync(sharedPath('products/metadata-only/expected.json'), 'utf8');
  const documents = Object.entries(JSON.parse(text) as Record<string, Expected>).filter(([path]) =>
    path.startsWith('landsat/'),
  );

  it('are all there', () => {
    expect(documents).toHaveLength(18);
  });

  it.each(documents)('gives the values of %s', async (path, expected) => {
    const mtl = await Mtl.read(sharedPath('products/metadata-only', path));
    const { groups, ...identity } = readIdentity(mtl);
    expect(identity).toEqual({
      productId: expected.product_id,
      level: expected.level,
      spacecraft: expected.spacecraft,
      sensor: expected.sensor,
      date: expected.date,
    });
    expect(mtl.number(groups.image, 'SUN_ELEVATION')).toBe(expected.sun_elevation);
    expect(mtl.number(groups.projection, 'UTM_ZONE')).toBe(expected.utm_zone);
    const tables = [
      [groups.rescaling, expected.level1],
      [groups.thermal, expected.thermal],
      [surfaceGroups.reflectance, expected.sr],
      [surfaceGroups.temperature, expected.st],
    ] as const;
    for (const [group, constants] of tables) {
      for (const [key, value] of Object.entries(constants ?? {})) {
        expect([key, mtl.number(group, key)]).toEqual([key, value]);
      }
    }
  });

  it.each(documents)('says of %s alone what is missing', async (path) => {
    const name = basename(path);
    await withFolder(async (folder) => {
      copyFileSync(sharedPath('products/metadata-only', path), join(folder, name));
      const [, message] = refusals.find(([start]) => name.startsWith(start)) ?? [];
      await expect(openProduct(folder)).rejects.toThrow(message ?? /^no expectation/);
    });
  });
});
