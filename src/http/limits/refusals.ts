import { MemoryStore, type Options } from 'express-rate-limit';
import { TooManyRequests } from '../../errors.ts';
import { minuteMs, secondsUntil } from './minute.ts';

/** More than a client makes that asks on with a token that has expired, and far from a guess that could succeed. */
const mostPerMinute = 100;

/** Credentials that were refused, by address: who guesses has to wait, with right ones as well. */
export class Refusals {
  readonly #store = new MemoryStore();

  constructor() {
    this.#store.init({ windowMs: minuteMs } as Options);
  }

  /** @throws TooManyRequests */
  async check(address: string): Promise<void> {
    const found = await this.#store.get(address);
    if (found === undefined || found.totalHits < mostPerMinute) return;
    const seconds = secondsUntil(found.resetTime);
    throw new TooManyRequests('credentials that are not accepted', mostPerMinute, seconds);
  }

  async count(address: string): Promise<void> {
    await this.#store.increment(address);
  }
}
