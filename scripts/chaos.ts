/** `npm run chaos`: the crash test. Kills servers, supervisors and children, and counts what should not have happened. */
import { randomInt } from 'node:crypto';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { killsIn, table } from './chaos/report.ts';
import { runChaos, type Outcome } from './chaos/run.ts';

const help = `Usage: npm run chaos [-- options]

Kills (kill -9), stops (SIGSTOP, SIGCONT) and ends (SIGTERM) servers, supervisors and children at random and at chosen
moments while users execute and dismiss jobs. Then everything may come to its end, and each accepted job has to be in one
terminal state, with one published result if it succeeded, and nothing else may be left: no file, no lease, no process.
Works in a folder below the system's for temporary files. Linux only. 500 kills take about a quarter of an hour.

On PostgreSQL, of which it starts one of its own, two servers and four workers share the jobs. Their leases are short. PostgreSQL
is killed as well, connections to it are cut or held up, and callbacks have to arrive although their servers die.

Options:
  --database <sqlite, postgres>
               what jobs are kept in (default sqlite)
  --kills <n>  so many kill -9 at least (default 500); each kind comes at least once
  --seed <n>   repeats the choice of kinds and moments (default: drawn, and printed)
  --help       prints this

Prints a table, and ends with 0 if nothing happened that should not.
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '500' },
      database: { type: 'string', default: 'sqlite' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const [kills, seed] = [Number(values.kills), Number(values.seed)];
  const { database } = values;
  if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
    process.stderr.write(`--kills and --seed are integers.\n\n${help}`);
    return 2;
  }
  if (database !== 'sqlite' && database !== 'postgres') {
    process.stderr.write(`--database is sqlite or postgres.\n\n${help}`);
    return 2;
  }
  say(`Seed ${seed}`);
  let told = 0;
  const progress = (done: number): void => {
    if (done < told + 25) return;
    told = done;
    say(`${done} of ${kills} kills`);
  };
  const outcome = await runChaos({ kills, seed, database, progress });
  say(`\n${table(outcome.strikes, outcome.outcomes)}\n${summary(outcome)}`);
  return outcome.violations.length === 0 ? 0 : 1;
}

function summary({ strikes, outcomes, violations, folder, seconds }: Outcome): string {
  const ends = [...outcomes.values()];
  const jobs = [...new Set(ends)]
    .map((status) => `${ends.filter((one) => one === status).length} ${status}`)
    .join(', ');
  const left = violations.length === 0 ? [] : [...violations, `Kept for a look: ${folder}`];
  return [
    `${killsIn(strikes)} kill -9 among ${strikes.length} strikes, in ${Math.round(seconds)} s.`,
    `${outcomes.size} jobs: ${jobs}.`,
    `${violations.length} violations.`,
    ...left,
  ].join('\n');
}

// What was started ends with this process: see `run.ts`.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(130));
// A connection that was held up on purpose may not hold this process up.
process.exit(await main(process.argv.slice(2)));
