/** The processes of one run: servers, supervisors and all that they started. Known by their environment (Linux). */
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** What the processes of a run are started with: their children inherit the folder of temporary files. */
export function environmentOf(folder: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', TMPDIR: folder };
}

export interface Found {
  readonly pid: number;
  /** As /proc tells it: `T (stopped)`, for one. */
  readonly state: string;
  readonly command: string;
}

/** All that are alive. */
export function processesOf(folder: string): Found[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => belongsTo(pid, folder))
    .map((pid) => ({
      pid,
      state: /^State:\s+(.*)$/m.exec(words(pid, 'status').join(''))?.[1] ?? 'gone',
      command: words(pid, 'cmdline').join(' ').trim(),
    }));
}

/** Sends a signal to a process of the run; false when it is gone. Its number may be somebody else's by then. */
export function signalTo(pid: number, signal: NodeJS.Signals, folder: string): boolean {
  if (!belongsTo(pid, folder)) return false;
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Ends whatever is left. */
export function killAll(folder: string): void {
  for (const { pid } of processesOf(folder)) signalTo(pid, 'SIGKILL', folder);
}

function belongsTo(pid: number, folder: string): boolean {
  return words(pid, 'environ').includes(`TMPDIR=${folder}`);
}

/** None of a process that is gone or somebody else's. */
function words(pid: number, file: 'environ' | 'cmdline' | 'status'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
