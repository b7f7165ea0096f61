/** Figures that the database knows: the same from every process that is asked. */
import { Gauge, type Registry } from 'prom-client';
import { successors, type JobStatus } from '../jobs/job.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { LeaseStore } from '../jobs/lease-store.ts';
import { within } from '../within.ts';

export interface QueueStores {
  readonly store: Pick<JobStore, 'countByStatus'>;
  readonly leases: Pick<LeaseStore, 'held'>;
}

const statuses = Object.keys(successors) as JobStatus[];
/** Less than the 10 s that Prometheus waits for a scrape. */
const patienceMs = 3000;

export class QueueMetrics {
  readonly #jobs: Gauge<'status'>;
  readonly #queue: Gauge;
  readonly #answers: Gauge;

  constructor(registry: Registry) {
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
    this.#answers = new Gauge({
      name: 'cloudmask_database_up',
      help: '1 when the database answered this scrape.',
      registers,
    });
  }

  /** Asks anew. Never rejects: without an answer there are no figures rather than old ones. */
  async refresh({ store, leases }: QueueStores): Promise<void> {
    this.#jobs.reset();
    this.#queue.remove();
    try {
      const asked = Promise.all([store.countByStatus(), leases.held()]);
      const [counts, held] = await within(patienceMs, asked);
      for (const status of statuses) this.#jobs.set({ status }, counts[status] ?? 0);
      // A job whose worker is gone waits although it is said to be running.
      const abandoned = Math.max(0, (counts.running ?? 0) - held.length);
      this.#queue.set((counts.accepted ?? 0) + abandoned);
      this.#answers.set(1);
    } catch {
      this.#answers.set(0);
    }
  }
}
