/**
 * A program under a limit of resident memory, with what it cost. The kernel's own mark of the most memory ever resident
 * (VmHWM) is read several times a second: above the limit the program is killed, and no peak between two looks is missed.
 * (RLIMIT_AS is of no use here: V8 and WebAssembly reserve far more addresses than they use.)
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { Cost } from './measure.ts';

/** How the limit is enforced, for reports. */
export const enforcement =
  'VmHWM of the process watched five times a second, killed above the limit';

const lookEachMs = 200;
/** Units of the times in /proc, in a second. */
const ticksPerSecond = 100;

export interface WatchedProgram {
  /** Script and arguments for this Node.js. */
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly limitBytes: number;
}

export interface Outcome extends Cost {
  readonly peakBytes: number;
  /** Resident memory over time: ten looks, evenly spread. */
  readonly residentBytes: readonly number[];
  readonly stdout: string;
}

/**
 * Runs a program to its end.
 * @throws Error when it fails or was killed for its memory
 */
export async function runWatched(program: WatchedProgram): Promise<Outcome> {
  if (process.platform !== 'linux') throw new Error('Memory is watched on Linux only.');
  const { args, environment, limitBytes } = program;
  const started = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  let usage: Usage = { peakBytes: 0, residentBytes: 0, cpuSeconds: 0 };
  const looks: number[] = [];
  const watch = setInterval(() => {
    usage = usageOf(child.pid) ?? usage;
    looks.push(usage.residentBytes);
    if (usage.peakBytes > limitBytes) child.kill('SIGKILL');
  }, lookEachMs);
  try {
    const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    const wallSeconds = (performance.now() - started) / 1000;
    if (usage.peakBytes > limitBytes) throw new Error(overLimit(program, usage));
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}.`);
    const { peakBytes, cpuSeconds } = usage;
    return { peakBytes, cpuSeconds, wallSeconds, residentBytes: tenOf(looks), stdout };
  } finally {
    clearInterval(watch);
  }
}

function overLimit({ args, limitBytes }: WatchedProgram, { peakBytes }: Usage): string {
  const [limit, peak] = [limitBytes, peakBytes].map((bytes) => Math.round(bytes / 2 ** 20));
  return `${args.join(' ')} was killed: ${peak} MiB of memory, above the limit of ${limit} MiB.`;
}

/** Ten values at even distances, the last one among them. */
function tenOf(values: readonly number[]): number[] {
  return Array.from({ length: 10 }, (_, i) => {
    return values[Math.ceil(((i + 1) * values.length) / 10) - 1] ?? 0;
  });
}

interface Usage {
  readonly peakBytes: number;
  readonly residentBytes: number;
  /** Of all threads; what comes after the last look is missing. */
  readonly cpuSeconds: number;
}

/** CPU seconds of all threads of a process so far. @throws Error when it has ended */
export function cpuSecondsOf(pid: number): number {
  // The name of the program, in brackets, may hold blanks.
  const times = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(times[11]) + Number(times[12])) / ticksPerSecond;
}

/** Undefined when the process has ended. */
function usageOf(pid: number | undefined): Usage | undefined {
  if (pid === undefined) return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [peak, resident] = ['VmHWM', 'VmRSS'].map((name) => {
      return new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    });
    if (peak === undefined) return undefined;
    return {
      peakBytes: Number(peak) * 1024,
      residentBytes: Number(resident) * 1024,
      cpuSeconds: cpuSecondsOf(pid),
    };
  } catch {
    return undefined;
  }
}
