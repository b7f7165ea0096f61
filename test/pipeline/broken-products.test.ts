/** Damaged and hostile Sentinel-2 folders: refused with the file's name, without delay, and nothing left behind. */
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
  readonly expect: 'accept' | 'refuse' | 'policy' | 'refuse-or-flag';
}

/** What a message of a refusal has to name, by case. */
const named: Readonly<Record<string, RegExp>> = {
  's2-truncated-jp2': /_B04\.jp2/,
  's2-zero-byte-jp2': /_B08\.jp2 is empty/,
  's2-missing-band': /_B11\.jp2/,
  's2-missing-mtd': /MTD_MSIL1C\.xml/,
  's2-missing-mtd-tl': /MTD_TL\.xml/,
  's2-wrong-size-band': /_B05\.jp2.*29 × 30.*30 × 30/,
  's2-mtd-tl-size-mismatch': /\.jp2.*1830 × 1830/,
  's2-band-georef-shift': /_B06\.jp2.*404960/,
  's2-band-crs-mismatch': /_B12\.jp2.*EPSG:32630.*EPSG:32631/,
  's2-tiff-named-jp2': /_B02\.jp2/,
  's2-vrt-named-jp2': /_B02\.jp2/,
  's2-huge-declared-jp2': /_B04\.jp2.*30000 × 30000/,
  's2-mtd-xxe': /MTD_MSIL1C\.xml has a DOCTYPE/,
  's2-mtd-entity-expansion': /MTD_MSIL1C\.xml has a DOCTYPE/,
  's2-mtd-path-traversal': /\.\.\/outside/,
  's2-mtd-absolute-path': /\/absolute/,
  's2-mtd-not-well-formed': /MTD_MSIL1C\.xml is not well-formed/,
  's2-mtd-no-quantification': /QUANTIFICATION_VALUE/,
  's2-mtd-offset-incomplete': /radiometric offset \(…_ADD_OFFSET\) for B11/,
  's2-symlink-outside': /_B02\.jp2/,
  's2-symlink-dir': /GRANULE/,
  's2-two-granules': /GRANULE holds 2/,
};

describeWithShared('products/broken', 'broken Sentinel-2 products', () => {
  const text = readFileSync(sharedPath('products/broken/cases.json'), 'utf8');
  const cases = (JSON.parse(text) as BrokenCase[]).filter((entry) => entry.case.startsWith('s2-'));
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

  it.each(cases.filter((entry) => entry.expect === 'refuse'))('refuses $case', async (entry) => {
    await withFolder(async (directory) => {
      const refusal = await run(entry, directory).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ProductRefused);
      expect((refusal as Error).message).toMatch(
        named[entry.case] ?? /^no expectation for this case/,
      );
      expect(readdirSync(directory)).toEqual([]);
    });
  });

  // Decoded without an error by OpenJPEG: only the checksum tells.
  it.each(cases.filter((entry) => entry.expect === 'refuse-or-flag'))(
    'flags $case',
    async (entry) => {
      await withFolder(async (directory) => {
        const { statistics } = await run(entry, directory);
        expect(statistics.warnings).toEqual([
          expect.stringMatching(/_B03\.jp2 has another checksum than manifest\.safe says/),
        ]);
      });
    },
  );

  it('refuses a band that is a link to another, and does not mind a folder of another name', async () => {
    const policy = Object.fromEntries(
      cases.filter((entry) => entry.expect === 'policy').map((entry) => [entry.case, entry]),
    );
    await withFolder(async (directory) => {
      await expect(run(policy['s2-symlink-inside']!, directory)).rejects.toThrow(/_B03\.jp2/);
      const { statistics } = await run(policy['s2-renamed-folder']!, directory);
      expect(statistics.product).toMatch(/^S2A_MSIL1C_/);
    });
  });

  it.each(cases.filter((entry) => entry.expect === 'accept'))('accepts $case', async (entry) => {
    await withFolder(async (directory) => {
      await run(entry, directory);
      expect(readdirSync(directory)).toHaveLength(5);
    });
  });
});
