/** Finds attempts whose worker is dead, and gives their jobs to the living. */
import type { Log } from '../log.ts';
import { afterLoss, interrupted } from './failures.ts';
import type { JobObserver } from './job-observer.ts';
import type { AfterLoss, HeldLease, LeaseStore } from './lease-store.ts';

export interface LeaseWatchTools {
  readonly leases: LeaseStore;
  readonly log: Log;
  readonly observer?: JobObserver;
  readonly leaseMs: number;
  /** Between two looks. */
  readonly intervalMs: number;
  /** There is something to claim. */
  readonly onLost: () => void;
}

/**
 * A lease has ended when this process has seen it unchanged for its whole length, by its own steady clock: so no wall
 * clock that is wrong or jumps, here or there, ends one or keeps one alive.
 */
export class LeaseWatch {
  readonly #tools: LeaseWatchTools;
  readonly #now: () => number;
  /** Since when each lease is seen as it is (ms). */
  #seen = new Map<string, number>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  /** `now` is a clock that never jumps (ms). */
  constructor(tools: LeaseWatchTools, now: () => number = () => performance.now()) {
    this.#tools = tools;
    this.#now = now;
  }

  start(): void {
    const { intervalMs, log } = this.#tools;
    this.#timer ??= setInterval(() => {
      this.#looking = this.#looking
        .then(() => this.look())
        .catch((err: unknown) => log.error({ err }, 'Leases:NotWatched'));
    }, intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async look(): Promise<void> {
    const nowMs = this.#now();
    const { leases, leaseMs, intervalMs } = this.#tools;
    const held = await leases.held();
    // Who slept or could not ask saw nothing: the workers may not have got through either, and get the time to say that
    // they are alive.
    if (nowMs - this.#lastMs > 3 * intervalMs) this.#seen.clear();
    this.#lastMs = nowMs;
    const seen = new Map(
      held.map((one) => [keyOf(one), this.#seen.get(keyOf(one)) ?? nowMs] as const),
    );
    this.#seen = seen;
    for (const one of held)
      if (nowMs - (seen.get(keyOf(one)) ?? nowMs) >= leaseMs) await this.#lose(one);
  }

  async #lose(held: HeldLease): Promise<void> {
    if (await loseLease(this.#tools, held)) this.#tools.onLost();
  }
}

function keyOf({ lease, untilMs }: HeldLease): string {
  return `${lease.jobId} ${lease.token} ${untilMs}`;
}

type LossTools = Pick<LeaseWatchTools, 'leases' | 'log' | 'observer'>;

async function loseLease({ leases, log, observer }: LossTools, held: HeldLease): Promise<boolean> {
  const next = afterLoss(interrupted, held.lostAttempts);
  const after: AfterLoss = next ?? { kind: 'fail', failure: interrupted };
  if (!(await leases.lose(held.lease, after, held.untilMs))) return false;
  const { jobId, attempt } = held.lease;
  log.warn({ jobId, attempt, holder: held.worker }, 'Lease:Expired');
  observer?.leaseExpired(after);
  return true;
}

/** Ends every lease at once, or those of one worker: to be called where it is known that it is dead. */
export async function loseAll(tools: LossTools, worker?: string): Promise<void> {
  const held = await tools.leases.held();
  for (const one of held)
    if (worker === undefined || one.worker === worker) await loseLease(tools, one);
}
