/** What a database sees of so many workers, all of them busy: rates of the program's own intervals × measured costs. */
import { leaseTimes } from '../../src/jobs/lease-keeper.ts';
import { heldLeases } from './calibrate.ts';
import type { Meter } from './meter.ts';

/** Of a fleet. */
export interface Rates {
  readonly workers: number;
  /** Mean time of a job (s). */
  readonly jobSeconds: number;
  /** Between two reports of progress of a job (ms). */
  readonly progressMs: number;
  /** Between two looks of a worker that has room (ms). */
  readonly pollMs: number;
}

export interface Load {
  readonly kind: string;
  readonly meaning: string;
  readonly perSecond: number;
  readonly statements: number;
  /** As a client alone sees it; a look with as many leases as there are workers. */
  readonly ms: number;
}

/** Servers beside the workers. */
const servers = 2;
/** Between two questions of a prober or scraper to a server (s): both, as deploy/ sets them. */
const probeSeconds = 1 / (1 / 10 + 1 / 15);

export function loadOf(rates: Rates, meter: Meter): readonly Load[] {
  const { workers, jobSeconds, progressMs } = rates;
  const jobs = workers / jobSeconds;
  const { lookMs, workerLookMs } = leaseTimes;
  const looks = (1000 * servers) / lookMs + (1000 * workers) / workerLookMs;
  const row = (kind: string, meaning: string, perSecond: number, rows = 1): Load => {
    const { statements, ms } = meter.mean(kind);
    return { kind, meaning, perSecond, statements, ms: ms * rows };
  };
  return [
    row('accept', 'jobs accepted', jobs),
    row('claim', 'claims', jobs),
    row('finish', 'ends', jobs),
    row('renew', 'heartbeats', (workers * 1000) / leaseTimes.heartbeatMs),
    row('report', 'progress', (workers * 1000) / progressMs),
    row('look', 'looks at all leases', looks, workers / heldLeases),
    row('count', 'probes and scrapes of servers', servers / probeSeconds),
    row('answer', 'probes of workers', workers / 10),
  ];
}

/** Instead of claims, heartbeats, progress and ends, where all are idle. */
export function idlePolls({ workers, pollMs }: Rates, meter: Meter): Load {
  const perSecond = (workers * 1000) / pollMs;
  return {
    kind: 'poll',
    meaning: 'looks for work, if all are idle',
    perSecond,
    ...meter.mean('poll'),
  };
}
