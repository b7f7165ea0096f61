import { anonymous } from './job.ts';

/** Who asks, and what is granted to them. What is absent is as the settings of the server have it. */
export interface Caller {
  /** Whose jobs they see and make: `anonymous`, or a name that authentication gives. */
  readonly owner: string;
  /** Of their jobs; higher ones are taken first. */
  readonly priority?: number;
  /** Jobs of theirs that may wait at once. */
  readonly maxQueued?: number;
  /** Jobs of theirs that may run at once. */
  readonly maxRunning?: number;
}

/** Those who do not say who they are. */
export const anonymousCaller: Caller = { owner: anonymous };
