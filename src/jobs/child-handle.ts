/**
 * One child process in its own process group. Starts it, passes messages, and sees to it that the
 * group is gone in the end: nothing that a child starts may survive it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { ChildOrder, ChildReport } from './child-protocol.ts';
import { StderrLines } from './child-stderr.ts';

/** How a child ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** End of what it wrote to stderr, for the log. */
  readonly stderr: string;
}

/**
 * Words before a program: another one that starts it with less than this process has, in place (`exec`), so that the
 * process keeps its number, its group and its channel.
 */
export type Launcher = readonly string[];

export interface ChildProgram {
  /** `job-child.ts`, or `.js` in the built program. */
  readonly file: string;
  /** The whole environment of the child. */
  readonly environment: Readonly<Record<string, string>>;
  readonly launcher?: Launcher;
}

const stderrKept = 4096;

/** Groups that are alive, so that the end of this process is the end of them. */
const alive = new Set<number>();
process.on('exit', () => {
  for (const pid of alive) killGroup(pid, 'SIGKILL');
});

export class ChildHandle {
  readonly pid: number | undefined;
  /** Resolves when the process is gone and its streams are read. Never rejects. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #stderr = '';

  /** `onLine` hears what the child writes to stderr, line by line. */
  constructor(
    program: ChildProgram,
    onReport: (report: ChildReport) => void,
    onLine: (line: string) => void = () => undefined,
  ) {
    const [execPath, ...execArgv] = [...(program.launcher ?? []), process.execPath] as const;
    this.#child = fork(program.file, [], {
      env: { ...program.environment },
      execPath,
      execArgv,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.pid = this.#child.pid;
    if (this.pid !== undefined) alive.add(this.pid);
    this.#child.on('message', (report) => onReport(report as ChildReport));
    const lines = new StderrLines(onLine);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrKept);
      lines.add(text);
    });
    this.#child.stderr?.once('end', () => lines.end());
    // Grandchildren may hold the streams open: they go first.
    this.#child.once('exit', () => this.kill('SIGKILL'));
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(this.#exit(null, null, error.message)));
      this.#child.once('close', (code, signal) => resolve(this.#exit(code, signal)));
    });
  }

  send(order: ChildOrder): void {
    // A child that is already gone is seen by `exited`.
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }

  kill(signal: NodeJS.Signals): void {
    if (this.pid !== undefined) killGroup(this.pid, signal);
  }

  /** Memory that the child occupies, in MB; undefined where the system does not tell (not Linux). */
  async residentMb(): Promise<number | undefined> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  }

  #exit(code: number | null, signal: NodeJS.Signals | null, trouble = ''): Exit {
    if (this.pid !== undefined) alive.delete(this.pid);
    return { code, signal, stderr: this.#stderr + trouble };
  }
}

/**
 * A group that is gone already is fine, and so is one that is ours no more (EPERM: the number was given
 * away, or what is left of it changed its user): this is called in handlers of events, where nobody
 * could catch an error.
 */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
