/** Loaded (`--import`) into servers and workers that share a database: what they wait for takes seconds, not minutes. */
import { defaultDelaysMs, tryTimes } from '../../src/jobs/callback-sender.ts';
import { leaseTimes } from '../../src/jobs/lease-keeper.ts';

Object.assign(leaseTimes, { leaseMs: 3000, heartbeatMs: 400, lookMs: 400 });
Object.assign(tryTimes, { longestMs: 1000, holdMs: 3000 });
Object.assign(defaultDelaysMs, Array(defaultDelaysMs.length).fill(1000));
