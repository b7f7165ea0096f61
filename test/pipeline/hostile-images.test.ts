/** Band files that attack who decodes them: in a folder, in an archive and as the asset of an Item. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { projectFolder } from '../../src/config/project-folder.ts';
import { ProductRefused } from '../../src/errors.ts';
import { loadOnnxModel } from '../../src/models/onnx-model.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { copyFolder, withFolder } from '../support/folder.ts';
import {
  damages,
  jpeg2000Attacks,
  tiffAttacks,
  type ImageAttack,
} from '../support/hostile-images.ts';
import { faultsOf, withHostileWorld, type HostileCase } from '../support/hostile-world.ts';
import { tarredFolder, zippedFolder } from '../support/pack-folder.ts';
import { makeMask } from '../support/product-contract/masks.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { withTrap } from '../support/trap.ts';

interface Target {
  readonly title: string;
  /** A sound product of a few pixels. */
  readonly folder: string;
  /** The file that becomes hostile. */
  readonly band: RegExp;
  readonly attacks: readonly ImageAttack[];
}

const targets: readonly Target[] = [
  {
    title: 'GeoTIFF',
    folder: sharedPath('products/broken/ls-00-valid/LC08_L1TP_016037_20170813_20200903_02_T1'),
    band: /_B4\.TIF$/,
    attacks: tiffAttacks,
  },
  {
    title: 'JPEG 2000',
    folder: sharedPath(
      'products/broken/s2-00-valid/S2A_MSIL1C_20150726T105026_N0204_R051_T31TDH_20150726T105856.SAFE',
    ),
    band: /_B04\.jp2$/,
    attacks: jpeg2000Attacks,
  },
];

/** A copy of the product with a hostile band; answers its folder. */
function hostileCopy(
  { folder, band }: Target,
  parent: string,
  one: ImageAttack,
  trap: string,
): string {
  mkdirSync(parent);
  const copy = copyFolder(folder, parent);
  const name = readdirSync(copy, { recursive: true, encoding: 'utf8' }).find((path) =>
    band.test(path),
  );
  one.change(join(copy, name ?? ''), trap);
  return copy;
}

describeWithShared('products/broken', 'hostile band files', () => {
  it.each(targets)('$title: attacks, in folders and archives', async (target) => {
    await withHostileWorld({}, async (world) => {
      const cases: HostileCase[] = [];
      for (const [index, one] of target.attacks.entries()) {
        const { attack, ends } = one;
        const trap = `127.0.0.1:${world.trap.port}`;
        const copy = hostileCopy(target, join(world.root, String(index)), one, trap);
        const isPacked = index % 2 === 1;
        if (!isPacked) {
          cases.push({ attack, given: 'folder', product: copy, ends });
          continue;
        }
        const [form, pack] =
          index % 4 === 1 ? (['zip', zippedFolder] as const) : (['tar', tarredFolder] as const);
        await writeFile(join(world.www, `${index}.${form}`), pack(copy));
        cases.push({ attack, given: form, product: `${world.web.origin}/${index}.${form}`, ends });
      }
      expect(await faultsOf(world, cases)).toEqual([]);
    });
  });

  it.each(targets)('$title: seeded damages', async (target) => {
    await withHostileWorld({}, async (world) => {
      const cases = damages(12, 1).map((one, index): HostileCase => {
        const product = hostileCopy(target, join(world.root, String(index)), one, '');
        return { attack: one.attack, given: 'folder', product, ends: one.ends };
      });
      expect(await faultsOf(world, cases)).toEqual([]);
    });
  });
});

describeWithShared('products/broken', 'GDAL by its settings alone, with the network', () => {
  let model: CloudModel;
  beforeAll(async () => {
    const { modelsDirectory, modelId } = readConfig({});
    model = await loadOnnxModel({ modelsDirectory, modelId, device: 'cpu', threads: 1 });
    return () => model.close();
  });

  it('the attacks are real: a GDAL without these settings calls the trap', async () => {
    const program = `
      const gdal = require('gdal-async');
      const { bands } = gdal.open(process.argv[1]);
      bands.get(1).overviews.count();`;
    const one = tiffAttacks.find(({ attack }) => attack === 'metadata with an overview elsewhere');
    const [target] = targets;
    if (one === undefined || target === undefined) throw new Error('There is no such attack.');
    await withTrap(async (trap) => {
      await withFolder(async (folder) => {
        const copy = hostileCopy(target, join(folder, 'x'), one, `127.0.0.1:${trap.port}`);
        const name = readdirSync(copy).find((file) => target.band.test(file)) ?? '';
        const child = spawn(process.execPath, ['-e', program, join(copy, name)], {
          cwd: projectFolder(),
          env: { PATH: process.env['PATH'] ?? '' },
        });
        await once(child, 'exit');
      });
      expect(trap.hits.length).toBeGreaterThan(0);
    });
  });

  it.each(targets)('calls nobody for what hostile files say: $title', async (target) => {
    await withTrap(async (trap) => {
      await withFolder(async (folder) => {
        const leading = target.attacks.filter(({ calls }) => calls);
        expect(leading.length).toBeGreaterThan(3);
        for (const [index, one] of leading.entries()) {
          const product = hostileCopy(
            target,
            join(folder, String(index)),
            one,
            `127.0.0.1:${trap.port}`,
          );
          const out = join(folder, `out-${index}`);
          mkdirSync(out);
          await makeMask(model, { product }, out).catch((error: unknown) => {
            if (!(error instanceof ProductRefused)) throw error;
          });
        }
      });
      expect(trap.hits).toEqual([]);
    });
  });
});
