/** Damaged and hostile Landsat folders: they end as the reference data say, with the file's name, and nothing left behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCloudMask, type CloudMaskResult } from '../../src/cloudmask/cloudmask.ts';
import { ProductRefused } from '../../src/errors.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { withFolder } from '../support/folder.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { loadStarter } from '../support/starter-model.ts';

interface BrokenCase {
  readonly case: string;
  readonly product: string;
  readonly expect: 'accept' | 'refuse' | 'policy';
}

/** What a message of a refusal has to name, by case. */
const named: Readonly<Record<string, RegExp>> = {
  'ls-no-sun-elevation': /_MTL\.txt has no SUN_ELEVATION/,
  'ls-sun-below-horizon': /_MTL\.txt has SUN_ELEVATION = -3.2: the sun is below the horizon/,
  'ls-garbage-number': /_MTL\.txt has SUN_ELEVATION = "NaN", which is no number/,
  'ls-no-thermal-constants':
    /_MTL\.txt has no K1_CONSTANT_BAND_10 in the group LEVEL1_THERMAL_CONSTANTS/,
  'ls-missing-band': /_B6\.TIF \(band B6\) is listed in .*_MTL\.txt but missing/,
  'ls-missing-mtl': /no metadata: a file …_MTL\.txt, …_MTL\.json or …_MTL\.xml is missing/,
  'ls-truncated-tif': /_B3\.TIF cannot be decoded.*cut off/,
  'ls-zero-byte-tif': /_B7\.TIF is empty/,
  'ls-wrong-size-band': /_B4\.TIF.*29 × 30.*30 × 30/,
  'ls-wrong-dtype': /_B5\.TIF.*is of type Byte.*UInt16/,
  'ls-path-traversal': /_MTL\.txt has FILE_NAME_BAND_4 = "\.\.\/outside\//,
  'ls-symlink-outside': /_B4\.TIF/,
  'ls-vrt-named-tif': /_B4\.TIF cannot be opened as GTiff/,
  'ls-huge-sparse-tif': /_B2\.TIF.*60000 × 60000.*30 × 30/,
  'ls-mtl-xxe': /_MTL\.xml has a DOCTYPE/,
};

describeWithShared('products/broken', 'broken Landsat products', () => {
  const text = readFileSync(sharedPath('products/broken/cases.json'), 'utf8');
  const cases = (JSON.parse(text) as BrokenCase[]).filter((entry) => entry.case.startsWith('ls-'));
  const ending = (how: BrokenCase['expect']): BrokenCase[] =>
    cases.filter((entry) => entry.expect === how);
  let model: CloudModel;
  beforeAll(async () => {
    model = await loadStarter();
  });
  afterAll(() => model.close());

  const run = (entry: BrokenCase, directory: string): Promise<CloudMaskResult> =>
    makeCloudMask(
      {
        product: sharedPath('products/broken', entry.product),
        parameters: { output_style: '4-class', stride: 384, categorise: true },
        directory,
        filesUrl: '.',
      },
      model,
      { signal: new AbortController().signal, progress: () => undefined },
    );

  it('are all known', () => {
    expect(cases).toHaveLength(17);
    expect(ending('refuse').map((entry) => entry.case)).toEqual(Object.keys(named));
  });

  it.each(ending('refuse'))('refuses $case', async (entry) => {
    await withFolder(async (directory) => {
      const started = performance.now();
      const refusal = await run(entry, directory).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ProductRefused);
      const { message } = refusal as Error;
      expect(message).toMatch(named[entry.case] ?? /^no expectation for this case/);
      expect(message).not.toMatch(/CANARY/);
      expect(readdirSync(directory)).toEqual([]);
      expect(performance.now() - started).toBeLessThan(5000);
    });
  });

  it.each(ending('accept'))('accepts $case', async (entry) => {
    await withFolder(async (directory) => {
      const { statistics } = await run(entry, directory);
      expect(statistics.warnings ?? []).toEqual([]);
      expect(readdirSync(directory)).toHaveLength(5);
    });
  });

  // Policy: the text form is used and each other value is named; nothing is mixed.
  it.each(ending('policy'))('flags $case', async (entry) => {
    await withFolder(async (directory) => {
      const { statistics } = await run(entry, directory);
      expect(statistics.warnings).toEqual([
        expect.stringMatching(/_MTL\.txt has SUN_ELEVATION = 62\.17310472, .*_MTL\.json has 30\.0/),
        expect.stringMatching(/_MTL\.txt has SUN_ELEVATION = 62\.17310472, .*_MTL\.xml has 30\.0/),
      ]);
    });
  });
});
