import { anonymous } from './job.ts';

/** Who asks, and what is granted to them: found by authentication, or the same for everybody where there is none. */
export interface Caller {
  /** Whose jobs they see and make: `anonymous`, or a name that authentication gives. */
  readonly owner: string;
  /** Of the jobs that are accepted for them: higher ones are taken first. 0 where absent. */
  readonly priority?: number;
  /** Jobs of theirs that may wait at once; the setting for everybody where absent. */
  readonly maxQueued?: number;
  /** Jobs of theirs that may run at once, on all workers together; the setting for everybody where absent. */
  readonly maxRunning?: number;
}

/** Those who do not say who they are. */
export const anonymousCaller: Caller = { owner: anonymous };
