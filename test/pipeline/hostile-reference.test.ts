/** The damaged and hostile products of the reference data, sent to the real server in every way there is. */
import { cpSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  faultsOf,
  withHostileWorld,
  type HostileCase,
  type HostileWorld,
} from '../support/hostile-world.ts';
import { tarredFolder, zippedFolder } from '../support/pack-folder.ts';
import { brokenCases, type BrokenCase } from '../support/product-contract/broken.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { expectedItems, itemBytes, type ExpectedItem } from '../support/stac.ts';

/** A refusal names a file, a band, an archive's member or an address. */
const something = /\w{3,}/;

const endsOf: Readonly<Record<BrokenCase['expect'], HostileCase['ends']>> = {
  accept: 'masked',
  refuse: something,
  'refuse-or-flag': 'any',
  policy: 'any',
};

async function brokenAsCases({ www, web }: HostileWorld): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  for (const entry of brokenCases()) {
    const folder = sharedPath('products/broken', entry.product);
    const attack = entry.case;
    const ends = endsOf[entry.expect];
    cases.push({ attack, given: 'folder', product: entry.product, ends });
    // By turns: both forms have a corpus of their own.
    const [form, pack] =
      cases.length % 4 === 1 ? (['zip', zippedFolder] as const) : (['tar', tarredFolder] as const);
    await writeFile(join(www, `${attack}.${form}`), pack(folder));
    cases.push({ attack, given: form, product: `${web.origin}/${attack}.${form}`, ends });
  }
  return cases;
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
  it('broken folders, as they are and packed, end as their list says', async () => {
    await withHostileWorld({}, async (world) => {
      cpSync(sharedPath('products/broken'), world.root, {
        recursive: true,
        verbatimSymlinks: true,
      });
      expect(readFileSync(join(world.root, 'cases.json')).length).toBeGreaterThan(0);
      expect(await faultsOf(world, await brokenAsCases(world))).toEqual([]);
    });
  });

  it('bad STAC Items, by address and in the request, are refused', async () => {
    await withHostileWorld({}, async (world) => {
      expect(await faultsOf(world, await itemsAsCases(world))).toEqual([]);
    });
  });
});
