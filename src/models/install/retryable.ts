/** The server or the way to it failed in a manner that may pass. */
export class Retryable extends Error {
  /** What the server asks to wait at least. */
  readonly pauseMs: number | undefined;
  constructor(message: string, options: { cause?: unknown; pauseMs?: number | undefined } = {}) {
    super(message, { cause: options.cause });
    this.pauseMs = options.pauseMs;
  }
}
