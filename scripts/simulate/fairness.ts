/** How fair a day was. */
import type { Knex } from 'knex';
import type { Book } from './book.ts';

/** One interval in which several owners waited from its beginning to its end. */
interface Interval {
  readonly owners: number;
  /** R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness", DEC-TR-301, 1984: 1 is equal, 1/n is all for one. */
  readonly index: number;
}

export class Fairness {
  readonly intervals: Interval[] = [];
  /** The most that one owner was given more than another, while both waited and might run (windows). */
  greatestSpread = 0;
  readonly #database: Knex;
  readonly #book: Book;
  #given = new Map<string, number>();
  #waited: readonly string[] = [];
  /** By how much the first of a pair was ahead when both began to wait. */
  #aheadAtFirst = new Map<string, number>();

  constructor(database: Knex, book: Book) {
    this.#database = database;
    this.#book = book;
  }

  /** To be called after claims: how far owners of ordinary priority have come apart. */
  async look(): Promise<void> {
    const open = await this.#open();
    const pairs = open.flatMap((one) =>
      open.filter((other) => one < other).map((other) => [one, other] as const),
    );
    const seen = new Map<string, number>();
    for (const [one, other] of pairs) {
      const key = `${one}, ${other}`;
      const ahead = this.#givenTo(one) - this.#givenTo(other);
      const atFirst = this.#aheadAtFirst.get(key) ?? ahead;
      seen.set(key, atFirst);
      this.greatestSpread = Math.max(this.greatestSpread, Math.abs(ahead - atFirst));
    }
    this.#aheadAtFirst = seen;
  }

  /** To be called at the end of each interval. Who is at the limit of running jobs does not ask for more. */
  async closeInterval(): Promise<void> {
    const waiting = await this.#open();
    const throughout = waiting.filter((owner) => this.#waited.includes(owner));
    const given = throughout.map((owner) => this.#givenTo(owner) - (this.#given.get(owner) ?? 0));
    if (given.length > 1) this.intervals.push({ owners: given.length, index: jain(given) });
    this.#waited = waiting;
    this.#given = new Map(this.#book.given);
  }

  #givenTo(owner: string): number {
    return this.#book.given.get(owner) ?? 0;
  }

  #open(): Promise<string[]> {
    return this.#database('queues')
      .where({ priority: 0, is_open: 1 })
      .orderBy('owner')
      .pluck('owner');
  }
}

export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share ** 2, 0);
  return squares === 0 ? 1 : sum ** 2 / (shares.length * squares);
}

/** The value below which `share` of all lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
