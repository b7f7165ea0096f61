// What the user sees of the set-up, and running a command with its output in the log. All of it goes to stderr:
// stdout belongs to the command that is being set up for.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

import { fromRoot, root, runningFile, setupLog } from './paths.js';
import { SetupProblem } from './problem.js';

const heartbeatMs = 15_000;

/** @param {string} line */
export const say = (line) => void process.stderr.write(`${line}\n`);

/** @param {number} sinceMs a Date.now() */
export function elapsed(sinceMs) {
  const seconds = Math.round((Date.now() - sinceMs) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * The set-up's numbered steps. A step's line is printed when it begins and again, with what came of it, when it ends.
 * @template T
 * @param {{ number: number, of: number, title: string }} step
 * @param {() => Promise<T>} work
 * @param {(outcome: T) => string} summary
 */
export async function step({ number, of, title }, work, summary) {
  const startedMs = Date.now();
  say(`[${number}/${of}] ${title} …`);
  const outcome = await work();
  say(`[${number}/${of}] ${title}: ${summary(outcome)} (${elapsed(startedMs)})`);
  return outcome;
}

/** A detail of the running step. @param {string} line */
export const detail = (line) => say(`      ${line}`);

/** @type {{ pid: number, closed: Promise<unknown> } | undefined} leads the process group of the running command */
let running;

const patienceMs = 5_000;

let isInterrupted = false;

/** Ends the set-up: nothing is started any more once what runs has ended. The caller exits then. */
export async function interrupt() {
  isInterrupted = true;
  await endRunning();
}

/** Ends what is still running, with everything that it started, and waits for its end. */
async function endRunning() {
  if (running === undefined) return;
  const { pid, closed } = running;
  signalGroup(pid, 'SIGTERM');
  const hurry = setTimeout(() => signalGroup(pid, 'SIGKILL'), patienceMs);
  await closed;
  clearTimeout(hurry);
}

/** Ends what a set-up that was killed has left running (where /proc tells whether the process id still means that). */
export async function endOrphan() {
  if (!existsSync(runningFile)) return;
  const pid = Number(readFileSync(runningFile, 'utf8'));
  const isOurs = () => pid > 1 && workFolder(pid)?.startsWith(root) === true;
  while (isOurs()) {
    signalGroup(pid, 'SIGKILL');
    await sleep(50);
  }
  rmSync(runningFile, { force: true });
}

/** @param {number} pid */
function workFolder(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // There is no such process, or no /proc.
  }
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function signalGroup(pid, signal) {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/**
 * @typedef {{
 *   command: string,
 *   args: readonly string[],
 *   cwd: string,
 *   env: NodeJS.ProcessEnv,
 *   progress: string,
 *   limitMs?: number,
 * }} Task progress: what is being done, for the lines that are printed while it lasts
 */

/**
 * Runs a command with its output in the log. Resolves to its exit code; to undefined when it took too long or a
 * signal ended it.
 * @param {Task} task
 * @returns {Promise<number | undefined>}
 */
export async function runLogged({ command, args, cwd, env, progress, limitMs }) {
  const log = createWriteStream(setupLog, { flags: 'a' });
  log.write(`\n$ ${[command, ...args].join(' ')}\n  in ${cwd}\n`);
  const startedMs = Date.now();
  const timer = setInterval(
    () => detail(`… ${progress}: ${elapsed(startedMs)} so far`),
    heartbeatMs,
  );
  /** @type {NodeJS.Timeout | undefined} */
  let limit;
  try {
    return await new Promise((resolve, reject) => {
      // A process group of its own, so that ending it ends the compilers below it too.
      const child = spawn(command, args, {
        cwd,
        env,
        detached: process.platform !== 'win32',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      noteRunning(child);
      if (limitMs !== undefined) limit = setTimeout(() => void endRunning(), limitMs);
      child.stdout.pipe(log, { end: false });
      child.stderr.pipe(log, { end: false });
      child.once('error', reject);
      child.once('close', (code) => {
        noteRunning();
        if (!isInterrupted) resolve(code ?? undefined);
      });
    });
  } finally {
    clearInterval(timer);
    clearTimeout(limit);
    await new Promise((resolve) => void log.end(() => resolve(undefined)));
  }
}

/** @param {import('node:child_process').ChildProcess} [child] none: it has ended */
function noteRunning(child) {
  if (child?.pid === undefined) {
    running = undefined;
    rmSync(runningFile, { force: true });
  } else {
    running = { pid: child.pid, closed: once(child, 'close') };
    writeFileSync(runningFile, String(child.pid));
  }
}

/**
 * Runs a command that has to succeed.
 * @param {Task & { failure: string, remedy: string }} task
 */
export async function mustRun(task) {
  const code = await runLogged(task).catch((error) => {
    throw new SetupProblem(`${task.failure}: ${error.message}`, { remedy: task.remedy });
  });
  if (code !== 0) throw new SetupProblem(task.failure, { remedy: task.remedy, logTail: logTail() });
}

/** The last lines of the log. */
export function logTail(lines = 30) {
  return readFileSync(setupLog, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

/** @param {SetupProblem} problem */
export function explain(problem) {
  if (problem.logTail !== '') say(`\n${problem.logTail.replace(/^/gm, '  | ')}`);
  say(`\nThe set-up stopped: ${problem.message}`);
  if (problem.remedy !== '') say(problem.remedy);
  say(`Everything that it did is in ${fromRoot(setupLog)} (${setupLog}).`);
}
