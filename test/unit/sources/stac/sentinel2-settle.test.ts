import { describe, expect, it } from 'vitest';
import { ProductRefused } from '../../../../src/errors.ts';
import type { SettledItem } from '../../../../src/sources/stac/plan.ts';
import { readItem } from '../../../../src/sources/stac/read-item.ts';
import { settleRadiometry } from '../../../../src/sources/stac/settle.ts';
import { userProduct, type UserProductValues } from '../../../support/stac.ts';
import {
  refusal,
  sentinel2Item,
  type Sentinel2Facts,
  type TestItem,
} from '../../../support/stac-item.ts';

const productName = 'S2B_MSIL2A_20240525T100559_N0510_R022_T33UWP_20240525T121212.SAFE';

/** Settles a Sentinel-2 Item, with product metadata where there are changes to them. */
function settle(
  facts: Partial<Sentinel2Facts>,
  changes?: Partial<UserProductValues>,
  edit: (item: TestItem) => void = () => undefined,
): SettledItem {
  const item = sentinel2Item({ hasMetadata: changes !== undefined, ...facts });
  edit(item);
  const plan = readItem(item, undefined);
  const text = changes && userProduct(plan, { uri: productName, ...changes });
  return settleRadiometry(plan, text === undefined ? undefined : Buffer.from(text));
}

/** Offset in DN and quantification, the same for all bands. */
function radiometryOf({ bands }: SettledItem): unknown {
  const found = new Set(bands.map(({ radiometry }) => JSON.stringify(radiometry)));
  expect(found.size).toBe(1);
  return JSON.parse([...found][0] ?? '');
}

const withOffset = (offset: number): unknown => ({
  kind: 'quantified',
  offset,
  quantification: 10_000,
  noDataLevel: -1000,
});

function originalsOnly(item: TestItem): void {
  const { product_metadata: metadata, ...bands } = item.assets;
  item.assets = Object.fromEntries(
    Object.entries(bands).map(([key, asset]) => [`${key}-jp2`, asset]),
  );
  if (metadata !== undefined) item.assets['product_metadata'] = metadata;
}

describe('the offset of Sentinel-2', () => {
  it.each<[row: string, Partial<Sentinel2Facts>, number]>([
    ['1: taken off, whatever is stated', { flag: true }, 0],
    [
      '1: taken off, whatever the baseline',
      { flag: true, baseline: undefined, offset: undefined },
      0,
    ],
    ['2: none before baseline 04.00', { flag: false, baseline: '02.14', offset: 0 }, 0],
    ['5: stated and of the baseline', {}, -1000],
    ['5: stated and of an old baseline', { baseline: '03.01', offset: 0 }, 0],
    ['6: an old baseline alone', { baseline: '03.99', offset: undefined }, 0],
  ])('is known from the Item alone, row %s', (_row, facts, offset) => {
    expect(radiometryOf(settle({ level: 'L2A', ...facts }))).toEqual(withOffset(offset));
  });

  it.each<[row: string, Partial<Sentinel2Facts>, reason: string]>([
    ['2: stated all the same', { flag: false, baseline: '02.14' }, 'radiometry-conflict'],
    ['3: flag and baseline', { flag: false }, 'radiometry-ambiguous'],
    ['3: flag and no baseline', { flag: false, baseline: undefined }, 'radiometry-ambiguous'],
    ['5: not of the baseline', { offset: 0 }, 'radiometry-conflict'],
    ['5: not of an old baseline', { baseline: '03.01' }, 'radiometry-conflict'],
    ['5: stated without baseline', { baseline: undefined }, 'missing-radiometry'],
    ['6: a new baseline alone', { offset: undefined }, 'missing-radiometry'],
    ['7: nothing', { baseline: undefined, offset: undefined }, 'missing-radiometry'],
  ])('is refused, row %s', (_row, facts, reason) => {
    expect(refusal(() => settle({ level: 'L2A', ...facts }))[0]).toBe(reason);
  });

  it('is refused for converted files of Earth Search that have lost the flag', () => {
    const mirror = (item: TestItem): void => {
      for (const asset of Object.values(item.assets)) {
        asset.href = asset.href.replace('data.example', 'sentinel-cogs.s3.us-west-2.amazonaws.com');
      }
    };
    expect(refusal(() => settle({ level: 'L2A' }, undefined, mirror))[0]).toBe(
      'radiometry-ambiguous',
    );
  });

  it("of the agency's files is the original one, whatever the flag says of converted ones", () => {
    for (const flag of [true, false]) {
      const settled = settle({ level: 'L2A', flag }, undefined, originalsOnly);
      expect(radiometryOf(settled)).toEqual(withOffset(-1000));
    }
  });

  it('tells a user that converted files are less certain about no data', () => {
    expect(settle({ level: 'L2A', flag: true }).warnings).toEqual([
      'The catalogue took the radiometric offset off the band files: very dark pixels may have become 0, which means no data.',
    ]);
    expect(settle({ level: 'L2A', flag: true, baseline: '02.14', offset: 0 }).warnings).toEqual([]);
  });

  it('says nothing of level 1, where there are no converted files', () => {
    expect(radiometryOf(settle({ flag: true }))).toEqual(withOffset(-1000));
  });
});

describe('product metadata of Sentinel-2', () => {
  it.each<[what: string, Partial<Sentinel2Facts>, Partial<UserProductValues>, number]>([
    ['that nothing else tells', { offset: undefined }, {}, -1000],
    ['without any baseline in the Item', { offset: undefined, baseline: undefined }, {}, -1000],
    ['stated without baseline', { baseline: undefined }, {}, -1000],
    ['of an old baseline', { baseline: '03.01', offset: 0 }, {}, 0],
    ['that baselines do not tell', { offset: undefined }, { offset: -500 }, -500],
  ])('give the offset %s (row 4)', (_what, facts, changes, offset) => {
    expect(radiometryOf(settle({ level: 'L2A', ...facts }, changes))).toEqual(withOffset(offset));
  });

  it.each<[what: string, Partial<UserProductValues>, reason: string, RegExp]>([
    [
      'another offset',
      { offset: 0 },
      'radiometry-conflict',
      /offset of B01: stated is -0\.1, by the product metadata it is 0/,
    ],
    ['no offset', { offset: undefined }, 'radiometry-conflict', /offset of B01/],
    [
      'another scale',
      { quantification: 1000, offset: -100 },
      'radiometry-conflict',
      /scale 0\.0001 for B01; expected is 0\.001/,
    ],
    ['another baseline', { baseline: '05.09' }, 'radiometry-conflict', /05\.10, MTD\.xml 05\.09/],
    [
      'another spacecraft',
      { spacecraft: 'Sentinel-2A' },
      'mixed-products',
      /Sentinel-2A|sentinel-2a/,
    ],
    ['another tile', { uri: productName.replace('33UWP', '31TDH') }, 'mixed-products', /31TDH/],
  ])('are refused that say %s', (_what, changes, reason, message) => {
    const refused = refusal(() => settle({ level: 'L2A' }, changes));
    expect(refused).toEqual([reason, expect.stringMatching(message)]);
  });

  it.each([
    ['a page', '<!DOCTYPE html><html></html>'],
    ['an entity bomb', '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'],
    ['no XML', '{}'],
    ['nothing', ''],
    ['the metadata of a tile', '<n1:Level-1C_Tile_ID xmlns:n1="x"></n1:Level-1C_Tile_ID>'],
  ])('are refused that are %s', (_what, text) => {
    const plan = readItem(sentinel2Item({ hasMetadata: true }), undefined);
    expect(() => settleRadiometry(plan, Buffer.from(text))).toThrow(ProductRefused);
  });

  it('may be left out where the Item suffices, which the results say', () => {
    const plan = readItem(sentinel2Item({ hasMetadata: true }), undefined);
    const settled = settleRadiometry(plan, undefined);
    expect([plan.metadata?.isNeeded, radiometryOf(settled), settled.warnings]).toEqual([
      false,
      withOffset(-1000),
      ['The product metadata MTD.xml were not read: the offset is the one that the Item states.'],
    ]);
  });

  it('may not be left out where the Item does not suffice', () => {
    const plan = readItem(sentinel2Item({ hasMetadata: true, offset: undefined }), undefined);
    expect(plan.metadata?.isNeeded).toBe(true);
    expect(refusal(() => settleRadiometry(plan, undefined))[0]).toBe('missing-radiometry');
  });
});
