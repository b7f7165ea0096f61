import type { Caller } from '../jobs/caller.ts';

/** Who asks, and how often they may. */
export interface Grant extends Caller {
  /** Absent: as the settings have it. */
  readonly requestsPerMinute?: number;
}
