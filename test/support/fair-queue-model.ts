/** Start-time fair queueing in memory, as plainly as it can be said: what the store is compared with. */
export interface ModelJob {
  readonly id: string;
  readonly owner: string;
  readonly priority: number;
  readonly cost: number;
}

interface Flow {
  readonly owner: string;
  readonly priority: number;
  readonly waiting: ModelJob[];
  virtualTime: number;
  isOpen: boolean;
}

export class FairQueueModel {
  readonly running = new Map<string, ModelJob>();
  readonly #flows: Flow[] = [];
  readonly #most = new Map<string, number | undefined>();
  /** Jobs whose attempt was lost, in the order of their acceptance. */
  #again: ModelJob[] = [];
  readonly #accepted: string[] = [];

  add(job: ModelJob, maxRunning: number | undefined): void {
    this.#most.set(job.owner, maxRunning);
    this.#accepted.push(job.id);
    this.#flow(job).waiting.push(job);
    this.#openOrClose();
  }

  claim(): ModelJob | undefined {
    const job = this.#again.find(({ owner }) => this.#hasRoom(owner)) ?? this.#next();
    if (job === undefined) return undefined;
    this.#again = this.#again.filter((one) => one !== job);
    this.running.set(job.id, job);
    this.#flow(job).virtualTime += job.cost;
    this.#openOrClose();
    return job;
  }

  finish(id: string): void {
    this.running.delete(id);
    this.#openOrClose();
  }

  lose(id: string): void {
    const job = this.running.get(id);
    if (job === undefined) throw new Error(`${id} does not run`);
    this.#again = [...this.#again, job].toSorted(
      (a, b) =>
        b.priority - a.priority || this.#accepted.indexOf(a.id) - this.#accepted.indexOf(b.id),
    );
    this.finish(id);
  }

  dismiss(id: string): void {
    this.#again = this.#again.filter((job) => job.id !== id);
    for (const { waiting } of this.#flows) {
      const index = waiting.findIndex((job) => job.id === id);
      if (index >= 0) waiting.splice(index, 1);
    }
    this.finish(id);
  }

  #next(): ModelJob | undefined {
    const open = this.#flows.filter(({ isOpen }) => isOpen);
    const highest = Math.max(...open.map(({ priority }) => priority));
    const [first] = open
      .filter(({ priority }) => priority === highest)
      .toSorted((a, b) => a.virtualTime - b.virtualTime || (a.owner < b.owner ? -1 : 1));
    return first?.waiting.shift();
  }

  #hasRoom(owner: string): boolean {
    const running = [...this.running.values()].filter((job) => job.owner === owner);
    return running.length < (this.#most.get(owner) ?? Infinity);
  }

  /** One flow changes at a time: there is never more than one owner whose flows do. */
  #openOrClose(): void {
    const before = this.#flows.map((flow) => ({ ...flow }));
    for (const flow of this.#flows) {
      const isOpen = flow.waiting.length > 0 && this.#hasRoom(flow.owner);
      if (isOpen && !flow.isOpen) {
        const same = before.filter(({ priority }) => priority === flow.priority);
        const open = same.filter((one) => one.isOpen).map(({ virtualTime }) => virtualTime);
        const all = same.map(({ virtualTime }) => virtualTime);
        const now = open.length > 0 ? Math.min(...open) : Math.max(...all);
        flow.virtualTime = Math.max(flow.virtualTime, now);
      }
      flow.isOpen = isOpen;
    }
  }

  #flow({ owner, priority }: ModelJob): Flow {
    const found = this.#flows.find((flow) => flow.owner === owner && flow.priority === priority);
    if (found !== undefined) return found;
    const flow: Flow = { owner, priority, waiting: [], virtualTime: 0, isOpen: false };
    this.#flows.push(flow);
    return flow;
  }
}
