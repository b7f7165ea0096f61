/** Keeps account of a simulated day, of what the stores said: who waited, what ran, what was lost. */
import type { AfterLoss, ClaimedJob, LeaseStore } from '../../src/jobs/lease-store.ts';
import type { Meter } from './meter.ts';
import type { OwnerClass, Wish } from './demand.ts';
import type { Recorder } from './machine.ts';

export class Book implements Recorder {
  /** From acceptance to the first attempt (ms). */
  readonly waits = new Map<OwnerClass, number[]>();
  /** How often each job came to an end. */
  readonly ends = new Map<string, number>();
  /** Windows given to each owner so far, attempts that are repeated among them. */
  readonly given = new Map<string, number>();
  /** The most attempts of an owner that were held at once. */
  readonly mostHeld = new Map<string, number>();
  readonly counts = { attempts: 0, deaths: 0, lost: 0, refused: 0, failed: 0 };
  usefulMs = 0;
  lostMs = 0;
  lastEndMs = 0;
  readonly #wishes: ReadonlyMap<string, Wish>;
  readonly #held = new Map<string, string>();
  readonly #nowMs: () => number;

  constructor(wishes: readonly Wish[], nowMs: () => number) {
    this.#wishes = new Map(wishes.map((wish) => [wish.id, wish]));
    this.#nowMs = nowMs;
  }

  wish(jobId: string): Wish {
    const wish = this.#wishes.get(jobId);
    if (wish === undefined) throw new Error(`Nobody wished ${jobId}.`);
    return wish;
  }

  claimed({ id, owner, attempt, created }: ClaimedJob): void {
    const { ownerClass, cost } = this.wish(id);
    this.counts.attempts += 1;
    this.given.set(owner, (this.given.get(owner) ?? 0) + cost);
    this.#held.set(id, owner);
    const held = [...this.#held.values()].filter((one) => one === owner).length;
    this.mostHeld.set(owner, Math.max(held, this.mostHeld.get(owner) ?? 0));
    if (attempt > 1) return;
    const waits = this.waits.get(ownerClass) ?? [];
    waits.push(this.#nowMs() - Date.parse(created));
    this.waits.set(ownerClass, waits);
  }

  ended(jobId: string, isPublished: boolean): void {
    if (isPublished) this.#end(jobId);
  }

  /** A lease was taken from a machine that was silent. */
  lost(jobId: string, after: AfterLoss): void {
    this.counts.lost += 1;
    this.#held.delete(jobId);
    if (after.kind !== 'fail') return;
    this.counts.failed += 1;
    this.#end(jobId);
  }

  computed(durationMs: number, isOfUse: boolean): void {
    if (isOfUse) this.usefulMs += durationMs;
    else this.lostMs += durationMs;
  }

  died(): void {
    this.counts.deaths += 1;
  }

  tookLeave(): void {
    this.counts.refused += 1;
  }

  #end(jobId: string): void {
    this.#held.delete(jobId);
    this.ends.set(jobId, (this.ends.get(jobId) ?? 0) + 1);
    this.lastEndMs = this.#nowMs();
  }
}

/** The same leases, with what they cost measured and what was lost written down. */
export function metered(leases: LeaseStore, meter: Meter, book: Book): LeaseStore {
  return {
    claim: (claim) =>
      meter.measure(
        (job) => (job === undefined ? 'poll' : 'claim'),
        () => leases.claim(claim),
      ),
    renew: (lease, leaseMs) =>
      meter.measure(
        () => 'renew',
        () => leases.renew(lease, leaseMs),
      ),
    report: (...report) =>
      meter.measure(
        () => 'report',
        () => leases.report(...report),
      ),
    finish: (lease, outcome) =>
      meter.measure(
        () => 'finish',
        () => leases.finish(lease, outcome),
      ),
    async lose(lease, after, untilMs) {
      const isLost = await meter.measure(
        () => 'lose',
        () => leases.lose(lease, after, untilMs),
      );
      if (isLost) book.lost(lease.jobId, after);
      return isLost;
    },
    handBack: (lease) => leases.handBack(lease),
    held: () =>
      meter.measure(
        () => 'look',
        () => leases.held(),
      ),
  };
}
