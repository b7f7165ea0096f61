/**
 * Standard output as the place of log lines. Nothing waits for its reader: what a slow one does not take yet is kept. One that
 * is gone ends the log and nothing else.
 */
import { writeSync } from 'node:fs';

/** Between two tries while the reader takes nothing. */
const retryMs = 10;
/** How long the end of the process waits for a reader that takes nothing. */
const patienceMs = 2000;
/** More characters are not kept: a reader that stands still may not cost all memory. */
const mostWaiting = 16 * 1024 * 1024;

const pausing = new Int32Array(new SharedArrayBuffer(4));

export class LogOutput {
  readonly #fd: number;
  /** Comes before what waits; a part of it may be written. */
  #begun: Buffer = Buffer.alloc(0);
  #waiting = '';
  /** Lines that were not kept and of which nothing is said yet. */
  #lost = 0;
  /** Bytes. */
  #written = 0;
  #retry: NodeJS.Timeout | undefined;
  #isGone = false;

  /** @param fd should not block; Node.js sees to that for pipes when `process.stdout` is first used */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Takes a line, with its end. Never throws. */
  write(line: string): void {
    if (this.#isGone) return;
    if (this.#waiting.length < mostWaiting) this.#waiting += line;
    else this.#lost += 1;
    if (this.#retry === undefined) this.#goOn();
  }

  /** Waits until everything is written or the reader takes nothing any more; for the end of the process. */
  finish(): void {
    let written = this.#written;
    for (let idleMs = 0; !this.#writeAll() && idleMs < patienceMs; idleMs += retryMs) {
      if (this.#written > written) idleMs = 0;
      written = this.#written;
      Atomics.wait(pausing, 0, 0, retryMs);
    }
  }

  #goOn(): void {
    this.#retry = undefined;
    if (!this.#writeAll()) this.#retry = setTimeout(() => this.#goOn(), retryMs).unref();
  }

  /** False where something is left that can be written later. */
  #writeAll(): boolean {
    try {
      while (this.#hasNext()) {
        const bytes = writeSync(this.#fd, this.#begun);
        this.#written += bytes;
        this.#begun = this.#begun.subarray(bytes);
      }
      return true;
    } catch (error) {
      // A full pipe or disk can have room again; a pipe never has another reader.
      this.#isGone = (error as NodeJS.ErrnoException).code === 'EPIPE';
      return this.#isGone;
    }
  }

  #hasNext(): boolean {
    if (this.#begun.length > 0) return true;
    if (this.#lost > 0) this.#waiting += linesLost(this.#lost);
    this.#begun = Buffer.from(this.#waiting);
    this.#waiting = '';
    this.#lost = 0;
    return this.#begun.length > 0;
  }
}

function linesLost(lines: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 40, time, lines, msg: 'Log:LinesLost' })}\n`;
}
