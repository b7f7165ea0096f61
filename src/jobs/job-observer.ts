/** What happens to jobs in this process, told to whoever makes figures of it. Knows nothing of who that is. */
import type { FailureKind } from './child-protocol.ts';
import type { RunEnd } from './child-run.ts';
import type { Outcome } from './job-store.ts';
import type { AfterLoss, ClaimedJob } from './lease-store.ts';

/** What the end of an attempt means for its job. */
export type AttemptResult =
  | { readonly kind: 'finished'; readonly outcome: Outcome }
  /** `cause` is why the attempt was lost; `after` says whether there is another one. */
  | { readonly kind: 'lost'; readonly cause: FailureKind; readonly after: AfterLoss }
  /** Given back unfinished, by no fault. */
  | { readonly kind: 'handed-back' };

/** What one child was started for. */
export type Stage = 'bring' | 'compute' | 'check-delivery' | 'deliver' | 'withdraw';

/** What became of one try of a callback: taken, to be tried again, or given up. */
export type CallbackOutcome = 'delivered' | 'postponed' | 'given-up';

/** Its methods are called where work is done: they are quick and throw nothing. */
export interface JobObserver {
  accepted(processId: string): void;
  dismissed(): void;
  /** This process took a job, for its first or another attempt. */
  claimed(job: ClaimedJob): void;
  stageEnded(stage: Stage, end: RunEnd['kind'], durationMs: number): void;
  /** Bytes that lie in scratch after what the inputs name was brought. */
  brought(bytes: number): void;
  /** The end of an attempt of this process was written. */
  attemptEnded(job: ClaimedJob, result: AttemptResult): void;
  /** A worker, here or elsewhere, did not renew its lease and was found dead by this process. */
  leaseExpired(after: AfterLoss): void;
  /** A worker of this process was told that it holds its lease no more: the job was dismissed or taken over. */
  leaseRefused(): void;
  callbackTried(outcome: CallbackOutcome): void;
}
