/**
 * The offset of Sentinel-2, which costs 0.1 of reflectance when it is wrong. Agencies write it into the pixels since
 * processing baseline 04.00; Earth Search takes it out again in some of its converted files and still states it. So
 * three sources are asked (flag, product metadata, stated value with baseline), and what they leave open is refused.
 */
import { describeAsset } from './hrefs.ts';
import { ItemRefused } from './item-refused.ts';
import type { ItemPlan, PlannedBand } from './plan.ts';

/** From this baseline on reflectance = DN · 0.0001 − 0.1, before it there was no offset. */
const firstWithOffset = 4;
const newerOffset = -0.1;
/** Converted files of Earth Search, with and without offset. */
const convertedFiles = /(^|\/\/)sentinel-cogs[./]/;

export type OffsetFacts = Pick<ItemPlan, 'kind' | 'baseline' | 'isOffsetApplied'>;

/** What an Item alone says of the offset of a band, in reflectance. */
export type ItemOffset =
  | { readonly kind: 'certain'; readonly offset: number }
  /** The product metadata would confirm it. */
  | { readonly kind: 'stated'; readonly offset: number }
  | { readonly kind: 'unknown' };

/**
 * The offset of a band as far as the Item tells.
 * @throws ItemRefused when the Item contradicts itself, or is known to be unreliable in this point
 */
export function offsetOfItem(band: PlannedBand, facts: OffsetFacts): ItemOffset {
  const { stated } = band;
  const byBaseline = offsetOfBaseline(facts.baseline);
  if (isConverted(band, facts)) return offsetOfConverted(band, facts, byBaseline);
  if (byBaseline === undefined) return { kind: 'unknown' };
  if (stated.offset !== undefined) {
    requireSame(band, stated.offset, byBaseline, `the processing baseline ${facts.baseline}`);
    return { kind: 'stated', offset: byBaseline };
  }
  return byBaseline === 0 ? { kind: 'stated', offset: 0 } : { kind: 'unknown' };
}

/** The baseline's offset in reflectance; undefined where there is no baseline. */
function offsetOfBaseline(baseline: string | undefined): number | undefined {
  if (baseline === undefined) return undefined;
  return Number(baseline) < firstWithOffset ? 0 : newerOffset;
}

/** The flag speaks of converted level 2 files only. */
function isConverted(band: PlannedBand, { kind, isOffsetApplied }: OffsetFacts): boolean {
  if (kind !== 's2-l2a' || band.isOriginal) return false;
  return isOffsetApplied !== undefined || convertedFiles.test(band.href);
}

function offsetOfConverted(
  band: PlannedBand,
  { isOffsetApplied }: OffsetFacts,
  byBaseline: number | undefined,
): ItemOffset {
  if (isOffsetApplied === true) return { kind: 'certain', offset: 0 };
  if (byBaseline === 0) {
    requireSame(band, band.stated.offset ?? 0, 0, 'the processing baseline');
    return { kind: 'certain', offset: 0 };
  }
  const found = isOffsetApplied === false ? 'is false' : 'is absent';
  throw new ItemRefused(
    'radiometry-ambiguous',
    `It cannot be told whether the offset was already applied to ${describeAsset(band.asset, band.href)}: ` +
      `earthsearch:boa_offset_applied ${found}, which is known to be wrong in Items with a baseline from 04.00 on. ` +
      'Give an Item of the collection sentinel-2-c1-l2a, an Item with the …-jp2 assets only, or the product itself.',
  );
}

/**
 * Two sources of the offset of a band agree.
 * @throws ItemRefused naming the band and both values
 */
export function requireSame(
  band: PlannedBand,
  stated: number,
  other: number,
  source: string,
): void {
  if (Math.abs(stated - other) < 1e-9) return;
  throw new ItemRefused(
    'radiometry-conflict',
    `The Item and its metadata disagree about the offset of ${band.id}: stated is ${stated}, by ${source} it is ${other}.`,
  );
}
