/** The damaged and hostile products of the reference data, sent to the real server in every way there is. */
import { cpSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ProductRefused } from '../../src/errors.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { unpackProductFile } from '../../src/sources/product-archive.ts';
import { withFolder } from '../support/folder.ts';
import {
  faultsOf,
  withHostileWorld,
  type HostileCase,
  type HostileWorld,
} from '../support/hostile-world.ts';
import { tarredFolder, zippedFolder } from '../support/pack-folder.ts';
import { brokenCases, type BrokenCase } from '../support/product-contract/broken.ts';
import { makeMask } from '../support/product-contract/masks.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { loadStarter, remembering } from '../support/starter-model.ts';
import { expectedItems, itemBytes, type ExpectedItem } from '../support/stac.ts';

/** A refusal names a file, a band, an archive's member or an address. */
const something = /\w{3,}/;

const endsOf: Readonly<Record<BrokenCase['expect'], HostileCase['ends']>> = {
  accept: 'masked',
  refuse: something,
  'refuse-or-flag': 'any',
  policy: 'any',
};

const packings = { zip: zippedFolder, tar: tarredFolder } as const;
const forms = ['folder', 'zip', 'tar'] as const;

/** Each in one form, by turns: through readers alone they go in all forms (here, and folders in the contract of products). */
async function brokenAsCases({ www, web }: HostileWorld): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  for (const [index, entry] of brokenCases().entries()) {
    const attack = entry.case;
    const ends = endsOf[entry.expect];
    const given = forms[index % forms.length] ?? 'folder';
    if (given === 'folder') {
      cases.push({ attack, given, product: entry.product, ends });
      continue;
    }
    const folder = sharedPath('products/broken', entry.product);
    await writeFile(join(www, `${attack}.${given}`), packings[given](folder));
    cases.push({ attack, given, product: `${web.origin}/${attack}.${given}`, ends });
  }
  return cases;
}

/** Unpacks an archive and masks what came out: `masked`, or what the refusal says. */
async function endOfArchive(bytes: Buffer, model: CloudModel): Promise<string> {
  return withFolder(async (folder) => {
    const [file, product, out] = ['archive', 'product', 'out'].map((name) => join(folder, name));
    await writeFile(file!, bytes);
    await mkdir(product!);
    await mkdir(out!);
    const signal = new AbortController().signal;
    try {
      await unpackProductFile(file!, { name: 'archive', directory: product!, signal });
      await makeMask(model, { product: product! }, out!);
      return 'masked';
    } catch (error) {
      if (!(error instanceof ProductRefused)) throw error;
      return error.message;
    }
  });
}

function isRight(end: string, { expect: wanted }: BrokenCase): boolean {
  if (/CANARY/.test(end)) return false;
  if (end === 'masked') return wanted !== 'refuse';
  return wanted !== 'accept' && something.test(end);
}

/** An Item whose addresses lead to the trusted server, where none of its files is. */
function textOf(entry: ExpectedItem, origin: string): string {
  return Buffer.from(itemBytes(entry)).toString().replaceAll('https://data.example', origin);
}

/** By its address every Item ends in a refusal: the best of them name files that are not there. */
async function itemsAsCases({ www, web }: HostileWorld): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  for (const [index, entry] of expectedItems('bad').entries()) {
    const attack = entry.file?.replace('bad/', '') ?? 'an Item of 50 MB';
    const text = textOf(entry, web.origin);
    await writeFile(join(www, `${index}.json`), text);
    const product = `${web.origin}/${index}.json`;
    const ends = entry.expect === 'accept' ? /not found/ : something;
    cases.push({ attack, given: 'Item by URL', product, ends });
    const inline = { attack, given: 'Item inline', text: `{"value":${text}}` };
    cases.push({ ...inline, ends: entry.expect === 'accept' ? /not found/ : something });
  }
  return cases;
}

describeWithShared('products/broken', 'hostile reference data', () => {
  it('broken folders, as they are or packed, end as their list says', async () => {
    await withHostileWorld({}, async (world) => {
      cpSync(sharedPath('products/broken'), world.root, {
        recursive: true,
        verbatimSymlinks: true,
      });
      expect(readFileSync(join(world.root, 'cases.json')).length).toBeGreaterThan(0);
      expect(await faultsOf(world, await brokenAsCases(world))).toEqual([]);
    });
  });

  it('broken folders, packed in every way, end so for the readers alone', async () => {
    const model = remembering(await loadStarter());
    const wrong: string[] = [];
    try {
      for (const entry of brokenCases()) {
        const folder = sharedPath('products/broken', entry.product);
        for (const [form, pack] of Object.entries(packings)) {
          const end = await endOfArchive(pack(folder), model);
          if (!isRight(end, entry)) wrong.push(`${entry.case}, ${form}: ${end}`);
        }
      }
    } finally {
      await model.close();
    }
    expect(wrong).toEqual([]);
  });

  it('bad STAC Items, by address and in the request, are refused', async () => {
    await withHostileWorld({}, async (world) => {
      expect(await faultsOf(world, await itemsAsCases(world))).toEqual([]);
    });
  });
});
