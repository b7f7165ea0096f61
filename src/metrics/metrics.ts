/** All figures of this process, in Prometheus' text format. This folder is the only one that knows prom-client. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ObserveRequest } from '../http/observed-request.ts';
import { httpMetrics } from './http-metrics.ts';
import { JobMetrics } from './job-metrics.ts';
import { QueueMetrics, type QueueStores } from './queue-metrics.ts';

/** What this process can tell of its worker. */
export interface Slots {
  /** Attempts that occupy a slot. */
  readonly running: number;
}

export interface Watched {
  /** What counts jobs in the database: in servers only, which are few. */
  readonly queue?: QueueStores;
  readonly worker: Slots;
  /** Slots there are. */
  readonly maxRunning: number;
}

export class Metrics {
  readonly jobs: JobMetrics;
  readonly observeRequest: ObserveRequest;
  readonly #registry = new Registry();
  readonly #queue: QueueMetrics;
  readonly #running: Gauge;
  readonly #slots: Gauge;
  #watched: Watched | undefined;

  constructor(version: string, now: () => Date) {
    const registers = [this.#registry];
    // Memory, CPU, handles, garbage collection and the lag of the event loop, by the names that all of Node.js uses.
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: 'cloudmask_build_info',
      help: 'Always 1; the version is in the label.',
      labelNames: ['version'],
      registers,
    }).set({ version }, 1);
    this.#running = new Gauge({
      name: 'cloudmask_worker_running',
      help: 'Attempts that run in this process.',
      registers,
    });
    this.#slots = new Gauge({
      name: 'cloudmask_worker_slots',
      help: 'Attempts that may run in this process at once.',
      registers,
    });
    const nowMs = (): number => now().getTime();
    this.jobs = new JobMetrics(this.#registry, nowMs);
    this.observeRequest = httpMetrics(this.#registry);
    this.#queue = new QueueMetrics(this.#registry, nowMs);
  }

  /** What is looked at with every scrape from now on. */
  watch(watched: Watched): void {
    this.#watched = watched;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything as it is now. Never rejects for want of a database. */
  async text(): Promise<string> {
    if (this.#watched !== undefined) {
      const { queue, worker, maxRunning } = this.#watched;
      if (queue === undefined) this.#queue.forget();
      else await this.#queue.refresh(queue);
      this.#running.set(worker.running);
      this.#slots.set(maxRunning);
    }
    return this.#registry.metrics();
  }
}
