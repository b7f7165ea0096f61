/** What the Item alone says wrong is refused before anything is fetched, with the reason and the band. */
import { describe, expect, it } from 'vitest';
import { readItem } from '../../../../src/sources/stac/read-item.ts';
import { landsatItem, refusal, sentinel2Item, type TestItem } from '../../../support/stac-item.ts';

type Change = (item: TestItem) => unknown;

describe('readItem', () => {
  it.each<
    readonly [
      what: string,
      item: TestItem,
      change: Change,
      expected: readonly [reason: string, message: RegExp],
    ]
  >([
    [
      'no platform',
      sentinel2Item(),
      (i) => delete i.properties['platform'],
      ['unsupported-product', /no platform/],
    ],
    [
      'another mission',
      sentinel2Item(),
      (i) => (i.properties['platform'] = 'sentinel-3a'),
      ['unsupported-product', /sentinel-3a/],
    ],
    [
      'level 3',
      sentinel2Item(),
      (i) => (i.properties['s2:product_type'] = 'S2MSI_L3__MCQ'),
      ['unsupported-product', /S2MSI_L3__MCQ/],
    ],
    [
      'no type',
      sentinel2Item(),
      (i) => delete i.properties['s2:product_type'],
      ['unsupported-product', /s2:product_type/],
    ],
    [
      'OLI alone',
      landsatItem(),
      (i) => (i.assets['blue']!.href = i.assets['blue']!.href.replaceAll('LC08', 'LO08')),
      ['unsupported-product', /LO08/],
    ],
    [
      'Collection 1',
      landsatItem(),
      (i) => (i.properties['landsat:collection_number'] = 1),
      ['unsupported-product', /collection number is 1/],
    ],
    [
      'Landsat 7',
      landsatItem(),
      (i) => (i.properties['platform'] = 'landsat-7'),
      ['unsupported-product', /landsat-7/],
    ],
    [
      'L2SR',
      landsatItem('L2SP'),
      (i) => (i.properties['landsat:correction'] = 'L2SR'),
      ['missing-thermal', /lwir11/],
    ],
    [
      'one temperature missing',
      landsatItem(),
      (i) => delete i.assets['lwir12'],
      ['missing-thermal', /thermal/],
    ],
    [
      'bands missing',
      landsatItem(),
      (i) => {
        delete i.assets['lwir12'];
        delete i.assets['blue'];
      },
      ['missing-bands', /B2 .*B11 /],
    ],
    [
      'two keys',
      sentinel2Item(),
      (i) => (i.assets['B02'] = { href: 'https://data.example/x/B02.jp2' }),
      ['ambiguous-band', /blue and B02/],
    ],
    [
      'another band in the name',
      sentinel2Item(),
      (i) => (i.assets['blue']!.href = i.assets['green']!.href),
      ['ambiguous-band', /blue \(B03\.jp2\) is band B02 by its key, but band B03/],
    ],
    [
      'level 1 name in level 2',
      landsatItem('L2SP'),
      (i) => (i.assets['blue']!.href = i.assets['blue']!.href.replace('_SR_', '_')),
      ['ambiguous-band', /SR_B2 by its key, but band B2/],
    ],
    [
      'another scene',
      landsatItem(),
      (i) => (i.assets['blue']!.href = i.assets['blue']!.href.replaceAll('016037', '016038')),
      ['mixed-products', /016038/],
    ],
    [
      'another quality band',
      landsatItem(),
      (i) =>
        (i.assets['qa_pixel']!.href = i.assets['qa_pixel']!.href.replaceAll('016037', '016038')),
      ['mixed-products', /qa_pixel/],
    ],
    [
      'type and name',
      sentinel2Item(),
      (i) =>
        (i.properties['s2:product_uri'] =
          'S2B_MSIL2A_20240525T100559_N0510_R022_T33UWP_20240525T121212.SAFE'),
      ['mixed-products', /L1C and L2A/],
    ],
    [
      'two zones',
      sentinel2Item(),
      (i) => {
        i.assets['blue']!['proj:epsg'] = 32_633;
        i.assets['red']!['proj:epsg'] = 32_634;
      },
      ['mixed-products', /EPSG:32633 and EPSG:32634/],
    ],
    [
      'two baselines',
      sentinel2Item(),
      (i) =>
        (i.properties['s2:product_uri'] =
          'S2B_MSIL1C_20240525T100559_N0301_R022_T33UWP_20240525T121212.SAFE'),
      ['radiometry-conflict', /05\.10 and 03\.01/],
    ],
    [
      'another scale',
      sentinel2Item(),
      (i) => (i.assets['blue']!['raster:scale'] = 0.001),
      ['radiometry-conflict', /scale of B02/],
    ],
    [
      'another scale everywhere',
      sentinel2Item({ baseline: '03.01', offset: undefined }),
      (i) => (i.assets['blue']!['raster:scale'] = 0.001),
      ['radiometry-conflict', /expected is 0\.0001/],
    ],
    [
      'no data that is not 0',
      sentinel2Item(),
      (i) => (i.assets['blue']!['nodata'] = 65_535),
      ['radiometry-conflict', /no data value 65535 for B02/],
    ],
    [
      'a flag that is none',
      sentinel2Item({ level: 'L2A', flag: 'true' }),
      () => undefined,
      ['radiometry-ambiguous', /neither true nor false/],
    ],
    [
      'half a tile',
      sentinel2Item(),
      (i) => {
        i.assets['blue']!['proj:shape'] = [600, 600];
        i.assets['red']!['proj:shape'] = [300, 300];
      },
      ['size-mismatch', /300 × 300 .* B04/],
    ],
    [
      'no shape',
      sentinel2Item(),
      (i) => (i.assets['blue']!['proj:shape'] = [1.5, -1]),
      ['size-mismatch', /B02/],
    ],
    [
      'a coarse file',
      sentinel2Item({ level: 'L2A' }),
      (i) => (i.assets['blue']!.href = 'https://data.example/T33UWP_20240525T100559_B02_20m.jp2'),
      ['size-mismatch', /of 20 m; expected for B02 is 10 m/],
    ],
    [
      'a Landsat giant',
      landsatItem(),
      (i) => (i.assets['pan']!['proj:shape'] = [20_001, 5]),
      ['size-mismatch', /B8; expected are at most 20000/],
    ],
    [
      'a page',
      sentinel2Item(),
      (i) => (i.assets['blue']!['type'] = 'text/html'),
      ['media-type', /blue/],
    ],
    [
      'an impossible sun',
      landsatItem(),
      (i) => (i.properties['view:sun_elevation'] = 1e9),
      ['radiometry-conflict', /1000000000/],
    ],
    [
      'a night',
      landsatItem(),
      (i) => (i.properties['view:sun_elevation'] = -3),
      ['sun-below-horizon', /-3/],
    ],
    [
      'Landsat without MTL',
      landsatItem(),
      (i) => delete i.assets['MTL.txt'],
      ['missing-radiometry', /metadata/],
    ],
    [
      'no time',
      sentinel2Item(),
      (i) => (i.properties['datetime'] = 'once'),
      ['not-an-item', /datetime/],
    ],
    [
      'a thousand assets',
      sentinel2Item(),
      (i) => {
        for (let n = 0; n < 1000; n++) i.assets[`a${n}`] = { href: 'x' };
      },
      ['too-large', /1013 assets/],
    ],
  ])('refuses %s', (_what, item, change, [reason, message]) => {
    change(item);
    expect(refusal(() => readItem(item, undefined))).toEqual([
      reason,
      expect.stringMatching(message),
    ]);
  });

  it('refuses values that are nested without end', () => {
    const item = sentinel2Item();
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    item.assets['blue']!['raster:scale'] = deep;
    expect(refusal(() => readItem(item, undefined))).toEqual([
      'radiometry-conflict',
      'The Item states the scale (a value of type object) for B02, which is not plausible.',
    ]);
  });
});
