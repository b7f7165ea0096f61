/**
 * Tells the workers of other processes that a job waits. Never the truth: the store of jobs is. What gets lost costs a
 * worker the time until it looks by itself.
 */
export interface Waker {
  /** From now on this process has room: `onReady` is called when a job may wait. Again without effect. */
  listen(onReady: () => void): void;
  /** From now on it has no room: others hear of jobs that wait. Again without effect. */
  pause(): void;
}
