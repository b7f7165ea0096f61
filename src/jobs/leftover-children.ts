/**
 * Children of a server that was killed. The system ends them where it can (`isolation.ts`), else they end by themselves when
 * they notice; one that is stopped or deep in native code does not: the next server ends it before it cleans up.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { killGroup } from './child-handle.ts';

/** Beside the scratch folder of the attempt. */
function noteOf(attemptDirectory: string): string {
  return `${attemptDirectory}.pid`;
}

/** Notes which child works for an attempt. */
export async function noteChild(attemptDirectory: string, pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  await mkdir(dirname(attemptDirectory), { recursive: true, mode: 0o700 });
  await writeFile(noteOf(attemptDirectory), `${pid} ${await startOf(pid)}`);
}

/** No child of the attempt is left. */
export async function forgetChild(attemptDirectory: string): Promise<void> {
  await rm(noteOf(attemptDirectory), { force: true });
}

/** A child that was noted, and the attempt that it worked for. */
export interface Leftover {
  readonly jobId: string;
  readonly attempt: number;
  readonly pid: number;
}

/** Kills every noted child that is still alive, and answers which there were. */
export async function killLeftovers(
  scratchDirectory: string,
  programFiles: readonly string[],
): Promise<readonly Leftover[]> {
  const names = await readdir(scratchDirectory, { recursive: true }).catch(() => []);
  const killed: Leftover[] = [];
  for (const name of names) {
    const [, jobId, attempt] = /^([^/]+)\/(\d+)\.pid$/.exec(name) ?? [];
    if (jobId === undefined) continue;
    const note = await readFile(join(scratchDirectory, name), 'utf8').catch(() => '');
    const [number, start = ''] = note.split(' ');
    const pid = Number(number);
    if (!Number.isInteger(pid) || pid < 2 || !(await runs(pid, start, programFiles))) continue;
    killGroup(pid, 'SIGKILL');
    killed.push({ jobId, attempt: Number(attempt), pid });
  }
  return killed;
}

/** Numbers are used again: only one that began then, with one of our programs, is ours. Undecidable outside Linux: then no. */
async function runs(pid: number, start: string, programFiles: readonly string[]): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const isOurs = commandLine.split('\0').some((word) => programFiles.includes(word));
  return isOurs && (await startOf(pid)) === start;
}

/** When a process began, in ticks of the system since it was started; empty where that cannot be known. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Fields are counted from the end of the name, which may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
