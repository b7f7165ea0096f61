/** Programs that the conformance commands call. */
import { spawn } from 'node:child_process';

export interface Outcome {
  /** Exit code; undefined when a signal or the time limit ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Beside our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end. Resolves to undefined where there is no such program. */
export function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs, cwd, env }: ProgramOptions,
): Promise<Outcome | undefined> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
  });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => (text[stream] += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    child.once('close', (code) => resolve({ code: code ?? undefined, ...text }));
  });
}
