// gdal-async's binary part: the one that is there, the one kept from an earlier build, the ready-made one from
// GitHub, or one compiled against the system's GDAL. The first that loads is taken.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import { environmentFor, headersOf, modules } from './node.js';
import { cache } from './paths.js';
import { planGdalBuild } from './plan.js';
import { SetupProblem } from './problem.js';
import { detail, logTail, mustRun, runLogged } from './report.js';

/** @typedef {import('./node.js').NodeInUse} NodeInUse */

const gdalFolder = path.join(modules, 'gdal-async');
const preGyp = path.join(gdalFolder, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp');
const reachMs = 8_000;
const downloadMs = 180_000;

/** The folder of the binary part for every Node.js: built for one ABI each. */
export const bindings = path.join(gdalFolder, 'lib/binding');

/**
 * @param {NodeInUse} node
 * @returns {Promise<string>} what was done
 */
export async function provideGdal(node) {
  if (loads(node)) return keep(node, 'already there');
  if (restore(node) && loads(node)) return 'taken from an earlier build';
  if (wantsReadyMade() && (await download(node))) return keep(node, 'ready-made build downloaded');
  await compile(node);
  return keep(node, "compiled against the system's GDAL");
}

/** `GDAL_BUILD=system`: the system's GDAL gets security updates, the ready-made one does not. */
const wantsReadyMade = () => process.env['GDAL_BUILD'] !== 'system';

/** @param {NodeInUse} node */
function loads(node) {
  const natives = fileURLToPath(new URL('natives.js', import.meta.url));
  if (!existsSync(bindings)) return false;
  return spawnSync(node.path, [natives, 'gdal'], { stdio: 'ignore' }).status === 0;
}

/**
 * Where a built binary part survives `npm ci`, which empties node_modules.
 * @param {NodeInUse} node
 */
function keptBindings(node) {
  const { version } = JSON.parse(readFileSync(path.join(gdalFolder, 'package.json'), 'utf8'));
  const name = `${version}-node-${node.version.split('.')[0]}-${process.platform}-${process.arch}`;
  return path.join(cache, 'gdal', name);
}

/** @param {NodeInUse} node @param {string} outcome */
function keep(node, outcome) {
  const kept = keptBindings(node);
  if (existsSync(kept) && outcome === 'already there') return outcome;
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(path.dirname(kept), { recursive: true });
  cpSync(bindings, `${kept}.partial`, { recursive: true });
  renameSync(`${kept}.partial`, kept);
  return outcome;
}

/** @param {NodeInUse} node */
function restore(node) {
  const kept = keptBindings(node);
  if (!existsSync(kept)) return false;
  cpSync(kept, bindings, { recursive: true });
  return true;
}

/**
 * The ready-made build, unless GitHub cannot be reached or what it gives does not load here.
 * @param {NodeInUse} node
 */
async function download(node) {
  if (!(await reachesGitHub())) {
    detail('github.com does not answer, so there is no ready-made build of gdal-async');
    return false;
  }
  // It would take what lies there, which does not load, for a finished installation.
  rmSync(bindings, { recursive: true, force: true });
  const code = await runLogged({
    command: node.path,
    args: [preGyp, 'install'],
    cwd: gdalFolder,
    env: environmentFor(node),
    progress: 'downloading the ready-made build of gdal-async',
    limitMs: downloadMs,
  });
  if (code === 0 && loads(node)) return true;
  detail('the ready-made build of gdal-async cannot be had or does not load here');
  return false;
}

/** Whether it is worth a try: behind a proxy only the download itself can tell. */
async function reachesGitHub() {
  const settings = ['https_proxy', 'HTTPS_PROXY', 'npm_config_https_proxy', 'npm_config_proxy'];
  if (settings.some((name) => (process.env[name] ?? '') !== '')) return true;
  return new Promise((resolve) => {
    const socket = net.connect({ host: 'github.com', port: 443 });
    const settle = (/** @type {boolean} */ answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(reachMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/** @param {NodeInUse} node */
async function compile(node) {
  await prepareBuild();
  const headers = headersOf(node);
  const environment = environmentFor(node);
  if (headers !== undefined) environment['npm_config_nodedir'] = headers;
  const nodedir = headers === undefined ? [] : [`--nodedir=${headers}`];
  const verb = beginOrResume(`${node.version} with GDAL ${output('gdal-config', ['--version'])}`);
  detail("compiling gdal-async against the system's GDAL (usually 2–4 minutes, once)");
  await runLogged({
    command: node.path,
    args: [preGyp, verb, '--shared_gdal=true', '-j', 'max', ...nodedir],
    cwd: gdalFolder,
    env: environment,
    progress: 'compiling gdal-async, usually 2–4 minutes, once',
  });
  // Not the exit code: a build also makes type definitions, and may fail in that alone.
  if (loads(node)) return;
  rmSync(buildNote, { force: true });
  throw new SetupProblem('gdal-async could not be compiled.', {
    remedy: 'The lines above name the cause. Once it is mended, run the command again.',
    logTail: logTail(),
  });
}

/** Says what the objects in the build folder were compiled for. */
const buildNote = path.join(gdalFolder, 'build-note.txt');

/**
 * An interrupted build goes on where it stopped; one that failed, or was for something else, is begun anew.
 * @param {string} purpose
 */
function beginOrResume(purpose) {
  if (existsSync(buildNote) && readFileSync(buildNote, 'utf8') === purpose) return 'build';
  writeFileSync(buildNote, purpose);
  return 'rebuild';
}

/** Makes sure that the system has what a build needs: installs it where that is ours to do, or says what to install. */
async function prepareBuild() {
  const plan = planGdalBuild(buildFacts());
  if (plan.kind === 'stuck') throw new SetupProblem(plan.message, { remedy: plan.remedy });
  if (plan.kind === 'compile') return;
  for (const [command = '', ...args] of plan.commands) {
    const line = [command, ...args].join(' ');
    detail(line);
    await mustRun({
      command,
      args,
      cwd: '/',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      progress: line.includes(' update') ? 'apt-get update' : 'installing system packages',
      failure: `\`${line}\` failed.`,
      remedy: 'Once it succeeds by hand, run the command again.',
    });
  }
  const left = planGdalBuild({ ...buildFacts(), managers: [] });
  if (left.kind === 'stuck') throw new SetupProblem(left.message, { remedy: left.remedy });
}

/** @returns {import('./plan.js').BuildFacts} */
function buildFacts() {
  const includes = (output('gdal-config', ['--cflags']) ?? '')
    .split(/\s+/)
    .filter((flag) => flag.startsWith('-I'))
    .map((flag) => flag.slice(2));
  const folders = [...includes, '/usr/include', '/usr/local/include'];
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    gdal: output('gdal-config', ['--version']),
    gdalHeaders: folders.some((folder) => existsSync(path.join(folder, 'gdal_priv.h'))),
    compiler: ['c++', 'g++', 'clang++'].some(answers),
    make: answers('make'),
    python: ['python3', 'python'].some(answers),
    managers: ['apt-get', 'dnf', 'apk', 'pacman', 'brew'].filter(answers),
  };
}

/** @param {string} command */
const answers = (command) => output(command, ['--version']) !== undefined;

/** @param {string} command @param {string[]} args */
function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
