/** Wall-clock seconds spent in each stage of a run. Stages overlap, so they may add up to more than the total. */

export type Stage =
  'metadata' | 'read' | 'prepare' | 'network' | 'mosaic' | 'write' | 'cog' | 'pictures';

export class StageTimes {
  readonly #started = performance.now();
  readonly #milliseconds = new Map<Stage, number>();

  add(stage: Stage, milliseconds: number): void {
    this.#milliseconds.set(stage, (this.#milliseconds.get(stage) ?? 0) + milliseconds);
  }

  /** Runs `work` and adds its time to a stage. */
  async time<T>(stage: Stage, work: () => T | Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.add(stage, performance.now() - started);
    }
  }

  /** Seconds by stage, and in all since the start, with three decimals. */
  seconds(): Record<string, number> {
    const entries = [...this.#milliseconds].map(([stage, ms]) => [stage, round(ms)] as const);
    return { ...Object.fromEntries(entries), total: round(performance.now() - this.#started) };
  }
}

function round(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
