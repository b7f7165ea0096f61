/**
 * Children of a server that was killed. They end by themselves when they notice, but one that is
 * stopped or deep in native code does not: the next server ends it before it cleans up.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { killGroup } from './child-handle.ts';

const fileName = 'child.pid';

/** Notes which child works for a job. */
export async function noteChild(jobDirectory: string, pid: number | undefined): Promise<void> {
  if (pid !== undefined) await writeFile(join(jobDirectory, fileName), String(pid));
}

/** Kills every noted child that is still alive, and answers their process ids. */
export async function killLeftovers(
  scratchDirectory: string,
  programFiles: readonly string[],
): Promise<number[]> {
  const jobs = await readdir(scratchDirectory).catch(() => []);
  const killed: number[] = [];
  for (const job of jobs) {
    const text = await readFile(join(scratchDirectory, job, fileName), 'utf8').catch(() => '');
    const pid = Number(text);
    if (!Number.isInteger(pid) || pid < 2 || !(await runs(pid, programFiles))) continue;
    killGroup(pid, 'SIGKILL');
    killed.push(pid);
  }
  return killed;
}

/** Numbers are used again: only a process with one of our programs is ours. Undecidable outside Linux: then no. */
async function runs(pid: number, programFiles: readonly string[]): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').some((word) => programFiles.includes(word));
}
