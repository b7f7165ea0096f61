/** A day with many users and many machines: the real stores and the real watch over leases, in virtual time. */
import type { Knex } from 'knex';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { leaseTimes } from '../../src/jobs/lease-keeper.ts';
import { LeaseWatch } from '../../src/jobs/lease-watch.ts';
import { createLog } from '../../src/log.ts';
import { Chance } from '../chaos/chance.ts';
import { Book, metered } from './book.ts';
import { violations } from './checks.ts';
import { demandOfADay, type DemandOptions, type Wish } from './demand.ts';
import { Fairness } from './fairness.ts';
import { Machine, type Faults } from './machine.ts';
import { Meter } from './meter.ts';
import { VirtualTime } from './virtual-time.ts';

export interface DayOptions extends DemandOptions {
  readonly workers: number;
  readonly seed: number;
  readonly faults: Faults;
  /** How far owners are apart is looked at after as many claims. */
  readonly claimsPerLook: number;
}

export interface Day {
  readonly wishes: readonly Wish[];
  readonly book: Book;
  readonly fairness: Fairness;
  readonly meter: Meter;
  readonly workers: number;
  readonly startMs: number;
  readonly violations: readonly string[];
}

/** Midnight of the day. */
const startMs = Date.parse('2026-06-01T00:00:00Z');
const intervalMs = 300_000;

/** A worker that has room looks as often by itself. */
const pollMs = 2000;

/** What so many windows take on a machine with two cores (s), as the README measured a tile: 220 s for 484, 0.39 s each. */
export function tileSeconds(windows: number): number {
  return 31 + 0.39 * windows;
}

/** `database` is empty and at the newest version. */
export async function simulateDay(database: Knex, options: DayOptions): Promise<Day> {
  const chance = new Chance(options.seed);
  const time = new VirtualTime(startMs);
  const wishes = demandOfADay(options, chance);
  const book = new Book(wishes, () => time.nowMs);
  const meter = new Meter(database);
  const fairness = new Fairness(database, book);
  const store = new KnexJobStore(database, time.now);
  const leases = metered(new KnexLeaseStore(database, time.now), meter, book);
  const fleet = new Fleet(time, chance, async () => {
    if (book.counts.attempts % options.claimsPerLook === 0) await fairness.look();
  });
  const world = {
    time,
    leases,
    chance,
    faults: options.faults,
    serviceMs: (jobId: string) => serviceMs(book.wish(jobId), chance),
    record: book,
    idle: (machine: Machine) => fleet.idle(machine),
  };
  for (let count = 0; count < options.workers; count += 1)
    fleet.idle(new Machine(`machine ${count}`, world));
  for (const wish of wishes)
    time.after(wish.atMs, async () => {
      await meter.measure(
        () => 'accept',
        () => add(store, wish),
      );
      fleet.stir();
    });
  const watch = watchOver(leases, time, () => fleet.stir());
  every(leaseTimes.lookMs, time, () => watch.look());
  every(intervalMs, time, () => fairness.closeInterval());
  await time.run(() => book.ends.size === wishes.length);
  const found = await violations(database, wishes, book);
  return { wishes, book, fairness, meter, workers: options.workers, startMs, violations: found };
}

function serviceMs({ cost }: Wish, chance: Chance): number {
  // Machines and scenes differ.
  return 10 * tileSeconds(cost) * chance.integer(85, 125);
}

function add(store: KnexJobStore, { id, caller, cost, stride }: Wish) {
  const { owner, priority = 0, ...limits } = caller;
  const request = { inputs: { stride }, outputs: {} };
  const job = { id, processId: 'senseiv2-cloudmask', owner, priority, cost, request };
  return store.add(job, limits);
}

function watchOver(leases: ReturnType<typeof metered>, time: VirtualTime, onLost: () => void) {
  const { leaseMs, lookMs } = leaseTimes;
  const log = createLog('silent');
  return new LeaseWatch({ leases, log, leaseMs, intervalMs: lookMs, onLost }, () => time.nowMs);
}

function every(delayMs: number, time: VirtualTime, happen: () => Promise<void>): void {
  time.after(delayMs, async () => {
    await happen();
    every(delayMs, time, happen);
  });
}

/** The machines that have nothing to do. All of them look now and then; of many, one does soon. */
class Fleet {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #onClaim: () => Promise<void>;
  #free: Machine[] = [];
  #isStirred = false;

  constructor(time: VirtualTime, chance: Chance, onClaim: () => Promise<void>) {
    this.#time = time;
    this.#chance = chance;
    this.#onClaim = onClaim;
  }

  /** A machine that has just become free looks at once. */
  idle(machine: Machine): void {
    this.#time.after(0, async () => {
      if (!machine.isFree) return;
      if (await machine.claim()) return this.#onClaim();
      if (!this.#free.includes(machine)) this.#free.push(machine);
      this.stir();
    });
  }

  /** There may be something to do. */
  stir(): void {
    if (this.#isStirred || this.#free.length === 0) return;
    this.#isStirred = true;
    const delayMs = this.#chance.integer(0, pollMs) / this.#free.length;
    this.#time.after(delayMs, async () => {
      this.#isStirred = false;
      const machine = this.#chance.pick(this.#free);
      if (!machine.isFree) {
        this.#free = this.#free.filter((one) => one !== machine);
        return this.stir();
      }
      if (!(await machine.claim())) return;
      this.#free = this.#free.filter((one) => one !== machine);
      await this.#onClaim();
      this.stir();
    });
  }
}
