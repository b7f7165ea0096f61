/** How fair a day was. */
import type { Knex } from 'knex';
import type { Book } from './book.ts';

interface QueueRow {
  readonly owner: string;
  readonly virtual_time: number;
  readonly is_open: number;
}

/** One interval in which several owners waited from its beginning to its end. */
interface Interval {
  readonly owners: number;
  /** R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness", DEC-TR-301, 1984: 1 is equal, 1/n is all for one. */
  readonly index: number;
}

export class Fairness {
  readonly intervals: Interval[] = [];
  /** The greatest difference of virtual time that was seen between owners who waited and might run (windows). */
  greatestSpread = 0;
  readonly #database: Knex;
  readonly #book: Book;
  #given = new Map<string, number>();
  #waited: readonly string[] = [];

  constructor(database: Knex, book: Book) {
    this.#database = database;
    this.#book = book;
  }

  /** To be called after claims: how far owners of ordinary priority are apart. */
  async look(): Promise<void> {
    const open = (await this.#queues()).filter(({ is_open: isOpen }) => isOpen === 1);
    const times = open.map(({ virtual_time: virtualTime }) => virtualTime);
    if (times.length > 1)
      this.greatestSpread = Math.max(this.greatestSpread, Math.max(...times) - Math.min(...times));
  }

  /** To be called at the end of each interval. Who is at the limit of running jobs does not ask for more. */
  async closeInterval(): Promise<void> {
    const open = (await this.#queues()).filter(({ is_open: isOpen }) => isOpen === 1);
    const waiting = open.map(({ owner }) => owner);
    const throughout = waiting.filter((owner) => this.#waited.includes(owner));
    const given = throughout.map(
      (owner) => (this.#book.given.get(owner) ?? 0) - (this.#given.get(owner) ?? 0),
    );
    if (given.length > 1) this.intervals.push({ owners: given.length, index: jain(given) });
    this.#waited = waiting;
    this.#given = new Map(this.#book.given);
  }

  #queues(): Promise<QueueRow[]> {
    return this.#database('queues')
      .select<QueueRow[]>('owner', 'virtual_time', 'is_open')
      .where({ priority: 0 })
      .where('waiting', '>', 0);
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
