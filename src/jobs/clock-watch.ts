/** Notices that the clock of the machine was set, by comparing it with the steady one that nobody can set. */

/** What a clock may gain in this time is not more than what its correction by the network is. */
const largestCorrectionMs = 600_000;

export class ClockWatch {
  readonly #now: () => Date;
  readonly #steadyMs: () => number;
  #difference: number;

  constructor(now: () => Date, steadyMs: () => number = () => performance.now()) {
    this.#now = now;
    this.#steadyMs = steadyMs;
    this.#difference = now().getTime() - steadyMs();
  }

  /** True when the clock was set since the last look. What it says from now on counts. */
  wasSet(): boolean {
    const before = this.#difference;
    this.#difference = this.#now().getTime() - this.#steadyMs();
    return Math.abs(this.#difference - before) > largestCorrectionMs;
  }
}
