/** A server or a supervisor that is to be killed, and what its log tells of its jobs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { momentVariable, type Moment } from './moment.ts';
import { environmentOf, signalTo } from './processes.ts';

export interface Program {
  /** Script and arguments. */
  readonly args: readonly string[];
  /** Loaded before the script. */
  readonly preload?: string;
  /** Whether what it says of trouble has to be expected, as that of a database that is away. */
  readonly isExpected?: (line: string) => boolean;
  readonly settings?: Readonly<Record<string, string>>;
  /** Marks all processes of the run; holds their temporary files. */
  readonly temporaryFolder: string;
  /** Everything it says is added there. */
  readonly logFile: string;
}

/** A place for one process after the other. */
export interface Slot {
  /** The process that works; a new one where there is none. */
  life(): Promise<Victim>;
  /** A process that dies at its moment, in the place of the one that is dead. */
  start(moment?: Moment): Victim;
}

/** A line of the log. */
interface Entry {
  readonly msg?: string;
  readonly level?: number;
  readonly jobId?: string;
  readonly pid?: number;
  readonly root?: string;
}

const errorLevel = 50;
/** What has not happened by then never will. */
const longestWaitMs = 90_000;
const beginnings = ['Server:Listening', 'Worker:Started'];
const ends = ['Attempt:Ended', 'Attempt:Lost', 'Attempt:Cancelled'];
const preload = join(import.meta.dirname, 'killed-at.ts');

export class Victim {
  readonly pid: number;
  /** Resolves when it is gone and its log is read. */
  readonly ended: Promise<void>;
  readonly #program: Program;
  readonly #process: ChildProcess;
  /** The child of each job that runs here. */
  readonly #children = new Map<string, number>();
  readonly #errors: string[] = [];
  #root: string | undefined;
  #isAtWork = false;
  /** It had trouble that was to be expected. */
  #isExcused = false;
  #lastJob: string | undefined;
  #isDoomed: boolean;

  /** With a moment it dies there. */
  constructor(program: Program, moment?: Moment) {
    this.#program = program;
    this.#isDoomed = moment !== undefined;
    const loaded = [preload, ...(program.preload === undefined ? [] : [program.preload])];
    const options = loaded.flatMap((file) => ['--import', file]);
    const warnings = ['ExperimentalWarning', 'DeprecationWarning'];
    const silent = warnings.map((name) => `--disable-warning=${name}`);
    const args = [...silent, ...options, ...program.args];
    this.#process = spawn(process.execPath, args, {
      env: {
        ...environmentOf(program.temporaryFolder),
        ...program.settings,
        ...(moment && { [momentVariable]: JSON.stringify(moment) }),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.pid = this.#process.pid ?? 0;
    this.#process.on('error', (error) => this.#errors.push(error.message));
    for (const stream of [this.#process.stdout, this.#process.stderr])
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#read(line));
    this.ended = once(this.#process, 'close').then(() => undefined);
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Root of its API, once it listens. */
  get root(): string | undefined {
    return this.#root;
  }

  /** Those that run here. */
  get jobIds(): readonly string[] {
    return [...this.#children.keys()];
  }

  /** What it should never say or do. */
  get faults(): readonly string[] {
    const { exitCode, signalCode } = this.#process;
    const hasGivenUp = !this.#isAtWork && this.#isExcused && exitCode === 1;
    if (this.isAlive || this.#isDoomed || hasGivenUp) return this.#errors;
    return [...this.#errors, `It ended by itself (${exitCode ?? signalCode}).`];
  }

  /** Takes its life at a moment. Answers the jobs that ran then, and the one of which its last line told. */
  async dieAt(moment: Moment): Promise<readonly string[]> {
    this.#isDoomed = true;
    this.#process.send(moment, () => undefined);
    await this.untilEnded(`its moment (${JSON.stringify(moment)})`);
    const told = moment.at === 'line' && this.#lastJob !== undefined ? [this.#lastJob] : [];
    return [...new Set([...this.jobIds, ...told])];
  }

  /** Answers the jobs that ran. */
  async kill(): Promise<readonly string[]> {
    this.signal('SIGKILL');
    await this.ended;
    return this.jobIds;
  }

  /** Asks it to stop and waits until it has. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await this.untilEnded('the end of its stop');
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== 0) this.#errors.push(`SIGTERM: it ended with ${exitCode ?? signalCode}.`);
  }

  /** It stands still for a while. Answers the jobs that ran. */
  async freeze(ms: number): Promise<readonly string[]> {
    this.#process.kill('SIGSTOP');
    const met = this.jobIds;
    await sleep(ms);
    this.#process.kill('SIGCONT');
    return met;
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#isDoomed = true;
    this.#process.kill(signal);
  }

  /** A child that runs a job now; waits until there is one. Nothing where the victim is gone. */
  async child(): Promise<{ readonly jobId: string; readonly pid: number } | undefined> {
    const deadline = performance.now() + longestWaitMs;
    while (this.isAlive && performance.now() < deadline) {
      const [first] = this.#children;
      if (first !== undefined) return { jobId: first[0], pid: first[1] };
      await sleep(20);
    }
    return undefined;
  }

  /** Sends a signal to a child; false when it is gone. */
  signalChild(pid: number, signal: NodeJS.Signals): boolean {
    return signalTo(pid, signal, this.#program.temporaryFolder);
  }

  /** Waits until it listens or works, or is gone. */
  async untilAtWork(): Promise<void> {
    const deadline = performance.now() + longestWaitMs;
    while (this.isAlive && !this.#isAtWork) {
      if (performance.now() > deadline)
        throw new Error(`Process ${this.pid} does not begin to work.`);
      await sleep(20);
    }
  }

  /** Waits for an end that is bound to come; `what` is for the report if it does not. */
  async untilEnded(what: string): Promise<void> {
    const timer = setTimeout(() => {
      this.#errors.push(`Not within ${longestWaitMs / 1000} s: ${what}.`);
      this.signal('SIGKILL');
    }, longestWaitMs);
    await this.ended;
    clearTimeout(timer);
  }

  #read(line: string): void {
    appendFileSync(this.#program.logFile, `${this.pid} ${line}\n`);
    const entry = entryOf(line);
    if (this.#program.isExpected?.(line)) this.#isExcused = true;
    else if (isTrouble(line, entry)) this.#errors.push(line);
    if (entry !== undefined) this.#note(entry);
  }

  #note({ msg = '', jobId, pid, root }: Entry): void {
    if (beginnings.includes(msg)) this.#isAtWork = true;
    if (msg === 'Server:Listening') this.#root = root;
    if (jobId === undefined) return;
    this.#lastJob = jobId;
    if (msg === 'Attempt:Started' && pid !== undefined) this.#children.set(jobId, pid);
    if (ends.includes(msg)) this.#children.delete(jobId);
  }
}

/** What is no entry is a trace on stderr, or an entry that a kill cut off. */
function isTrouble(line: string, entry: Entry | undefined): boolean {
  return entry === undefined ? !line.startsWith('{') : (entry.level ?? 0) >= errorLevel;
}

/** Undefined for what is no whole line of the log. */
function entryOf(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
