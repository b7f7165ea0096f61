/** Who asks for something: found by authentication, or the same for everybody where there is none. */
export interface Caller {
  readonly owner: string;
  /** Of the jobs that are accepted for it: higher ones are taken first. 0 where absent. */
  readonly priority?: number;
  /** Jobs that may wait at once; the setting for everybody where absent. */
  readonly maxQueued?: number;
  /** Jobs that may run at once, on all workers together; the setting for everybody where absent. */
  readonly maxRunning?: number;
}
