/** Trying again: how often, and after which pauses. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Cancelled } from '../errors.ts';
import { passingFault } from './fault.ts';

export interface Retries {
  readonly signal: AbortSignal;
  /** Tells of pauses. */
  readonly notice?: ((message: string) => void) | undefined;
  /** Pauses before the next attempts, in ms, each up to twice as long; after the last it fails. */
  readonly retryDelaysMs?: readonly number[] | undefined;
}

const defaultDelaysMs: readonly number[] = [1000, 2000, 4000, 8000, 16_000];

/** Counts failures one after the other. */
export class Attempts {
  readonly #retries: Retries;
  #failures = 0;

  constructor(retries: Retries) {
    this.#retries = retries;
  }

  /**
   * Waits after a failure. Whoever makes progress may go on as long as it takes.
   * @throws the failure itself where trying again would not help any more, Cancelled
   */
  async pauseAfter(failure: unknown, hasProgress: boolean): Promise<void> {
    const { signal, notice, retryDelaysMs = defaultDelaysMs } = this.#retries;
    const fault = passingFault(failure);
    this.#failures = hasProgress ? 1 : this.#failures + 1;
    const delayMs = retryDelaysMs[this.#failures - 1];
    if (fault === undefined || delayMs === undefined) throw failure;
    // Many that failed together shall not come back together.
    const pauseMs = Math.max(delayMs * (1 + Math.random()), fault.pauseMs ?? 0);
    notice?.(`${fault.message}; trying again in ${(pauseMs / 1000).toFixed(1)} s`);
    await sleep(pauseMs, undefined, { signal }).catch(() => {
      throw new Cancelled('The transfer was stopped.');
    });
  }
}

/** Repeats what brings nothing as long as it fails. */
export async function retrying<T>(retries: Retries, attempt: () => Promise<T>): Promise<T> {
  const attempts = new Attempts(retries);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      await attempts.pauseAfter(error, false);
    }
  }
}
