// Where the launcher and the set-up find and keep their things.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** What the set-up brings or builds. Deleting it costs one more set-up, nothing else. */
export const cache = path.join(root, '.cache');

export const setupLog = path.join(cache, 'setup.log');
export const stampFile = path.join(cache, 'setup.json');
/** The process id of the set-up's running command: what a killed set-up may have left behind. */
export const runningFile = path.join(cache, 'setup.running');
export const lockFolder = path.join(cache, 'setup.lock');

/** @param {string} file an absolute path */
export const fromRoot = (file) => path.relative(root, file) || '.';
