/** From a plan and the metadata document that it names to a radiometry that is certain. */
import { ItemRefused } from './item-refused.ts';
import { settleLandsat } from './landsat-settle.ts';
import type { ItemPlan, SettledItem } from './plan.ts';
import { settleSentinel2 } from './sentinel2-settle.ts';

/**
 * The radiometry of every band; never a guess.
 * @param metadata the document at `plan.metadata`, undefined where it was not read
 * @throws ItemRefused when sources disagree or leave something open, ProductRefused when the document is faulty
 */
export function settleRadiometry(plan: ItemPlan, metadata: Uint8Array | undefined): SettledItem {
  const text = metadata === undefined ? undefined : new TextDecoder().decode(metadata);
  return plan.kind.startsWith('s2') ? settleSentinel2(plan, text) : settleLandsat(plan, text);
}

/** Whether the Item alone leaves the radiometry open. Refusals for any other reason are thrown. */
export function needsMetadata(plan: ItemPlan): boolean {
  try {
    settleRadiometry(plan, undefined);
    return false;
  } catch (error) {
    if (error instanceof ItemRefused && error.reason === 'missing-radiometry') return true;
    throw error;
  }
}
