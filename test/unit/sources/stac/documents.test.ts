/** Every document of the reference data: real Items of all catalogues, made ones and hostile ones. */
import { afterAll, expect, it } from 'vitest';
import {
  readBandDocument,
  writeBandFiles,
} from '../../../../src/cloudmask/products/band-document.ts';
import { levelTwoBands } from '../../../../src/cloudmask/products/landsat-bands.ts';
import type { Radiometry } from '../../../../src/cloudmask/radiometry/radiometry.ts';
import { AddressNotAllowed, ProductRefused } from '../../../../src/errors.ts';
import { ItemRefused } from '../../../../src/sources/stac/item-refused.ts';
import { withFolder } from '../../../support/folder.ts';
import { describeWithShared } from '../../../support/shared.ts';
import {
  expectedItems,
  itemUrl,
  readEntry,
  type ExpectedItem,
  type ItemList,
  type ReadResult,
} from '../../../support/stac.ts';

type How = 'by URL' | 'inline';

/** Outcomes that the reference data's README leaves to us ("Decisions"). */
const decided: Readonly<Record<string, string>> = {
  'earth-search-v0-sentinel-s2-l2a-cogs-S2A_31NBJ_20190524_0_L2A.json': 'unsupported-product',
  'bad/offset-flag-not-reliable.json': 'radiometry-ambiguous',
  'bad/deep-nesting.json': 'too-deep',
  // Nothing is rewritten: the download fails.
  'bad/wrong-bucket.json': 's2-l1c',
};

/** Refused when given as text, read (as URLs of the Item's own host) when fetched. */
const needBase = [
  'bad/self-link-as-base.json',
  'bad/relative-no-base.json',
  'bad/relative-traversal.json',
  'bad/href-absolute-path.json',
];

function acceptedOutcomes(entry: ExpectedItem, how: How): readonly string[] {
  const { file, expect: verdict, kind = '', needs = '' } = entry;
  const decision = decided[file ?? ''];
  if (decision !== undefined) return [decision];
  if (needBase.includes(file ?? '') && how === 'by URL') return ['s2-l1c'];
  if (needs.startsWith('base URL') && how === 'inline') return ['relative-href-without-base'];
  return verdict === 'accept' ? [kind] : refusalsOf(entry);
}

function refusalsOf(entry: ExpectedItem): readonly string[] {
  return [entry.class ?? '', ...(entry.also ?? [])];
}

interface Outcome {
  readonly word: string;
  /** Of a refusal; empty where the Item is read. */
  readonly message: string;
}

function outcomeOf(entry: ExpectedItem, how: How): Outcome {
  try {
    return { word: readEntry(entry, how).plan.kind, message: '' };
  } catch (error) {
    if (error instanceof ItemRefused) return { word: error.reason, message: error.message };
    if (error instanceof AddressNotAllowed) return { word: 'address-not-allowed', message: '' };
    throw error;
  }
}

/** Landsat level 2 is named without its prefix in the reference data. */
function plainId(id: string): string {
  return id.replace(/^S[RT]_/, '');
}

/** What the reference data say of a band: value = DN · scale + offset, thermal bands as radiance or kelvin. */
function scaleAndOffset(id: string, radiometry: Radiometry): { scale: number; offset: number } {
  if (radiometry.kind === 'quantified') {
    const { offset, quantification } = radiometry;
    return { scale: 1 / quantification, offset: offset / quantification };
  }
  const { multiplier, addend } = radiometry;
  const { kelvin } = levelTwoBands.find((band) => band.id === id) ?? {};
  return { scale: multiplier, offset: addend + (kelvin?.minimum ?? 0) };
}

function conclusions(entry: ExpectedItem, { plan, settled }: ReadResult): unknown {
  return Object.fromEntries(
    plan.bands.map((band, index) => {
      const { id, radiometry } = settled.bands[index]!;
      const expected = entry.bands?.[plainId(band.id)];
      const { scale, offset } = scaleAndOffset(id, radiometry);
      return [
        plainId(band.id),
        {
          asset: band.asset,
          href: band.href,
          scale: Number(scale.toPrecision(12)),
          offset: Number(offset.toFixed(9)),
          ...(expected?.resolution === undefined ? {} : { resolution: band.resolution }),
          ...('stated_offset' in (expected ?? {})
            ? { stated_offset: band.stated.offset ?? null }
            : {}),
        },
      ];
    }),
  );
}

function expectedConclusions({ file, bands }: ExpectedItem): unknown {
  return Object.fromEntries(
    Object.entries(bands ?? {}).map(([id, band]) => {
      const { asset, href, scale, offset, resolution, stated_offset } = band;
      return [
        id,
        {
          asset,
          href: new URL(href, itemUrl(file)).href,
          scale,
          offset,
          ...(resolution === undefined ? {} : { resolution }),
          ...(stated_offset === undefined ? {} : { stated_offset }),
        },
      ];
    }),
  );
}

const ways = ['by URL', 'inline'] as const;

describeWithShared('products/stac/expected.json', 'STAC Items of the reference data', () => {
  const table: string[] = [];
  afterAll(() => {
    process.stdout.write(`\ndocument · how · outcome · expected\n${table.toSorted().join('\n')}\n`);
  });

  const cases = (list: ItemList): (readonly [name: string, how: How, entry: ExpectedItem])[] =>
    expectedItems(list).flatMap((entry) =>
      ways.map((how) => [entry.file ?? 'generated, 50 MB', how, entry] as const),
    );

  it.each([...cases('real'), ...cases('made'), ...cases('bad')])(
    'concludes what is right of %s, %s',
    (name, how, entry) => {
      const { word, message } = outcomeOf(entry, how);
      const accepted = acceptedOutcomes(entry, how);
      table.push(`${name} · ${how} · ${word} · ${accepted.join(' or ')}`);
      expect(accepted).toContain(word);
      // No address, and no more of the document than a short name.
      expect(message).not.toMatch(/https?:|s3:|169\.254|127\.0\.0\.1|passwd/);
      expect(message.length).toBeLessThan(400);
    },
  );

  const accepted = (['real', 'made'] as const).flatMap((list) =>
    cases(list).filter(
      ([name, how, entry]) => how === 'by URL' && entry.expect === 'accept' && !(name in decided),
    ),
  );

  it.each(accepted)('finds the assets and the radiometry of %s', (_name, how, entry) => {
    const result = readEntry(entry, how);
    expect(conclusions(entry, result)).toEqual(expectedConclusions(entry));
    expect(result.plan.crs ?? entry.crs).toBe(entry.crs);
  });

  it.each(accepted)(
    'leaves a document that the pipeline reads of %s',
    async (_name, how, entry) => {
      const { settled } = readEntry(entry, how);
      const names = settled.bands.map(({ id }) => ({ id, file: `${id}.tif` }));
      const files = new Map(names.map(({ id, file }) => [id, { file, driver: 'GTiff' as const }]));
      await withFolder(async (folder) => {
        await writeBandFiles(folder, settled, files);
        expect(await readBandDocument(folder)).toEqual({
          ...settled,
          bands: settled.bands.map((band) => ({ ...band, ...files.get(band.id) })),
        });
      });
    },
  );

  it.each(accepted.filter(([, , { thermal }]) => thermal !== undefined))(
    'finds the thermal constants of %s',
    (_name, how, entry) => {
      const { settled } = readEntry(entry, how);
      const found = settled.bands.flatMap(({ id, radiometry }) =>
        radiometry.kind === 'brightness-temperature'
          ? [[id, { K1: radiometry.k1, K2: radiometry.k2 }] as const]
          : [],
      );
      expect(Object.fromEntries(found)).toEqual(entry.thermal);
      expect(settled.acquisition.sunElevation).toBe(entry.sun_elevation);
    },
  );

  it('reads the Item with keys of JavaScript as the one without, and touches no prototype', () => {
    const [control, strange] = ['bad/00-control.json', 'bad/prototype-keys.json'].map((file) =>
      readEntry(
        expectedItems('bad').find((entry) => entry.file === file)!,
        'inline',
      ),
    );
    expect(strange).toEqual(control);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['href']).toBeUndefined();
  });

  it('names what is missing', () => {
    const entry = expectedItems('bad').find(({ file }) => file === 'bad/missing-bands.json')!;
    expect(outcomeOf(entry, 'inline').message).toBe(
      'The Item has no assets for the bands B08 (asset nir or B08), B11 (asset swir16 or B11).',
    );
  });

  it('refuses with an error that the server answers as a fault of the product', () => {
    const [entry] = expectedItems('bad').filter(({ file }) => file === 'bad/collection.json');
    expect(() => readEntry(entry!, 'inline')).toThrow(ProductRefused);
    expect(() => readEntry(entry!, 'inline')).toThrow(
      'Expected is one STAC Item, found is Collection.',
    );
  });
});
