/** Writes progress now and then: an integer that never falls, at most once in a while. */
export class ProgressWriter {
  readonly #write: (percent: number, message: string) => Promise<void>;
  readonly #intervalMs: number;
  readonly #onError: (error: unknown) => void;
  #percent = 0;
  #message = '';
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #writing: Promise<void> = Promise.resolve();

  /** `onError` hears of writes that failed: progress is worth a line in the log, not a job. */
  constructor(
    write: (percent: number, message: string) => Promise<void>,
    intervalMs: number,
    onError: (error: unknown) => void,
  ) {
    this.#write = write;
    this.#intervalMs = intervalMs;
    this.#onError = onError;
  }

  note(percent: number, message: string): void {
    if (this.#isClosed) return;
    const whole = Math.floor(Math.min(100, Math.max(0, percent || 0)));
    this.#percent = Math.max(this.#percent, whole);
    this.#message = message.slice(0, 500);
    const waitMs = this.#lastMs + this.#intervalMs - performance.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs);
  }

  /** No write happens after this resolves. Never rejects. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isClosed = true;
    await this.#writing;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastMs = performance.now();
    const [percent, message] = [this.#percent, this.#message];
    this.#writing = this.#writing.then(() => this.#write(percent, message)).catch(this.#onError);
  }
}
