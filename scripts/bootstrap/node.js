// Finds the Node.js that everything runs with, or brings it from the npm registry.

import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { cache, root } from './paths.js';
import { bundledNode, installEnvironment, isUsableNode, planNode } from './plan.js';
import { SetupProblem } from './problem.js';
import { mustRun } from './report.js';

/** @typedef {{ path: string, version: string, isOwn: boolean }} NodeInUse version without the v */

/**
 * The Node.js to use if it is there already: the one that runs this, or the one that was brought before.
 * @returns {NodeInUse | undefined}
 */
export function presentNode() {
  if (isUsableNode(process.version)) {
    return { path: process.execPath, version: process.version.slice(1), isOwn: true };
  }
  const brought = broughtNode();
  if (!existsSync(brought)) return undefined;
  return { path: brought, version: bundledNode.version, isOwn: false };
}

/** @returns {Promise<NodeInUse>} */
export async function findOrBringNode() {
  const present = presentNode();
  if (present !== undefined) return present;
  const { platform, arch, version } = process;
  const plan = planNode({ version, platform, arch, glibc: hasGlibc() });
  if (plan.kind === 'stuck') throw new SetupProblem(plan.message, { remedy: plan.remedy });
  if (plan.kind === 'bring') await bring(plan);
  return { path: broughtNode(), version: bundledNode.version, isOwn: false };
}

/** @param {NodeInUse} node */
export const environmentFor = (node) =>
  installEnvironment(process.env, {
    nodeBin: path.dirname(node.path),
    pathDelimiter: path.delimiter,
  });

/**
 * The folder that node-gyp takes Node's headers from; undefined: it downloads them.
 * @param {NodeInUse} node
 */
export function headersOf(node) {
  const prefix = path.resolve(realpathSync(node.path), '../..');
  return existsSync(path.join(prefix, 'include/node/node.h')) ? prefix : undefined;
}

/** npm's own program file, to be run by the Node.js of our choice. */
export function npmProgram() {
  const beside = path.dirname(process.execPath);
  const candidates = [
    process.env['npm_execpath'],
    path.join(beside, '../lib/node_modules/npm/bin/npm-cli.js'),
    path.join(beside, 'node_modules/npm/bin/npm-cli.js'),
    ...(process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'npm')),
  ];
  for (const candidate of candidates) {
    if (candidate === undefined || !existsSync(candidate)) continue;
    const program = realpathSync(candidate);
    if (path.basename(program) === 'npm-cli.js') return program;
  }
  throw new SetupProblem('npm was not found.', {
    remedy:
      'npm comes with Node.js: https://nodejs.org/en/download (on Debian: apt-get install npm)',
  });
}

const nodeFolder = path.join(cache, 'node', bundledNode.version);

function broughtNode() {
  const name = `node-${process.platform}-${process.arch}`;
  return path.join(nodeFolder, 'node_modules', name, 'bin/node');
}

/**
 * Installs the npm package that holds Node.js, in a folder that gets its name once it is complete. The lockfile that
 * is written beside it makes npm check the package against the checksum that is known here.
 * @param {{ name: string, version: string, integrity: string }} wanted
 */
async function bring({ name, version, integrity }) {
  const folder = `${nodeFolder}.partial`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'brought-node', private: true, dependencies: { [name]: version } };
  const packages = { '': manifest, [`node_modules/${name}`]: { version, integrity } };
  const lock = { name: manifest.name, lockfileVersion: 3, requires: true, packages };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  await mustRun({
    command: process.execPath,
    args: [npmProgram(), 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder],
    cwd: folder,
    env: installEnvironment(process.env, {
      nodeBin: path.dirname(process.execPath),
      pathDelimiter: path.delimiter,
    }),
    progress: `bringing Node.js ${version}`,
    failure: `Node.js ${version} could not be brought from the npm registry.`,
    remedy: `Check that \`npm view ${name} version\` answers, or install Node.js 24 yourself.`,
  });
  rmSync(nodeFolder, { recursive: true, force: true });
  renameSync(folder, nodeFolder);
}

function hasGlibc() {
  if (process.platform !== 'linux') return false;
  const report = JSON.parse(JSON.stringify(process.report.getReport()));
  return report.header.glibcVersionRuntime !== undefined;
}

/** Where the repository's packages are. */
export const modules = path.join(root, 'node_modules');
