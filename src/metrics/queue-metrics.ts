/** Figures that the database knows: the same from every process that is asked. */
import { Gauge, type Registry } from 'prom-client';
import { successors, type JobStatus } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { LeaseStore } from '../jobs/lease-store.ts';
import { within } from '../within.ts';

export interface QueueStores {
  readonly store: Pick<JobStore, 'countByStatus' | 'waiting' | 'oldestWaiting'>;
  readonly leases: Pick<LeaseStore, 'held'>;
}

const statuses = Object.keys(successors) as JobStatus[];
/** Less than the 10 s that Prometheus waits for a scrape. */
const patienceMs = 3000;

export class QueueMetrics {
  readonly #jobs: Gauge<'status'>;
  readonly #now: () => number;
  readonly #queue: Gauge;
  readonly #windows: Gauge<'priority'>;
  readonly #oldest: Gauge;
  readonly #answers: Gauge;

  /** `now` is the clock that the times of jobs come from (ms since 1970). */
  constructor(registry: Registry, now: () => number) {
    this.#now = now;
    const registers = [registry];
    this.#jobs = new Gauge({
      name: 'cloudmask_jobs',
      help: 'Jobs in the database, by status.',
      labelNames: ['status'],
      registers,
    });
    this.#queue = new Gauge({
      name: 'cloudmask_queue_length',
      help: 'Jobs that wait for a worker: for their first attempt, or for another one.',
      registers,
    });
    this.#windows = new Gauge({
      name: 'cloudmask_queue_windows',
      help: 'Windows of the network that jobs need which wait for their first attempt, by priority.',
      labelNames: ['priority'],
      registers,
    });
    this.#oldest = new Gauge({
      name: 'cloudmask_queue_oldest_seconds',
      help: 'For how long the job waits that waits longest for its first attempt; 0 when none does.',
      registers,
    });
    this.#answers = new Gauge({
      name: 'cloudmask_database_up',
      help: '1 when the database answered this scrape.',
      registers,
    });
  }

  /** Nothing is known: neither old figures nor zeros are told. */
  forget(): void {
    this.#jobs.reset();
    this.#windows.reset();
    for (const gauge of [this.#queue, this.#oldest, this.#answers]) gauge.remove();
  }

  /** Asks anew. Never rejects: without an answer there are no figures rather than old ones. */
  async refresh({ store, leases }: QueueStores): Promise<void> {
    this.forget();
    try {
      const asked = Promise.all([
        store.countByStatus(),
        leases.held(),
        store.waiting(),
        store.oldestWaiting(),
      ]);
      const [counts, held, waiting, oldest] = await within(patienceMs, asked);
      for (const status of statuses) this.#jobs.set({ status }, counts[status] ?? 0);
      // A job whose worker is gone waits although it is said to be running.
      const abandoned = Math.max(0, (counts.running ?? 0) - held.length);
      this.#queue.set((counts.accepted ?? 0) + abandoned);
      for (const { priority, windows } of waiting) this.#windows.set({ priority }, windows);
      const sinceMs = oldest === undefined ? 0 : this.#now() - Date.parse(oldest);
      this.#oldest.set(Math.max(0, sinceMs) / 1000);
      this.#answers.set(1);
    } catch {
      this.#answers.set(0);
    }
  }
}
