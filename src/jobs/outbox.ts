import type { Job } from './job.ts';

/** A message that must leave the system: written with the change that it tells of, gone when it was taken. */
export interface Callback {
  /** The same at every try, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly url: string;
  /** As it was when it reached the state that is told, without its inputs. */
  readonly job: Job;
  /** Tries that failed. */
  readonly tries: number;
}

/** The callbacks that are still to be delivered. What resolves is durable. */
export interface Outbox {
  /** Those whose time has come, longest due first. */
  due(limit: number): Promise<readonly Callback[]>;
  /** Makes it this sender's own for a while; false when another one was faster. */
  take(callback: Callback, holdMs: number): Promise<boolean>;
  /** It was not tried after all: whoever comes next may take it at once. */
  putBack(callback: Callback): Promise<void>;
  /** It was taken by its receiver, or is given up: there will be no further try. `line` goes to the log of the job. */
  close(callback: Callback, line: string): Promise<void>;
  /** There will be another try after `delayMs`. */
  postpone(callback: Callback, delayMs: number, line: string): Promise<void>;
}
