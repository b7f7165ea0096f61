// The npm packages, exactly as the lockfile says.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { environmentFor, modules, npmProgram } from './node.js';
import { root } from './paths.js';
import { isInstalled } from './plan.js';
import { mustRun } from './report.js';

export const lockfile = path.join(root, 'package-lock.json');

const options = [
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
];

/** npm writes it when an installation is complete. */
export const installedLockfile = path.join(modules, '.package-lock.json');

/**
 * Installs the packages unless they are there. Their own install scripts do not run: gdal-async's would compile
 * GDAL itself, and nothing else needs one.
 * @param {import('./node.js').NodeInUse} node
 * @returns {Promise<string>} what was done
 */
export async function installPackages(node) {
  if (isInstalled(packagesIn(lockfile) ?? {}, packagesIn(installedLockfile))) return 'all there';
  // `npm ci` would empty it too, but stumbles over what an interrupted installation left there.
  rmSync(modules, { recursive: true, force: true, maxRetries: 5 });
  await mustRun({
    command: node.path,
    args: [npmProgram(), 'ci', ...options, '--prefix', root],
    cwd: root,
    env: environmentFor(node),
    progress: 'npm ci',
    failure: 'The npm packages could not be installed.',
    remedy: 'If the registry could not be reached, run the command again when it can.',
  });
  return 'installed';
}

/**
 * @param {string} file
 * @returns {import('./plan.js').LockEntries | undefined}
 */
function packagesIn(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}
