/**
 * The promise, held against what lies in a data folder when everything has come to its end: every accepted job in one
 * terminal state, with one published result or none, and nothing else there. Reads tables and files, not the program.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectPostgres } from '../../src/database/connect-postgres.ts';
import { connectSqlite } from '../../src/database/connect.ts';
import type { JobRow } from '../../src/database/job-row.ts';
import type { Failure } from '../../src/jobs/child-protocol.ts';
import type { Results, StoredOutput } from '../../src/jobs/job.ts';
import type { Expected, ExpectedOutput } from './expected.ts';
import { processesOf } from './processes.ts';

export interface Findings {
  /** State by job. */
  readonly outcomes: ReadonlyMap<string, string>;
  readonly violations: readonly string[];
}

export interface Places {
  readonly dataDirectory: string;
  /** Where jobs are not kept in SQLite in that folder. */
  readonly databaseUrl?: string;
  /** That of all processes. */
  readonly temporaryFolder: string;
}

interface Tables {
  readonly rows: readonly JobRow[];
  readonly lines: readonly Line[];
}

interface Line {
  readonly job_id: string;
  readonly message: string;
}

/** A child of a server that was killed has as long to notice it. */
const longestEndMs = 20_000;
const beginning = /^Attempt (\d+) began\.$/;
const ending = /^The job (?:finished;|failed\.|was dismissed\.)/;
const endings: Readonly<Record<string, RegExp>> = {
  successful: /^The job finished;/,
  failed: /^The job failed\./,
  dismissed: /^The job was dismissed\./,
};

/** To be called when every process was asked to stop. */
export async function verify(places: Places, expected: readonly Expected[]): Promise<Findings> {
  const { dataDirectory, temporaryFolder } = places;
  const { rows, lines } = await read(places);
  const violations = [
    ...(await processesLeft(temporaryFolder)),
    ...jobsThatNobodyOrdered(rows, expected),
    ...(await filesLeft(places, rows)),
  ];
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const one of expected) {
    const row = byId.get(one.ids[0] ?? '');
    const found =
      one.ids.length === 1 && row !== undefined
        ? await faultsOf(row, one, {
            dataDirectory,
            lines: lines.filter((line) => line.job_id === row.id),
          })
        : [`its ids are ${one.ids.join(', ')}, and ${row === undefined ? 'no' : 'one'} row`];
    violations.push(...found.map((fault) => `Job ${one.ids.join(', ')}: ${fault}.`));
  }
  return { outcomes: new Map(rows.map(({ id, status }) => [id, status])), violations };
}

/** What the tables say of jobs. */
export async function read({ dataDirectory, databaseUrl }: Places): Promise<Tables> {
  const database =
    databaseUrl === undefined
      ? connectSqlite(join(dataDirectory, 'jobs.sqlite'))
      : connectPostgres(databaseUrl, { most: 1 });
  try {
    const rows = await database<JobRow, JobRow[]>('jobs');
    return { rows, lines: await database<Line, Line[]>('job_log').orderBy('id') };
  } finally {
    await database.destroy();
  }
}

async function processesLeft(temporaryFolder: string): Promise<string[]> {
  const deadline = performance.now() + longestEndMs;
  let left = processesOf(temporaryFolder);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(200);
    left = processesOf(temporaryFolder);
  }
  return left.map(
    ({ pid, state, command }) => `Process ${pid} is still alive, ${state}: ${command}.`,
  );
}

function jobsThatNobodyOrdered(rows: readonly JobRow[], expected: readonly Expected[]): string[] {
  const known = new Set(expected.flatMap(({ ids }) => ids));
  return rows.filter(({ id }) => !known.has(id)).map(({ id }) => `Nobody ordered the job ${id}.`);
}

/** Waits until the server that works there has removed what others left: it does so in the background. */
export async function untilTidy(places: Places): Promise<void> {
  const deadline = performance.now() + longestEndMs;
  while (performance.now() < deadline) {
    const { rows } = await read(places);
    if ((await filesLeft(places, rows)).length === 0) return;
    await sleep(200);
  }
}

/** Files that no row refers to, folders of attempts that were not published, and whatever lies in scratch. */
async function filesLeft(places: Places, rows: readonly JobRow[]): Promise<string[]> {
  const left = [...(await resultsLeft(places, rows)), ...(await scratchLeft(places))];
  return left.map((entry) => `Nothing refers to ${entry}.`);
}

async function resultsLeft({ dataDirectory }: Places, rows: readonly JobRow[]): Promise<string[]> {
  const published = new Map(rows.map((row) => [row.id, row]));
  const left: string[] = [];
  const kept = await entriesOf(join(dataDirectory, 'results', 'jobs'));
  for (const entry of kept) {
    const [jobId = '', attempt, ...rest] = entry.split('/');
    const row = published.get(jobId);
    const keys = row === undefined ? [] : keysOf(row);
    const isOwn =
      attempt === undefined
        ? row !== undefined
        : rest.length === 0
          ? keys.length > 0 && attempt === String(row?.attempt)
          : keys.includes(`jobs/${entry}`);
    if (!isOwn) left.push(`results/jobs/${entry}`);
  }
  return left;
}

/** In the folder of a server that is alone, and in those of processes that share the database and are gone. */
async function scratchLeft({ dataDirectory, temporaryFolder }: Places): Promise<string[]> {
  const scratch = (await readdir(dataDirectory)).filter((name) => name.startsWith('scratch'));
  const left = scratch.length > 1 ? scratch.filter((name) => name !== 'scratch') : [];
  const living = processesOf(temporaryFolder).map(({ pid }) => `-${pid}-`);
  const isLeft = (entry: string): boolean => living.every((pid) => !entry.includes(pid));
  for (const name of [...scratch, 'workers']) {
    const entries = await entriesOf(join(dataDirectory, name));
    left.push(...entries.filter(isLeft).map((entry) => `${name}/${entry}`));
  }
  return left;
}

async function entriesOf(folder: string): Promise<string[]> {
  return existsSync(folder) ? readdir(folder, { recursive: true }) : [];
}

function resultsOf({ result }: JobRow): Results {
  return result === null ? {} : (JSON.parse(result) as Results);
}

function keysOf(row: JobRow): string[] {
  return Object.values(resultsOf(row)).flatMap((one) => (one.kind === 'file' ? [one.key] : []));
}

interface Kept {
  readonly dataDirectory: string;
  readonly lines: readonly Line[];
}

async function faultsOf(row: JobRow, expected: Expected, kept: Kept): Promise<string[]> {
  const faults = [...stateFaults(row, expected), ...lineFaults(row, kept.lines)];
  if (row.status === 'successful') faults.push(...(await resultFaults(row, expected, kept)));
  else if (row.result !== null) faults.push(`it is ${row.status} and has results`);
  return faults;
}

function stateFaults(row: JobRow, { key, isDismissed, failure }: Expected): string[] {
  const faults: string[] = [];
  const { status } = row;
  if (!Object.hasOwn(endings, status)) faults.push(`it is ${status} in the end`);
  if (row.lease_token !== null) faults.push(`${row.worker} still holds its lease`);
  if (row.secrets !== null) faults.push('it still has secrets');
  if (key !== undefined && row.idempotency_key !== key) faults.push('it has another key');
  if (isDismissed !== (status === 'dismissed'))
    faults.push(`it is ${status}, and was ${isDismissed ? '' : 'not '}dismissed by its user`);
  if (status === 'failed' && !isUnderstandable(row, failure))
    faults.push(`it failed without a good cause: ${row.failure}`);
  if (status === 'successful' && failure !== undefined) faults.push('it cannot have succeeded');
  return faults;
}

/** It cannot succeed, or as many attempts were lost as it may lose. */
function isUnderstandable(row: JobRow, expected: string | undefined): boolean {
  const { kind, message } = JSON.parse(row.failure ?? '{}') as Failure;
  if (message === expected) return true;
  const isLost = kind === 'crashed' || kind === 'interrupted';
  return isLost && row.lost_attempts === 3 && message.includes('It was tried 3 times.');
}

/** One end, and after it at most that its user dismissed it; before it each attempt, in turn. */
function lineFaults({ status, attempt }: JobRow, lines: readonly Line[]): string[] {
  const begun = lines.flatMap(({ message }) => beginning.exec(message)?.[1] ?? []).join();
  const due = Array.from({ length: attempt }, (_, index) => index + 1).join();
  const odd = begun === due ? [] : [`${attempt} attempts, and its log tells of these: ${begun}`];
  return [...odd, ...endFaults(status, lines)];
}

function endFaults(status: string, lines: readonly Line[]): string[] {
  const said = lines.map(({ message }) => message).filter((message) => ending.test(message));
  const ends = status === 'dismissed' && said.length === 2 ? said.slice(1) : said;
  const isOne = ends.length === 1 && endings[status]?.test(ends[0] ?? '') === true;
  return isOne ? [] : [`its log tells of ${said.length} ends: ${said.join(' ')}`];
}

async function resultFaults(row: JobRow, expected: Expected, kept: Kept): Promise<string[]> {
  const faults: string[] = [];
  const results = resultsOf(row);
  for (const [id, output] of Object.entries(results)) {
    if (output.kind !== 'file') continue;
    if (!output.key.startsWith(`jobs/${row.id}/${row.attempt}/`))
      faults.push(`its ${id} lies below another attempt: ${output.key}`);
    const file = join(kept.dataDirectory, 'results', output.key);
    const sha256 = existsSync(file) ? digest(await readFile(file)) : 'no file';
    if (sha256 !== output.sha256) faults.push(`its ${id} is damaged: ${sha256}`);
  }
  for (const [id, right] of Object.entries(expected.outputs)) {
    const found = results[id];
    if (!isRight(found, right)) faults.push(`its ${id} is wrong: ${JSON.stringify(found)}`);
  }
  return faults;
}

function isRight(found: StoredOutput | undefined, right: ExpectedOutput): boolean {
  if ('sha256' in right) return found?.kind === 'file' && found.sha256 === right.sha256;
  return found?.kind === 'value' && JSON.stringify(found.value) === JSON.stringify(right.value);
}

/** SHA-256, hexadecimal. */
export function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
