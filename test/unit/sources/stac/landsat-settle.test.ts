import { describe, expect, it } from 'vitest';
import type { ItemPlan, SettledItem } from '../../../../src/sources/stac/plan.ts';
import { readItem } from '../../../../src/sources/stac/read-item.ts';
import { settleRadiometry } from '../../../../src/sources/stac/settle.ts';
import { collectionTwo, mtlAs, surface, type MtlRecord } from '../../../support/landsat-folder.ts';
import { landsatItem, landsatProduct, refusal, type TestItem } from '../../../support/stac-item.ts';

/** Metadata of the product that the Items of Landsat hold. */
function mtlOf(level: 'L1TP' | 'L2SP', change: (groups: MtlRecord) => void): Uint8Array {
  const groups = level === 'L1TP' ? collectionTwo() : surface();
  groups['PRODUCT_CONTENTS']!['LANDSAT_PRODUCT_ID'] = landsatProduct(level);
  change(groups);
  return Buffer.from(mtlAs('txt', groups));
}

function settleLandsat(
  level: 'L1TP' | 'L2SP',
  change: (groups: MtlRecord) => void = () => undefined,
  edit: (item: TestItem) => void = () => undefined,
): SettledItem {
  const item = landsatItem(level);
  edit(item);
  return settleRadiometry(readItem(item, undefined), mtlOf(level, change));
}

describe('the constants of Landsat', () => {
  it('of level 1 come from the metadata', () => {
    const { bands, ...facts } = settleLandsat('L1TP');
    const sine = Math.sin((30 * Math.PI) / 180);
    expect(facts).toEqual({
      kind: 'landsat',
      id: landsatProduct('L1TP'),
      acquisition: {
        datetime: '2017-08-13T15:54:15.788Z',
        platform: 'landsat-8',
        constellation: 'landsat',
        instruments: ['oli', 'tirs'],
        processingLevel: 'L1TP',
        processingVersion: expect.any(String),
        sunElevation: 30,
        sunAzimuth: 126.8,
      },
      warnings: [],
    });
    expect([bands[1], bands[9]]).toEqual([
      { id: 'B2', radiometry: { kind: 'scaled', multiplier: 2e-5, addend: -0.1, divisor: sine } },
      {
        id: 'B10',
        radiometry: {
          kind: 'brightness-temperature',
          multiplier: 3.342e-4,
          addend: 0.1,
          k1: 774.8853,
          k2: 1321.0789,
          minimum: 132,
          maximum: 249,
        },
      },
    ]);
  });

  it('of level 2 are the same with and without metadata', () => {
    const withMetadata = settleLandsat('L2SP');
    const plan: ItemPlan = readItem(landsatItem('L2SP'), undefined);
    expect(plan.metadata?.isNeeded).toBe(false);
    expect(settleRadiometry(plan, undefined).bands).toEqual(withMetadata.bands);
    expect(withMetadata.bands.map(({ id }) => id)).toContain('ST_B10');
  });

  it.each<[what: string, (groups: MtlRecord) => void, reason: string, RegExp]>([
    [
      'another product',
      (g) => (g['PRODUCT_CONTENTS']!['LANDSAT_PRODUCT_ID'] = 'LC08_OTHER'),
      'mixed-products',
      /LC08_OTHER/,
    ],
    [
      'another level',
      (g) => (g['PRODUCT_CONTENTS']!['PROCESSING_LEVEL'] = 'L1GT'),
      'mixed-products',
      /L1GT/,
    ],
    [
      'another spacecraft',
      (g) => (g['IMAGE_ATTRIBUTES']!['SPACECRAFT_ID'] = 'LANDSAT_9'),
      'mixed-products',
      /landsat-9/,
    ],
    [
      'another sun',
      (g) => (g['IMAGE_ATTRIBUTES']!['SUN_ELEVATION'] = 31),
      'radiometry-conflict',
      /sun elevation 30, .* 31/,
    ],
  ])('are refused whose metadata say %s', (_what, change, reason, message) => {
    expect(refusal(() => settleLandsat('L1TP', change))).toEqual([
      reason,
      expect.stringMatching(message),
    ]);
  });

  it('of level 1 that an Item states are those of reflectance or of radiance', () => {
    const stating =
      (scale: number, offset: number) =>
      ({ assets }: TestItem): void => {
        assets['lwir11']!['raster:bands'] = [{ scale, offset }];
      };
    const none = (): void => undefined;
    expect(settleLandsat('L1TP', none, stating(3.342e-4, 0.1)).bands).toHaveLength(11);
    expect(refusal(() => settleLandsat('L1TP', none, stating(3.8e-4, 0.1)))[0]).toBe(
      'radiometry-conflict',
    );
  });

  it('of level 2 that an Item states are those of the collection', () => {
    const item = landsatItem('L2SP');
    item.assets['blue']!['raster:bands'] = [{ scale: 0.0001, offset: 0 }];
    expect(refusal(() => readItem(item, undefined))).toEqual([
      'radiometry-conflict',
      expect.stringMatching(/SR_B2: stated are the scale 0\.0001 .* by Collection 2/),
    ]);
  });

  it('are not guessed where the sun is below the horizon and the Item does not say so', () => {
    const night = (groups: MtlRecord): unknown =>
      (groups['IMAGE_ATTRIBUTES']!['SUN_ELEVATION'] = -5);
    const silent = ({ properties }: TestItem): unknown => delete properties['view:sun_elevation'];
    expect(() => settleLandsat('L1TP', night, silent)).toThrow(/below the horizon/);
  });
});
