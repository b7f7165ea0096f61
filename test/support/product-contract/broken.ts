/** The damaged and hostile folders of the reference data: each ends as it says, without delay, and nothing is left behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ProductRefused } from '../../../src/errors.ts';
import { withFolder } from '../folder.ts';
import { sharedPath } from '../shared.ts';
import { refused, type Ending } from './kind-under-test.ts';
import { makeMask } from './masks.ts';
import type { Context } from './suite.ts';

export interface BrokenCase {
  readonly case: string;
  readonly product: string;
  readonly expect: 'accept' | 'refuse' | 'policy' | 'refuse-or-flag';
}

/** All cases of the reference data. */
export function brokenCases(): readonly BrokenCase[] {
  const text = readFileSync(sharedPath('products/broken/cases.json'), 'utf8');
  return JSON.parse(text) as BrokenCase[];
}

/** Which endings the reference data allow. */
const allowed: Readonly<Record<BrokenCase['expect'], (ending: Ending) => boolean>> = {
  accept: ({ kind }) => kind === 'masked',
  refuse: ({ kind }) => kind === 'refused',
  'refuse-or-flag': (ending) => ending.kind === 'refused' || ending.warnings.length > 0,
  policy: () => true,
};

/** Longer than any refusal takes: nothing may hang. */
const withinMs = 5000;

/** All cases of a kind. */
export function brokenSuite(context: Context): void {
  const { kind, report } = context;
  const cases = brokenCases().filter((entry) => entry.case in kind.broken);
  if (cases.length === 0) return;
  describe('broken products', () => {
    it.each(cases)('end as they should: $case', async (entry) => {
      const ending = kind.broken[entry.case] ?? refused(/^no expectation for this case/);
      expect(allowed[entry.expect](ending)).toBe(true);
      const product = sharedPath('products/broken', entry.product);
      const { how, message } = await endingOf(context, product, ending);
      report.ended(entry.case, how, message);
    });
  });
}

/** How a run ended, and how many files it left. */
interface Ended {
  readonly how: 'mask' | 'refusal';
  /** Of the refusal, or the mask's warnings. */
  readonly messages: readonly string[];
  /** The product's own name in the statistics. */
  readonly id?: string;
  readonly files: number;
}

/** Checks how a run on a folder ends, and says it in words. */
export function endingOf(
  { model }: Context,
  product: string,
  ending: Ending,
): Promise<{ how: string; message: string }> {
  return withFolder(async (directory) => {
    const started = performance.now();
    const ended = await makeMask(model(), { product, stride: 384 }, directory).then(
      ({ statistics: { product: id, warnings = [] } }): Omit<Ended, 'files'> => ({
        how: 'mask',
        messages: warnings,
        id,
      }),
      (error: unknown): Omit<Ended, 'files'> => {
        if (!(error instanceof ProductRefused)) throw error;
        return { how: 'refusal', messages: [error.message] };
      },
    );
    expect(performance.now() - started).toBeLessThan(withinMs);
    expect({ ...ended, files: readdirSync(directory).length }).toEqual(expectedEnd(ending));
    const message = ended.messages.join(' ');
    expect(message).not.toMatch(/CANARY/);
    return { how: ended.how, message };
  });
}

function expectedEnd(ending: Ending): unknown {
  const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);
  return ending.kind === 'refused'
    ? { how: 'refusal', messages: [like(ending.message)], files: 0 }
    : {
        how: 'mask',
        messages: ending.warnings.map(like),
        id: like(/^(S2[A-D]_MSIL|LC0[89]_L)\w+$/),
        files: 5,
      };
}
