/** The one loop that takes accepted jobs and runs them, a few at once. */
import { randomUUID } from 'node:crypto';
import type { Log } from '../log.ts';
import type { AttemptEnd } from './attempt-end.ts';
import { Attempt, type AttemptTools } from './attempt.ts';

export interface WorkerSettings {
  readonly maxRunning: number;
  /** A job may be accepted without a wake-up (by an earlier server): look by ourselves as often. */
  readonly pollIntervalMs: number;
}

export class Worker {
  readonly #tools: AttemptTools;
  readonly #settings: WorkerSettings;
  readonly #log: Log;
  readonly #running = new Map<string, { attempt: Attempt; done: Promise<void> }>();
  /** Ends that the store could not write yet. */
  #unwritten: readonly AttemptEnd[] = [];
  #isStopping = false;
  #wake: () => void = () => undefined;
  #loop: Promise<void> | undefined;

  constructor(tools: AttemptTools, settings: WorkerSettings) {
    this.#tools = tools;
    this.#settings = settings;
    this.#log = tools.log;
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  /** There may be something to do. */
  wake(): void {
    this.#wake();
  }

  /** Stops the running attempt of a job, if there is one here; resolves when its child is gone. */
  async cancel(jobId: string): Promise<void> {
    const entry = this.#running.get(jobId);
    entry?.attempt.cancel();
    await entry?.done;
  }

  /** Takes nothing more, interrupts what runs; resolves when no child is left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#loop;
    const entries = [...this.#running.values()];
    for (const entry of entries) entry.attempt.interrupt();
    await Promise.all(entries.map((entry) => entry.done));
    await this.#writeEnds();
  }

  async #work(): Promise<void> {
    while (!this.#isStopping) {
      const woken = this.#sleep();
      await this.#writeEnds();
      const isBusy = await this.#takeOne().catch((err: unknown) => {
        this.#log.error({ err }, 'Worker:ClaimFailed');
        return false;
      });
      if (isBusy) this.#wake();
      await woken;
    }
  }

  /** Takes a job if there is one and a slot is free. */
  async #takeOne(): Promise<boolean> {
    if (this.#running.size >= this.#settings.maxRunning) return false;
    const token = randomUUID();
    const job = await this.#tools.store.claim(token);
    if (job === undefined) return false;
    const attempt = new Attempt(job, token, this.#tools);
    // The slot stays taken until the child is gone.
    this.#running.set(job.id, { attempt, done: this.#complete(attempt) });
    return true;
  }

  async #complete(attempt: Attempt): Promise<void> {
    const end = await attempt.complete();
    if (end !== undefined && !(await end.write())) this.#unwritten = [...this.#unwritten, end];
    this.#running.delete(attempt.job.id);
    this.#wake();
  }

  async #writeEnds(): Promise<void> {
    const ends = this.#unwritten;
    this.#unwritten = [];
    for (const end of ends) {
      if (!(await end.write())) this.#unwritten = [...this.#unwritten, end];
    }
  }

  /** Resolves at the next wake-up (also one that comes before it is awaited) or poll. */
  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#settings.pollIntervalMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
