#!/usr/bin/env node
// The launcher: every `npm run` of this project goes through it. It sees to the set-up and runs the command with the
// right Node.js. Plain JavaScript, so that the Node.js of an older machine runs it too.

import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { ensureSetUp } from './bootstrap.js';
import { cache, root } from './bootstrap/paths.js';
import { commands } from './commands.js';

// glibc keeps freed blocks of up to 32 MB in its heaps by default: large buffers that come and go on several threads
// would cost half a gigabyte. From 1 MB on they go back to the system. Read at the start of a process.
const allocator = { MALLOC_MMAP_THRESHOLD_: '1000000', MALLOC_TRIM_THRESHOLD_: '1000000' };

/** What Node.js has compiled: every job starts processes, in half the time with it. */
const compiled = path.join(cache, 'compiled');

endWithNpm();
process.exitCode = await launch(...process.argv.slice(2));

/**
 * @param {string} name of the command
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function launch(name = '--help', ...args) {
  if (name === '--help' || name === '-h' || name === 'help') return print(overview());
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`There is no command "${name}".\n\n${overview()}\n`);
    return 2;
  }
  const asksForHelp = args.includes('--help') || args.includes('-h');
  if (command.usage !== undefined && asksForHelp) return print(command.usage);
  const node = await ensureSetUp({ anew: name === 'setup' });
  if (node === undefined) return 1;
  const [file, ...first] = command.program;
  if (file === undefined) return 0;
  return run(node.path, [path.join(root, file), ...first, ...args], name === 'start');
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
  return 0;
}

function overview() {
  const lines = Object.entries(commands).map(([key, { summary }]) => {
    const call = key === 'start' || key === 'test' ? `npm ${key}` : `npm run ${key}`;
    return `  ${call.padEnd(18)} ${summary}`;
  });
  return `Cloud masks of Sentinel-2 and Landsat 8/9 products over OGC API - Processes.

${lines.join('\n')}

Arguments go behind --, as in: npm run mask -- --help`;
}

/**
 * Runs a program to its end. Paths among its arguments are relative to INIT_CWD, the folder npm was called in.
 * @param {string} node
 * @param {string[]} args
 * @param {boolean} isWatched the program hears when this one is gone
 * @returns {Promise<number>} the exit code
 */
function run(node, args, isWatched) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: root,
    stdio: isWatched ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    env: {
      ...process.env,
      PATH: [path.dirname(node), process.env['PATH'] ?? ''].join(path.delimiter),
      INIT_CWD: process.env['INIT_CWD'] ?? process.cwd(),
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? compiled,
      ...allocator,
    },
  });
  forwardSignals(child);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${node} could not be started: ${error.message}\n`);
      resolve(1);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
}

/**
 * The child decides what a signal means. A terminal sends Ctrl-C to the child itself, and npm repeats signals: the
 * child must not take one for two, and see a second as the demand to end at once.
 * @param {import('node:child_process').ChildProcess} child
 */
function forwardSignals(child) {
  const repeatMs = 500;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    let lastMs = -Infinity;
    process.on(signal, () => {
      const isRepeated = Date.now() - lastMs < repeatMs;
      const fromTerminal = signal === 'SIGINT' && process.stdin.isTTY;
      if (!isRepeated && !fromTerminal) child.kill(signal);
      lastMs = Date.now();
    });
  }
}

/**
 * When npm is ended by a signal, the shell between it and us ends without a word. Then nobody waits for us any more,
 * and a server must not go on unseen.
 */
function endWithNpm() {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 300);
  watch.unref();
}

/** @param {NodeJS.Signals | null} signal */
function signalNumber(signal) {
  return signal === null ? 1 : os.constants.signals[signal];
}
