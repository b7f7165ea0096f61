/** What a simulated day was like, for people. */
import type { Day } from './day.ts';
import type { OwnerClass } from './demand.ts';
import { percentile } from './fairness.ts';
import { idlePolls, loadOf, type Load, type Rates } from './load.ts';
import { table } from './table.ts';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const classNames: Readonly<Record<OwnerClass, string>> = {
  bulk: 'one bulk user, at most so many jobs at once',
  small: 'small users',
  urgent: 'one user of priority 10',
};

/** Who waited for how long. */
export function waitsTable({ wishes, book }: Day): string {
  const classes = (Object.keys(classNames) as OwnerClass[]).map((ownerClass) => {
    const own = wishes.filter((wish) => wish.ownerClass === ownerClass);
    const waits = book.waits.get(ownerClass) ?? [];
    const most = own[0]?.caller.maxRunning;
    return [
      classNames[ownerClass].replace('so many jobs', `${most} jobs`),
      whole(new Set(own.map(({ caller }) => caller.owner)).size),
      whole(own.length),
      whole(own.reduce((sum, { cost }) => sum + cost, 0)),
      ...[0.5, 0.95].map((share) => duration(percentile(waits, share))),
      duration(percentile(waits, 1)),
    ];
  });
  const head = ['who', 'owners', 'jobs', 'windows', 'wait p50', 'p95', 'longest'];
  return table(head, classes);
}

function duration(ms: number): string {
  const seconds = ms / 1000;
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${whole(seconds / 60)} min`;
}

/** What became of the day. */
export function outcome({ book, fairness, wishes, workers, startMs, violations }: Day): string {
  const { attempts, deaths, lost, refused, failed } = book.counts;
  const { intervals, greatestSpread } = fairness;
  const owners = intervals.reduce((sum, one) => sum + one.owners, 0);
  const jain = intervals.reduce((sum, one) => sum + one.index * one.owners, 0) / owners;
  const slotMs = workers * (book.lastEndMs - startMs);
  const largest = Math.max(...wishes.map(({ cost }) => cost));
  return [
    `Over after ${((book.lastEndMs - startMs) / 3_600_000).toFixed(1)} h; workers computed ${percent(book.usefulMs / slotMs)} of the time, and ${percent(book.lostMs / slotMs)} for nothing.`,
    `${whole(attempts)} attempts for ${whole(wishes.length)} jobs: ${whole(deaths)} machines died, ${whole(lost)} leases were lost and their jobs repeated; ${whole(failed)} jobs failed after three.`,
    `${whole(refused)} machines that had been cut off came back too late, and were refused.`,
    owners === 0
      ? 'Never did several owners wait for a whole interval.'
      : `Jain's index of the windows given to owners who waited for whole intervals of 5 minutes: ${jain.toFixed(3)} (1 is equal; ${whole(intervals.length)} intervals, ${(owners / intervals.length).toFixed(1)} owners each).`,
    `No owner was given more than ${whole(greatestSpread)} windows more than another while both waited (the largest job has ${whole(largest)}; the bound is two of them, and attempts that were repeated).`,
    ...(violations.length === 0 ? ['Jobs lost, doubled or over a limit: 0.'] : violations),
  ].join('\n');
}

const fleets = [10, 50, 200, 1000] as const;

/** What the database sees in a second. */
export function loadTable(day: Day, rates: Omit<Rates, 'workers'>): string {
  const columns = fleets.map((workers) => loadOf({ ...rates, workers }, day.meter));
  const [first = []] = columns;
  const rows = first.map((load, index) => [
    load.meaning,
    load.statements.toFixed(1),
    day.meter.mean(load.kind).ms.toFixed(2),
    ...columns.map((column) => rate(column[index]?.perSecond ?? 0)),
  ]);
  const sum = (name: string, of: (load: Load) => number): string[] => [
    name,
    '',
    '',
    ...columns.map((column) => rate(column.reduce((total, load) => total + of(load), 0))),
  ];
  const polls = fleets.map((workers) => idlePolls({ ...rates, workers }, day.meter));
  return table(
    ['in a second', 'statements', 'ms', ...fleets.map((workers) => `${workers} workers`)],
    [
      ...rows,
      sum('statements', (load) => load.perSecond * load.statements),
      sum('connections at work', (load) => (load.perSecond * load.ms) / 1000),
      [
        polls[0]?.meaning ?? '',
        polls[0]?.statements.toFixed(1) ?? '',
        polls[0]?.ms.toFixed(2) ?? '',
        ...polls.map(({ perSecond }) => rate(perSecond)),
      ],
    ],
  );
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(2) : whole(perSecond);
}

/** What takes most of the database's time with as many workers. */
export function bottleneck(day: Day, rates: Rates): string {
  const loads = loadOf(rates, day.meter).toSorted(
    (a, b) => b.perSecond * b.ms - a.perSecond * a.ms,
  );
  const busy = loads.reduce((sum, { perSecond, ms }) => sum + (perSecond * ms) / 1000, 0);
  const shown = loads
    .slice(0, 3)
    .map(({ meaning, perSecond, ms }) => `${meaning} ${percent((perSecond * ms) / 1000 / busy)}`);
  return `Most of the database's time with ${rates.workers} workers: ${shown.join(', ')}.`;
}
