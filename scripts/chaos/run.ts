/** One run of the crash test, in a folder of its own. */
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { killAll } from './processes.ts';
import { killsIn } from './report.ts';
import { strikeFleet } from './fleet-part.ts';
import { strikeServer, type PartOptions } from './server-part.ts';
import type { Strike } from './strikes.ts';
import { strikeSupervisors } from './supervisors-part.ts';
import type { Findings } from './verify.ts';

export interface RunOptions {
  /** What is struck: servers that are alone and supervisors on SQLite, or servers and workers on PostgreSQL. */
  readonly database: 'sqlite' | 'postgres';
  /** So many kill -9 at least; each kind of strike comes at least once. */
  readonly kills: number;
  /** Of the draws. */
  readonly seed: number;
  /** Hears how many kill -9 there were so far. */
  readonly progress?: (kills: number) => void;
}

export interface Outcome {
  readonly strikes: readonly Strike[];
  /** State of each job in the end. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** What should not be; then the folder is kept. */
  readonly violations: readonly string[];
  readonly folder: string;
  readonly seconds: number;
}

interface Part {
  readonly name: string;
  readonly strike: (options: PartOptions) => Promise<Findings>;
  /** Of the kills. */
  readonly share: number;
}

/** They run at the same time. On SQLite a server is slow to start: most kills are of supervisors. */
const parts: Readonly<Record<RunOptions['database'], readonly Part[]>> = {
  sqlite: [
    { name: 'server', strike: strikeServer, share: 0.3 },
    { name: 'supervisors', strike: strikeSupervisors, share: 0.7 },
  ],
  postgres: [{ name: 'fleet', strike: strikeFleet, share: 1 }],
};

/** @throws Error where processes cannot be told apart (not Linux), or a part cannot go on */
export async function runChaos({ kills, seed, database, progress }: RunOptions): Promise<Outcome> {
  if (process.platform !== 'linux') throw new Error('The crash test runs on Linux only.');
  const startMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'cloudmask-chaos-'));
  const strikes: Strike[] = [];
  const note = (strike: Strike): void => {
    strikes.push(strike);
    appendFileSync(
      join(folder, 'strikes.log'),
      `${new Date().toISOString()} ${JSON.stringify(strike)}\n`,
    );
    progress?.(killsIn(strikes));
  };
  const places = parts[database].map(({ name }) => join(folder, name));
  const killLeft = (): void => {
    for (const place of places) killAll(join(place, 'tmp'));
  };
  process.once('exit', killLeft);
  try {
    const found = await Promise.all(
      parts[database].map(async ({ strike, share }, index) => {
        const place = places[index] ?? folder;
        const temporaryFolder = join(place, 'tmp');
        await mkdir(temporaryFolder, { recursive: true });
        const own = { folder: place, temporaryFolder, seed: seed + 1000 * index, note };
        return strike({ ...own, kills: Math.ceil(kills * share) });
      }),
    );
    const violations = found.flatMap((part) => part.violations);
    const outcomes = new Map(found.flatMap((part) => [...part.outcomes]));
    if (violations.length === 0) await rm(folder, { recursive: true });
    const seconds = (performance.now() - startMs) / 1000;
    return { strikes, outcomes, violations, folder, seconds };
  } catch (error) {
    throw new Error(`The run broke off; see ${folder}`, { cause: error });
  } finally {
    process.off('exit', killLeft);
    killLeft();
  }
}
