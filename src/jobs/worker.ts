/** The one loop that takes accepted jobs and runs them, a few at once. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { AttemptEnd } from './attempt-end.ts';
import { Attempt, type AttemptTools } from './attempt.ts';
import { LeaseKeeper, type LeaseTimes } from './lease-keeper.ts';
import type { Waker } from './waker.ts';

export interface WorkerSettings {
  /** Tells operators where a job runs. */
  readonly name: string;
  readonly times: LeaseTimes;
  /** With 0 this process runs no job. */
  readonly maxRunning: number;
  /** A job may be accepted without a wake-up (by an earlier server): look by ourselves as often. */
  readonly pollIntervalMs: number;
  /** Where other processes accept jobs as well. */
  readonly waker?: Waker;
  /** After the wish to stop, running jobs have as long to come to their end; then they are handed back. */
  readonly stopGraceMs: number;
}

interface Running {
  readonly attempt: Attempt;
  readonly done: Promise<void>;
}

/** An end that the store could not write yet; its lease is kept. */
interface Unwritten {
  readonly end: AttemptEnd;
  readonly keeper: LeaseKeeper;
}

export class Worker {
  readonly #tools: AttemptTools;
  readonly #settings: WorkerSettings;
  readonly #log: Log;
  /** By the token of the lease: a job that was taken over may come back while its old attempt still ends. */
  readonly #running = new Map<string, Running>();
  #unwritten: readonly Unwritten[] = [];
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

  /** Attempts that occupy a slot here. */
  get running(): number {
    return this.#running.size;
  }

  /** There may be something to do. */
  wake(): void {
    this.#wake();
  }

  /** Stops the running attempts of a job, if there are some here; resolves when their children are gone. */
  async cancel(jobId: string): Promise<void> {
    const entries = [...this.#running.values()].filter(({ attempt }) => attempt.job.id === jobId);
    for (const { attempt } of entries) attempt.cancel();
    await Promise.all(entries.map(({ done }) => done));
  }

  /** Takes nothing more, lets what runs end or hands it back; resolves when no child is left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#settings.waker?.pause();
    this.#wake();
    await this.#loop;
    const entries = [...this.#running.values()];
    const ended = Promise.all(entries.map(({ done }) => done));
    const late = new AbortController();
    const grace = sleep(this.#settings.stopGraceMs, undefined, { signal: late.signal });
    await Promise.race([ended, grace]);
    late.abort();
    grace.catch(() => undefined);
    for (const { attempt } of entries) attempt.interrupt();
    await ended;
    await this.#writeEnds();
    for (const { keeper } of this.#unwritten) keeper.letGo();
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
    const { maxRunning, name, times, waker } = this.#settings;
    if (this.#running.size >= maxRunning) {
      waker?.pause();
      return false;
    }
    // Before it looks, so that it hears of what comes just after.
    waker?.listen(() => this.wake());
    const token = randomUUID();
    const { leases } = this.#tools;
    const job = await leases.claim({ token, worker: name, leaseMs: times.leaseMs });
    if (job === undefined) return false;
    this.#tools.observer?.claimed(job);
    const attempt = new Attempt(job, token, this.#tools);
    const keeper = new LeaseKeeper(attempt.lease, { leases, times, log: this.#log }, () =>
      attempt.loseLease(),
    );
    // The slot stays taken until the child is gone.
    this.#running.set(token, { attempt, done: this.#complete(attempt, keeper) });
    return true;
  }

  async #complete(attempt: Attempt, keeper: LeaseKeeper): Promise<void> {
    const end = await attempt.complete();
    if (end === undefined) keeper.letGo();
    else await this.#write({ end, keeper });
    this.#running.delete(attempt.lease.token);
    this.#wake();
  }

  async #write(unwritten: Unwritten): Promise<void> {
    if (await unwritten.end.write()) unwritten.keeper.letGo();
    else this.#unwritten = [...this.#unwritten, unwritten];
  }

  async #writeEnds(): Promise<void> {
    const ends = this.#unwritten;
    this.#unwritten = [];
    for (const end of ends) await this.#write(end);
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
