import { describe, expect, it } from 'vitest';
import { ItemRefused } from '../../../../src/sources/stac/item-refused.ts';
import { hrefsOf, type ItemPlan } from '../../../../src/sources/stac/plan.ts';
import { readItem } from '../../../../src/sources/stac/read-item.ts';
import {
  landsatItem,
  landsatProduct,
  refusal,
  sentinel2Item,
  type TestItem,
} from '../../../support/stac-item.ts';

const base = new URL('https://catalogue.example/items/one.json');

/** Reads an Item that a test changes. */
function read(item: TestItem, change: (item: TestItem) => void = () => undefined): ItemPlan {
  change(item);
  return readItem(item, undefined);
}

describe('readItem', () => {
  it('plans a Sentinel-2 Item', () => {
    const plan = read(sentinel2Item({ hasMetadata: true }), ({ properties, assets }) => {
      properties['proj:code'] = 'EPSG:32633';
      properties['view:sun_elevation'] = 61.5;
      assets['blue']!['alternate'] = {
        s3: { href: 's3://bucket/B02.jp2' },
        bad: { href: 'file:///etc/passwd' },
        none: 3,
      };
      assets['blue']!['proj:shape'] = [10_980, 10_980];
    });
    const { bands, ...facts } = plan;
    expect(facts).toEqual({
      kind: 's2-l1c',
      id: 'S2B_33UWP_20240525_0_L1C',
      acquisition: {
        datetime: '2024-05-25T10:05:59.000Z',
        platform: 'sentinel-2b',
        constellation: 'sentinel-2',
        instruments: ['msi'],
        processingLevel: 'L1C',
        processingVersion: '05.10',
        sunElevation: 61.5,
      },
      crs: 'EPSG:32633',
      baseline: '05.10',
      metadata: {
        form: 'mtd',
        href: 'https://data.example/33/U/WP/2024/5/25/0/MTD.xml',
        alternates: [],
        isNeeded: false,
      },
    });
    expect(bands[1]).toEqual({
      id: 'B02',
      asset: 'blue',
      href: 'https://data.example/33/U/WP/2024/5/25/0/B02.jp2',
      alternates: ['s3://bucket/B02.jp2'],
      resolution: 10,
      shape: [10_980, 10_980],
      stated: { scale: 0.0001, offset: -0.1 },
      isOriginal: false,
    });
  });

  it('plans a Landsat Item with its quality band and the preferred form of its metadata', () => {
    const plan = read(landsatItem(), ({ assets }) => {
      const xml = assets['MTL.txt']!.href.replace('.txt', '.xml');
      assets['MTL.xml'] = { href: xml };
    });
    const folder = `https://data.example/${landsatProduct('L1TP')}/${landsatProduct('L1TP')}`;
    expect([plan.quality, plan.metadata]).toEqual([
      { href: `${folder}_QA_PIXEL.TIF`, alternates: [] },
      { form: 'mtl-txt', href: `${folder}_MTL.txt`, alternates: [], isNeeded: true },
    ]);
    expect(plan.bands.map(({ id, resolution }) => `${id} ${resolution}`).slice(6, 9)).toEqual([
      'B7 30',
      'B8 15',
      'B9 30',
    ]);
  });

  it('knows a Landsat product by its files where the Item has an id of its own', () => {
    const item = landsatItem();
    item.id = 'my scene/1';
    for (const asset of Object.values(item.assets)) {
      asset.href = asset.href.replace('https://data.example/', './');
    }
    const { kind, id } = readItem(item, base);
    expect([kind, id]).toEqual(['landsat-l1', 'my-scene-1']);
  });

  it('lists every URL that fetching asks for', () => {
    const plan = read(landsatItem());
    expect(hrefsOf(plan)).toEqual([
      ...plan.bands.map(({ href }) => href),
      plan.quality?.href,
      plan.metadata?.href,
    ]);
  });

  it('asks for no metadata that cannot change the offset', () => {
    const plan = read(sentinel2Item({ level: 'L2A', flag: true, hasMetadata: true }));
    expect(plan.metadata).toBeUndefined();
  });

  it.each([
    ['./B02.jp2', 'https://catalogue.example/items/B02.jp2'],
    ['../../../../../etc/passwd', 'https://catalogue.example/etc/passwd'],
    ['/etc/passwd', 'https://catalogue.example/etc/passwd'],
    ['//other.example/B02.jp2', 'https://other.example/B02.jp2'],
    ['B02.jp2?token=a%20b#part', 'https://catalogue.example/items/B02.jp2?token=a%20b'],
    ['HTTPS://Data.Example/B02.jp2', 'https://data.example/B02.jp2'],
    ['s3://bucket/a/../B02.jp2', 's3://bucket/B02.jp2'],
  ])('resolves %s as a URL', (href, expected) => {
    const item = sentinel2Item();
    item.assets['blue']!.href = href;
    expect(readItem(item, base).bands[1]?.href).toBe(expected);
  });

  it('takes relative hrefs of an Item in a bucket to be in the bucket', () => {
    const item = sentinel2Item();
    item.assets['blue']!.href = '../B02.jp2';
    const plan = readItem(item, new URL('s3://bucket/items/a/one.json'));
    expect(plan.bands[1]?.href).toBe('s3://bucket/items/B02.jp2');
  });

  it.each([
    'file:///etc/passwd',
    'FILE:///etc/passwd',
    'ftp://data.example/B02.jp2',
    'data:image/jp2;base64,AAAA',
    'vrt:///vsicurl/http://x/B02.jp2',
    '/vsicurl/http://x/B02.jp2',
    '/vsizip//vsicurl/https://data.example/x.zip/B02.jp2',
    'vsis3/bucket/B02.jp2',
    '<VRTDataset/>',
    'C:\\B02.jp2',
    'https:\\\\data.example\\B02.jp2',
    'https://data.example/B02\n.jp2',
    'https://',
    's3:///B02.jp2',
    'http://[',
    `https://data.example/${'x'.repeat(5000)}`,
  ])('refuses the href %j', (href) => {
    const item = sentinel2Item();
    item.assets['blue']!.href = href;
    expect(refusal(() => readItem(item, base))).toEqual([
      'href-scheme',
      'The asset blue (band B02) has an href that is not accepted: expected is a URL with https, http or s3.',
    ]);
  });

  it('refuses passwords in addresses', () => {
    const item = sentinel2Item();
    item.assets['blue']!.href = 'https://me:secret@data.example/B02.jp2';
    const [reason, message] = refusal(() => readItem(item, base));
    expect(reason).toBe('address-not-allowed');
    expect(message).not.toContain('secret');
  });

  it.each<[string, string | undefined, string]>([
    [
      'an absolute link to itself',
      'https://self.example/i/one.json',
      'https://self.example/i/B02.jp2',
    ],
    ['a link of another scheme', 's3://bucket/one.json', 'relative-href-without-base'],
    ['a relative link', './one.json', 'relative-href-without-base'],
    ['no link', undefined, 'relative-href-without-base'],
  ])('given as text with %s', (_what, self, expected) => {
    const item = sentinel2Item();
    item.assets['blue']!.href = './B02.jp2';
    if (self !== undefined) item.links.push({ rel: 'self', href: self });
    item.links.push({ rel: 'canonical', href: 'https://canonical.example/one.json' });
    const outcome = (): string => {
      try {
        return readItem(item, undefined).bands[1]?.href ?? '';
      } catch (error) {
        if (error instanceof ItemRefused) return error.reason;
        throw error;
      }
    };
    expect(outcome()).toBe(expected);
  });

  it("finds a band with a key of the user's own by its name", () => {
    const plan = read(sentinel2Item(), ({ assets }) => {
      const { blue, ...others } = assets;
      Object.assign(assets, { mine: blue });
      delete assets['blue'];
      expect(Object.keys(others)).toHaveLength(12);
    });
    expect(plan.bands.map(({ id, asset }) => `${id} ${asset}`).slice(0, 3)).toEqual([
      'B01 coastal',
      'B02 mine',
      'B03 green',
    ]);
  });

  it('takes files of the agency where an Item has those only', () => {
    const plan = read(sentinel2Item({ level: 'L2A', flag: false }), (item) => {
      item.assets = Object.fromEntries(
        Object.entries(item.assets).map(([key, asset]) => [`${key}-jp2`, asset]),
      );
    });
    expect(plan.bands.map(({ asset, isOriginal }) => [asset, isOriginal]).slice(0, 2)).toEqual([
      ['coastal-jp2', true],
      ['blue-jp2', true],
    ]);
  });

  it.each([undefined, null, 3, 'x', [], {}, { type: 'Catalog' }, { type: 'Feature' }])(
    'refuses the document %j',
    (document) => {
      expect(refusal(() => readItem(document, undefined))[0]).toBe('not-an-item');
    },
  );
});
