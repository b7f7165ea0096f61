/** What most jobs have in common where it does not matter. */
import { anonymous } from '../../src/jobs/job.ts';

export const ordinary = { owner: anonymous, priority: 0, cost: 1 } as const;
