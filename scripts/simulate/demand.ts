/** Who wants what, and when: a day of the Sentinel-2 archive. */
import { cloudMaskCost } from '../../src/processes/cloudmask-cost.ts';
import type { Caller } from '../../src/jobs/caller.ts';
import type { Chance } from '../chaos/chance.ts';

export type OwnerClass = 'bulk' | 'small' | 'urgent';

export interface Wish {
  readonly id: string;
  readonly ownerClass: OwnerClass;
  readonly caller: Caller;
  /** From the beginning of the day (ms). */
  readonly atMs: number;
  readonly stride: number;
  /** Windows. */
  readonly cost: number;
}

export interface DemandOptions {
  /** Of a day, which may be a short one. */
  readonly hours: number;
  /** Tiles in the day: eight in ten are the bulk user's, one in fifty the urgent one's. */
  readonly tiles: number;
  readonly smallOwners: number;
  /** Jobs of the bulk user that may run at once. */
  readonly bulkMost: number;
}

const minuteMs = 60_000;
/** An orbit: so often a satellite comes by, and its tiles are published. */
const passMs = 100 * minuteMs;
/** Tiles of one pass come within as long. */
const burstMs = 25 * minuteMs;

/** In the order of their time. */
export function demandOfADay(options: DemandOptions, chance: Chance): readonly Wish[] {
  const { tiles, smallOwners, bulkMost } = options;
  const dayMs = options.hours * 60 * minuteMs;
  const quarterMs = dayMs / 4;
  const urgent = Math.round(tiles / 50);
  const bulk = Math.round(tiles * 0.8);
  const small = tiles - bulk - urgent;
  const wishes: Wish[] = [];
  const wish = (ownerClass: OwnerClass, caller: Caller, atMs: number, stride: number): void => {
    const cost = cloudMaskCost({ product: 'S2A_MSIL1C', stride });
    const id = `${ownerClass}-${wishes.length}`;
    wishes.push({ id, ownerClass, caller, atMs, stride, cost });
  };
  // One user orders all that is new, each quarter of the day.
  for (let count = 0; count < bulk; count += 1)
    wish('bulk', { owner: 'bulk', maxRunning: bulkMost }, (count % 4) * quarterMs, 384);
  // Small ones order what they need once a day, every second by the same clock.
  for (let owner = 0; owner < smallOwners; owner += 1) {
    const atMs = owner % 2 === 0 ? chance.integer(0, 3) * quarterMs : afterAPass(dayMs, chance);
    const first = Math.round((small * owner) / smallOwners);
    const next = Math.round((small * (owner + 1)) / smallOwners);
    for (let count = first; count < next; count += 1)
      wish('small', { owner: `small ${owner}` }, atMs, chance.pick(strides));
  }
  for (let count = 0; count < urgent; count += 1)
    wish('urgent', { owner: 'urgent', priority: 10 }, afterAPass(dayMs, chance), 384);
  return wishes.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
}

/** What small users ask for: most of them the default. */
const strides = [384, 384, 384, 384, 384, 384, 512, 512, 256, 128] as const;

function afterAPass(dayMs: number, chance: Chance): number {
  const passes = Math.floor(dayMs / passMs);
  return chance.integer(0, passes - 1) * passMs + chance.integer(0, burstMs);
}
