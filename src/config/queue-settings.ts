/** Settings of how much may wait and run. */
import * as parse from './parse.ts';
import { setting } from './setting.ts';

export const queueSettings = {
  maxRunningJobs: setting({
    name: 'MAX_RUNNING_JOBS',
    default: '1',
    unit: 'jobs',
    example: '2',
    meaning:
      'Jobs that this process runs at once; the others wait. With `DATABASE_URL` a server may run 0, and leave them to workers.',
    parse: parse.integer(0, 1000),
  }),
  maxQueuedJobs: setting({
    name: 'MAX_QUEUED_JOBS',
    default: '1000',
    unit: 'jobs',
    example: '100',
    meaning: 'Jobs that may wait; more are refused until there is room.',
    parse: parse.integer(1, 1_000_000),
  }),
  maxQueuedJobsPerOwner: setting({
    name: 'MAX_QUEUED_JOBS_PER_OWNER',
    default: '',
    defaultShown: 'as many as `MAX_QUEUED_JOBS`',
    example: '200',
    meaning: 'Jobs of one owner that may wait; more are refused with 429.',
    parse: parse.optionalInteger(1, 1_000_000),
  }),
  maxQueuedWindowsPerOwner: setting({
    name: 'MAX_QUEUED_WINDOWS_PER_OWNER',
    default: '',
    defaultShown: 'no limit',
    example: '200000',
    meaning:
      'Windows that the waiting jobs of one owner may need together; more are refused with 429. A Sentinel-2 tile has 484 (stride 512) to 29,584 (stride 64). One job may always wait.',
    parse: parse.optionalInteger(1, 1_000_000_000),
  }),
  maxRunningJobsPerOwner: setting({
    name: 'MAX_RUNNING_JOBS_PER_OWNER',
    default: '',
    defaultShown: 'no limit',
    example: '10',
    meaning:
      'Jobs of one owner that may run at once, on all workers together; the others wait. The same for all servers; it holds for an owner from the next job on.',
    parse: parse.optionalInteger(1, 1_000_000),
  }),
};
