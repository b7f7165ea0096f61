/** One run of the crash test: both parts at once, in a folder of their own. */
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { killAll } from './processes.ts';
import { killsIn } from './report.ts';
import { strikeServer } from './server-part.ts';
import type { Strike } from './strikes.ts';
import { strikeSupervisors } from './supervisors-part.ts';

export interface RunOptions {
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

/** A server is slow to start: most kills are of supervisors. */
const serverShare = 0.3;

/** @throws Error where processes cannot be told apart (not Linux), or a part cannot go on */
export async function runChaos({ kills, seed, progress }: RunOptions): Promise<Outcome> {
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
  const options = async (name: string, share: number) => {
    const temporaryFolder = join(folder, name, 'tmp');
    await mkdir(temporaryFolder, { recursive: true });
    return { folder: join(folder, name), temporaryFolder, kills: Math.ceil(kills * share), note };
  };
  const server = await options('server', serverShare);
  const supervisors = await options('supervisors', 1 - serverShare);
  const killLeft = (): void => {
    for (const { temporaryFolder } of [server, supervisors]) killAll(temporaryFolder);
  };
  process.once('exit', killLeft);
  try {
    const parts = await Promise.all([
      strikeServer({ ...server, seed }),
      strikeSupervisors({ ...supervisors, seed: seed + 1000 }),
    ]);
    const violations = parts.flatMap((part) => part.violations);
    const outcomes = new Map(parts.flatMap((part) => [...part.outcomes]));
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
