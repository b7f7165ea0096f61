// The set-up: everything that a fresh clone lacks, brought once. Four steps, each of which finds out first whether it
// has anything to do, and a stamp at the end that lets the next command start at once.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { bindings, provideGdal } from './bootstrap/gdal.js';
import { withLock } from './bootstrap/lock.js';
import { findOrBringNode, presentNode } from './bootstrap/node.js';
import { installedLockfile, installPackages, lockfile } from './bootstrap/packages.js';
import { cache, fromRoot, lockFolder, setupLog, stampFile } from './bootstrap/paths.js';
import { SetupProblem } from './bootstrap/problem.js';
import { elapsed, endOrphan, explain, interrupt, say, step } from './bootstrap/report.js';

/** @typedef {import('./bootstrap/node.js').NodeInUse} NodeInUse */

/** Raised when the set-up itself does something new, so that it runs again everywhere. */
const revision = 1;

/**
 * The Node.js to run with, after whatever set-up is needed. Undefined: the set-up failed and has said why.
 * @param {{ anew: boolean }} options anew: go through every step even if the last set-up finished
 * @returns {Promise<NodeInUse | undefined>}
 */
export async function ensureSetUp({ anew }) {
  const ready = anew ? undefined : readyNode();
  if (ready !== undefined) return ready;
  mkdirSync(cache, { recursive: true });
  const stop = endOnSignal();
  try {
    return await withLock(
      lockFolder,
      (holder) => say(`Another command is setting up (${holder}); waiting for it …`),
      async () => (anew ? undefined : readyNode()) ?? (await setUp()),
    );
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    explain(error);
    return undefined;
  } finally {
    stop();
  }
}

/** The Node.js to run with if all is as the last set-up left it. */
function readyNode() {
  const node = presentNode();
  if (node === undefined || !existsSync(stampFile)) return undefined;
  if (!existsSync(bindings) || !existsSync(installedLockfile)) return undefined;
  return readFileSync(stampFile, 'utf8') === stampFor(node) ? node : undefined;
}

/**
 * What the set-up depends on. Native packages are built for a major version of Node.js, wherever it lies.
 * @param {NodeInUse} node
 */
function stampFor(node) {
  const lock = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
  const [major] = node.version.split('.');
  const { platform, arch } = process;
  return JSON.stringify({ revision, lock, node: major, platform, arch });
}

async function setUp() {
  const startedMs = Date.now();
  await endOrphan();
  rmSync(stampFile, { force: true });
  writeFileSync(setupLog, `${new Date().toISOString()} set-up\n`);
  say(`Setting up, once. A bare machine takes a few minutes. Details: ${fromRoot(setupLog)}`);
  const of = 4;
  const node = await step(
    { number: 1, of, title: 'Node.js' },
    findOrBringNode,
    ({ version, isOwn }) => (isOwn ? `${version}, this machine's` : `${version}, from npm`),
  );
  await step({ number: 2, of, title: 'npm packages' }, () => installPackages(node), same);
  await step({ number: 3, of, title: 'GDAL' }, () => provideGdal(node), same);
  await step({ number: 4, of, title: 'Everything loads' }, () => checkNatives(node), same);
  writeFileSync(stampFile, stampFor(node));
  say(`Set up in ${elapsed(startedMs)}.\n`);
  return node;
}

/** @param {string} outcome */
const same = (outcome) => outcome;

/**
 * Loads every native package the way the server will.
 * @param {NodeInUse} node
 * @returns {Promise<string>} their versions
 */
async function checkNatives(node) {
  const natives = fileURLToPath(new URL('bootstrap/natives.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(node.path, [natives, 'all'], { encoding: 'utf8' });
  if (status !== 0) {
    throw new SetupProblem('A native package does not load.', { logTail: stderr.trim() });
  }
  const { gdal, onnxruntime, sqlite, sharp } = JSON.parse(stdout);
  if (gdal.missingDrivers.length > 0) {
    throw new SetupProblem(`GDAL ${gdal.version} lacks ${gdal.missingDrivers.join(', ')}.`, {
      remedy:
        "Install a GDAL with these drivers (Debian's libgdal-dev has them), delete .cache and node_modules/gdal-async, and run the command again.",
    });
  }
  return `GDAL ${gdal.version}, ONNX Runtime ${onnxruntime.version}, SQLite ${sqlite.version}, libvips ${sharp.version}`;
}

/** Lets Ctrl-C and kill end the set-up with all that it started; the lock goes with the process. */
function endOnSignal() {
  /** @type {[NodeJS.Signals, number][]} */
  const exits = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ];
  const handlers = exits.map(([signal, code]) => {
    const handler = () => {
      say('\nThe set-up is interrupted. The next command takes it up again.');
      void interrupt().then(() => process.exit(code));
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => handlers.forEach((remove) => remove());
}
