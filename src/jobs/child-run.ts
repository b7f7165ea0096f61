/** One run of one order in a child process, under limits. */
import type { Outputs } from '../processes/process.ts';
import { ChildHandle, type ChildProgram, type Exit } from './child-handle.ts';
import type { ChildReport, Failure, RunOrder, TransferOrder } from './child-protocol.ts';
import {
  deliveryOutOfTime,
  describeExit,
  outOfMemory,
  outOfTime,
  transferOutOfTime,
} from './failures.ts';

export interface RunLimits {
  readonly memoryMb: number;
  readonly minutes: number;
  /** Between the request to stop and the kill. */
  readonly graceMs: number;
}

/** Hears what a child says on the way. */
export interface RunListener {
  progress(percent: number, message: string): void;
  warn(message: string): void;
  /** A line of its stderr. */
  said(line: string): void;
}

export type RunEnd =
  | { readonly kind: 'finished'; readonly outputs: Outputs }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly exit: Exit }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'interrupted' };

export class ChildRun {
  readonly pid: number | undefined;
  /** Resolves when the child is gone. */
  readonly ended: Promise<RunEnd>;
  readonly #child: ChildHandle;
  readonly #limits: RunLimits;
  readonly #timers: NodeJS.Timeout[] = [];
  #report: ChildReport | undefined;
  /** Why it was stopped from outside: a failure, or nobody wants the result any more. */
  #stopped: Failure | 'cancelled' | 'interrupted' | undefined;

  constructor(
    program: ChildProgram,
    order: RunOrder | TransferOrder,
    limits: RunLimits,
    listener: RunListener,
  ) {
    this.#limits = limits;
    const hear = (report: ChildReport): void => {
      if (report.kind === 'progress') listener.progress(report.percent, report.message);
      else if (report.kind === 'warning') listener.warn(report.message);
      else this.#report ??= report;
    };
    this.#child = new ChildHandle(program, hear, (line) => listener.said(line));
    this.pid = this.#child.pid;
    this.#child.send(order);
    this.#watch(latenessOf(order));
    this.ended = this.#child.exited.then((exit) => this.#end(exit));
  }

  /** The job was dismissed: stop, and let nobody hear of it. */
  cancel(): void {
    this.#stop('cancelled');
  }

  /** The server stops: the job is to go on elsewhere or later. */
  interrupt(): void {
    this.#stop('interrupted');
  }

  /** Asks, asks again by signal, and kills. */
  #stop(why: Failure | 'cancelled' | 'interrupted'): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = why;
    this.#child.send({ kind: 'cancel' });
    this.#child.kill('SIGTERM');
    this.#timers.push(setTimeout(() => this.#child.kill('SIGKILL'), this.#limits.graceMs));
  }

  #watch(late: (limitMinutes: number) => Failure): void {
    const { memoryMb, minutes } = this.#limits;
    this.#timers.push(
      setTimeout(() => this.#stop(late(minutes)), Math.min(minutes * 60_000, 2 ** 31 - 1)),
      setInterval(() => void this.#checkMemory(memoryMb), 1000),
    );
  }

  async #checkMemory(memoryMb: number): Promise<void> {
    const used = await this.#child.residentMb();
    if (used === undefined || used <= memoryMb || this.#stopped !== undefined) return;
    this.#stopped = outOfMemory(memoryMb);
    this.#child.kill('SIGKILL');
  }

  #end(exit: Exit): RunEnd {
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#stopped === 'cancelled') return { kind: 'cancelled' };
    if (this.#stopped !== undefined && this.#stopped !== 'interrupted')
      return { kind: 'failed', failure: this.#stopped, exit };
    if (this.#report?.kind === 'finished')
      return { kind: 'finished', outputs: this.#report.outputs };
    if (this.#stopped === 'interrupted') return { kind: 'interrupted' };
    if (this.#report?.kind === 'failed')
      return { kind: 'failed', failure: this.#report.failure, exit };
    return { kind: 'failed', failure: describeExit(exit), exit };
  }
}

/** What is said of an order that takes too long. */
function latenessOf({ kind }: RunOrder | TransferOrder): (limitMinutes: number) => Failure {
  if (kind === 'run') return outOfTime;
  return kind === 'bring' ? transferOutOfTime : deliveryOutOfTime;
}
