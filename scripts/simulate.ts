/** `npm run simulate`: a day with many users and many machines, with the real scheduler, in virtual time. */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { pollIntervalMs, progressIntervalMs } from '../src/jobs/worker-times.ts';
import { calibrate } from './simulate/calibrate.ts';
import { withDatabase } from './simulate/database.ts';
import { simulateDay, tileSeconds } from './simulate/day.ts';
import { ordinaryFaults } from './simulate/machine.ts';
import { bottleneck, loadTable, outcome, waitsTable } from './simulate/report.ts';

const help = `Usage: npm run simulate [-- options]

A day of the Sentinel-2 archive: one user orders most of it, every six hours; small users order what they need; one has
priority. Workers die, and lose their network for a while. Claims, renewals, ends, quotas and the watch over leases are the
program's own, on a real database; only computing is waiting, in virtual time, as long as the README measured. Then the
statements that were counted and timed on the way are multiplied: what a database sees of so many workers in a second.

Options:
  --tiles <n>            tiles of the day (default 10000)
  --workers <n>          machines that compute one job each (default 200)
  --owners <n>           small users (default 24)
  --bulk-most <n>        jobs of the bulk user that may run at once (default 160)
  --life-hours <n>       mean life of a machine (default 6)
  --seed <n>             repeats the day (default 1)
  --postgres             on a PostgreSQL that is started for it, where one is installed
  --database-url <url>   on this PostgreSQL: an empty database
  --help                 prints this

Without --postgres and --database-url it is SQLite in memory. Ends with 0 if no job was lost, doubled or over a limit.
`;

const text = (byDefault: string) => ({ type: 'string', default: byDefault }) as const;

/** Those with a default are integers from 1. */
const options = {
  tiles: text('10000'),
  workers: text('200'),
  owners: text('24'),
  'bulk-most': text('160'),
  'life-hours': text('6'),
  seed: text('1'),
  postgres: { type: 'boolean', default: false },
  'database-url': { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options });
  if (values.help) return say(help);
  const wrong = Object.entries(values).find(
    ([name, value]) =>
      name !== 'database-url' && typeof value === 'string' && !/^[1-9]\d*$/.test(value),
  );
  if (wrong !== undefined) {
    process.stderr.write(`--${wrong[0]} is an integer from 1.\n\n${help}`);
    return 2;
  }
  const where = { isPostgres: values.postgres, url: values['database-url'] };
  return withDatabase(where, async (database) => {
    const day = await simulateDay(database, {
      hours: 24,
      tiles: Number(values.tiles),
      workers: Number(values.workers),
      smallOwners: Number(values.owners),
      bulkMost: Number(values['bulk-most']),
      seed: Number(values.seed),
      claimsPerLook: 20,
      faults: { ...ordinaryFaults, lifeHours: Number(values['life-hours']) },
    });
    await calibrate(database, day.meter, day.book);
    const rates = {
      jobSeconds: tileSeconds(841),
      progressMs: progressIntervalMs.shared,
      pollMs: pollIntervalMs,
    };
    say(`${waitsTable(day)}\n\n${outcome(day)}\n`);
    say(
      `${loadTable(day, rates)}\n\n${bottleneck(day, { ...rates, workers: 200 })}\n${bottleneck(day, { ...rates, workers: 1000 })}`,
    );
    return day.violations.length === 0 ? 0 : 1;
  });
}

function say(words: string): number {
  process.stdout.write(`${words}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
