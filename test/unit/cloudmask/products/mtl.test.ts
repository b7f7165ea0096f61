import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Mtl } from '../../../../src/cloudmask/products/mtl.ts';
import {
  parseMtlJson,
  parseMtlText,
  parseMtlXml,
} from '../../../../src/cloudmask/products/mtl-forms.ts';
import { ProductRefused } from '../../../../src/errors.ts';
import { withFolder } from '../../../support/folder.ts';
import { collectionTwo, mtlAs } from '../../../support/landsat-folder.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';

/** Reads text as if it were a file of this name. */
function read(text: string, name = 'X_MTL.txt'): Promise<Mtl> {
  return withFolder((folder) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return Mtl.read(file);
  });
}

function inGroup(line: string): Promise<Mtl> {
  return read(`GROUP = R\n  GROUP = G\n    ${line}\n  END_GROUP = G\nEND_GROUP = R\nEND\n`);
}

describe('Landsat metadata (MTL)', () => {
  it('gives the same values in text, JSON and XML', async () => {
    const groups = collectionTwo();
    const [text, json, xml] = await Promise.all(
      (['txt', 'json', 'xml'] as const).map((form) => read(mtlAs(form, groups), `X_MTL.${form}`)),
    );
    for (const [group, values] of Object.entries(groups)) {
      for (const [key, value] of Object.entries(values)) {
        for (const form of [text, json, xml]) expect(form?.text(group, key)).toBe(String(value));
      }
    }
    expect(text?.differences(json!)).toEqual([]);
    expect(text?.differences(xml!)).toEqual([]);
  });

  it('keeps groups apart that hold the same key', async () => {
    const mtl = await read(
      'GROUP = R\nGROUP = A\nK = 1\nEND_GROUP = A\nGROUP = B\nK = 2\nEND_GROUP = B\nEND_GROUP = R\nEND',
    );
    expect([mtl.number('A', 'K'), mtl.number('B', 'K')]).toEqual([1, 2]);
    expect(() => mtl.number('R', 'K')).toThrow('X_MTL.txt has no K in the group R.');
  });

  it('reads what editors and old archives leave: other line ends, a mark at the start, bytes after END', async () => {
    const mtl = await read(
      '\uFEFFGROUP = R\r\nGROUP=G\r\nK="a b"\r\nEND_GROUP=G\r\nEND_GROUP=R\r\nEND\r\n\0\0',
    );
    expect(mtl.text('G', 'K')).toBe('a b');
    expect(mtl.rootName).toBe('R');
  });

  it.each([
    ['GROUP = R\nGROUP = G\nK = 1\n', /cut off: the group G has no end/],
    ['GROUP = R\nnonsense\nEND_GROUP = R', /no KEY = value in line 2: "nonsense"/],
    ['GROUP = R\nK = "open\nEND_GROUP = R', /line 2/],
    ['GROUP = R\nEND_GROUP = Q', /closes the group Q that is not open \(line 2\)/],
    ['GROUP = R\nK = 1\nK = 2\nEND_GROUP = R', /K twice in R/],
    [
      'GROUP = R\nGROUP = A\nEND_GROUP = A\nGROUP = A\nEND_GROUP = A\nEND_GROUP = R',
      /group A twice/,
    ],
    ['GROUP = R\nEND_GROUP = R\nGROUP = S\nEND_GROUP = S', /opens the group S in the wrong place/],
    [Array.from({ length: 20 }, (_, i) => `GROUP = G${i}`).join('\n'), /wrong place \(line 9\)/],
    ['', /no Landsat metadata/],
    [`GROUP = R\nK = "${'x'.repeat(1024 * 1024)}"\nEND_GROUP = R`, /at most 1048576 are read/],
  ])('refuses text that is damaged: %#', async (text, message) => {
    const refusal = await read(text).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ProductRefused);
    expect((refusal as Error).message).toMatch(message);
  });

  it.each(['', '[]', '{', '3', 'null', '{"A":{},"B":{}}', '{"A":[1]}'])(
    'refuses the JSON %j',
    async (text) => {
      await expect(read(text, 'X_MTL.json')).rejects.toThrow(ProductRefused);
    },
  );

  it('does not take names of JavaScript for groups or keys', async () => {
    const mtl = await read('{"R":{"__proto__":{"K":"1"},"G":{"constructor":"2"}}}', 'X_MTL.json');
    expect(mtl.optional('toString', 'length')).toBeUndefined();
    expect(mtl.optional('G', 'K')).toBeUndefined();
    expect(mtl.text('G', 'constructor')).toBe('2');
  });

  it.each(['NaN', 'Infinity', '1e999', '0x10', '1,5', '--1', '1_000', '12a', '"1 2"'])(
    'takes %s for no number',
    async (text) => {
      const mtl = await inGroup(`K = ${text}`);
      expect(() => mtl.number('G', 'K')).toThrow(/X_MTL\.txt has K = ".*", which is no number/);
    },
  );

  it('says which numbers are plausible', async () => {
    const mtl = await inGroup('K = 2.5');
    expect(mtl.number('G', 'K', { above: 0, to: 90 })).toBe(2.5);
    expect(() => mtl.number('G', 'K', { above: 2.5 })).toThrow('expected is above 2.5.');
    expect(() => mtl.number('G', 'K', { from: 3, to: 9 })).toThrow(
      'expected is at least 3 and at most 9.',
    );
    expect(() => mtl.number('G', 'K', { integer: true })).toThrow('a whole number');
  });

  it('names what another form says otherwise, of what was asked', async () => {
    const one = await inGroup('K = 62.0\nL = 1\nM = 3');
    const other = await inGroup('K = 62.000\nL = 2');
    expect(one.differences(other)).toEqual([]);
    for (const key of ['K', 'L', 'M']) one.number('G', key);
    expect(one.differences(other)).toEqual([
      'X_MTL.txt has L = 1, X_MTL.txt has 2: the value of X_MTL.txt was used.',
      'X_MTL.txt has M = 3, X_MTL.txt has none: the value of X_MTL.txt was used.',
    ]);
  });
});

describeWithShared('products/metadata-only/landsat', 'original Landsat metadata', () => {
  it.each(['LC08_L1GT_089074_20220506_20220512_02_T2', 'LC08_L2SP_008059_20191201_20200825_02_T1'])(
    'are the same in all forms of %s',
    (product) => {
      const file = (form: string): string =>
        sharedPath('products/metadata-only/landsat', `${product}_MTL.${form}`);
      const text = parseMtlText('txt', readFileSync(file('txt'), 'utf8'));
      const json = parseMtlJson('json', readFileSync(file('json'), 'utf8'));
      const xml = parseMtlXml('xml', readFileSync(file('xml'), 'utf8'));
      for (const [group, values] of json.groups) {
        expect([group, text.groups.get(group)]).toEqual([group, values]);
        expect([group, xml.groups.get(group)]).toEqual([group, values]);
      }
      expect(json.groups.size).toBeGreaterThan(8);
      expect([text.rootName, json.rootName, xml.rootName]).toEqual(
        Array.from({ length: 3 }, () => 'LANDSAT_METADATA_FILE'),
      );
    },
  );
});
