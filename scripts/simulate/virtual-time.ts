/** A clock that jumps from event to event: what is waited for costs no time. */
export interface Event {
  readonly atMs: number;
  /** Of events at the same time the one that was planned first happens first. */
  readonly turn: number;
  readonly happen: () => Promise<void>;
  isCancelled: boolean;
}

export class VirtualTime {
  /** ms since 1970. */
  nowMs: number;
  /** A heap: each event is not later than its two children, 2i + 1 and 2i + 2. */
  readonly #events: Event[] = [];
  #turn = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  readonly now = (): Date => new Date(this.nowMs);

  after(delayMs: number, happen: () => Promise<void>): Event {
    const atMs = this.nowMs + Math.max(0, delayMs);
    const event = { atMs, turn: (this.#turn += 1), happen, isCancelled: false };
    this.#events.push(event);
    this.#rise(this.#events.length - 1);
    return event;
  }

  /** Lets everything happen, one thing after the other, until `isOver` says so. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const event = this.#take();
      if (event === undefined) return;
      if (event.isCancelled) continue;
      this.nowMs = event.atMs;
      await event.happen();
    }
  }

  #take(): Event | undefined {
    const [first] = this.#events;
    const last = this.#events.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#events[0] = last;
    this.#sink();
    return first;
  }

  #rise(index: number): void {
    const parent = (index - 1) >> 1;
    if (index === 0 || !this.#isBefore(index, parent)) return;
    this.#swap(index, parent);
    this.#rise(parent);
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2])
        if (child < this.#events.length && this.#isBefore(child, least)) least = child;
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#at(a), this.#at(b)];
    return one.atMs < other.atMs || (one.atMs === other.atMs && one.turn < other.turn);
  }

  #swap(a: number, b: number): void {
    [this.#events[a], this.#events[b]] = [this.#at(b), this.#at(a)];
  }

  #at(index: number): Event {
    const event = this.#events[index];
    if (event === undefined) throw new Error(`There is no event ${index}.`);
    return event;
  }
}
