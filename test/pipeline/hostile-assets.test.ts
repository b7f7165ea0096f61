/** Assets of an Item that attack who decodes them: what the transfer brings is a file of any content under the name of a band. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jpeg2000Attacks, tiffAttacks, type ImageAttack } from '../support/hostile-images.ts';
import { faultsOf, withHostileWorld, type HostileCase } from '../support/hostile-world.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';

interface Target {
  readonly title: string;
  /** Below `products/stac/made`; its addresses are relative to that folder. */
  readonly item: string;
  /** Folder of its files below `products`, and the file that becomes hostile. */
  readonly folder: string;
  readonly band: string;
  readonly attacks: readonly ImageAttack[];
}

const landsat = 'LC09_L1TP_016037_20220819_20230401_02_T1';
const safe = 'S2A_MSIL1C_20170729T153601_N0510_R111_T19UDP_20240120T125244.SAFE';

const targets: readonly Target[] = [
  {
    title: 'GeoTIFF',
    item: 'landsat-l1-names-like-usgs.json',
    folder: `landsat/${landsat}`,
    band: `${landsat}_B4.TIF`,
    attacks: tiffAttacks,
  },
  {
    title: 'JPEG 2000',
    item: 's2-l1c-names-like-earth-search.json',
    folder: `s2-l1c/${safe}`,
    band: 'B04.jp2',
    attacks: jpeg2000Attacks,
  },
];

/** What a file says, not what lies beside it: an Item brings no sidecars. */
const isInFile = ({ attack }: ImageAttack): boolean =>
  /VRT of|driver|overview elsewhere|empty|login|width|2³²|8192|boxes|GML|tile part/.test(attack);

describeWithShared('products/stac/made', 'hostile assets', () => {
  it.each(targets)('$title', async ({ item, folder, band, attacks }) => {
    await withHostileWorld({}, async (world) => {
      const cases: HostileCase[] = [];
      const text = readFileSync(sharedPath('products/stac/made', item), 'utf8');
      const href = new RegExp(`"[^"]*${band.replace('.', '\\.')}"`);
      const path = href.exec(text)?.[0].slice(1, -1) ?? '';
      mkdirSync(join(world.www, 'stac/made'), { recursive: true });
      cpSync(sharedPath('products', folder), join(world.www, folder), { recursive: true });
      const sound = join(world.www, 'stac/made', path);
      for (const [index, one] of attacks.filter(isInFile).entries()) {
        const name = `hostile-${index}${path.slice(path.lastIndexOf('.'))}`;
        const file = join(world.www, name);
        writeFileSync(file, readFileSync(sound));
        one.change(file, `127.0.0.1:${world.trap.port}`);
        const hostile = text.replace(href, `"../../${name}"`);
        writeFileSync(join(world.www, `stac/made/${index}.json`), hostile);
        const product = `${world.web.origin}/stac/made/${index}.json`;
        const ends = one.ends instanceof RegExp ? /\w{3,}/ : one.ends;
        cases.push({ attack: one.attack, given: 'asset', product, ends });
      }
      expect(cases.length).toBeGreaterThan(7);
      expect(await faultsOf(world, cases)).toEqual([]);
    });
  });
});
