/** Loaded into a real server or worker before it starts (`node --import`): its leases are short, so that a test need not wait. */
import { leaseTimes } from '../../src/jobs/lease-keeper.ts';

Object.assign(leaseTimes, { leaseMs: 8000, heartbeatMs: 500, lookMs: 500, workerLookMs: 500 });
