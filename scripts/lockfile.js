// Completes package-lock.json. `npm ci` refuses a lockfile in which a package's build for another platform is missing,
// and `npm install` leaves out those that its registry does not carry: a mirror may hold the builds of some platforms
// only. They are written here without a checksum; npm adds it where it can see the package. `npm run fix` runs this.

import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   optionalDependencies?: Record<string, string> }} Entry
 * @typedef {{ packages: Record<string, Entry> }} Lockfile
 */

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

/**
 * The lockfile with an entry for every build that some package names and that has none, sorted as npm sorts.
 * @template {Lockfile} T
 * @param {T} lockfile
 * @returns {T}
 */
export function completeLockfile(lockfile) {
  const packages = { ...lockfile.packages };
  for (const [folder, entry] of Object.entries(lockfile.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      if (platform === undefined || isResolved(packages, folder, name)) continue;
      const { os, cpu, libc } = platform;
      const dev = entry.dev === true ? { dev: true } : {};
      packages[`node_modules/${name}`] = { version, cpu, ...dev, ...libc, optional: true, os };
    }
  }
  const sorted = Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lockfile, packages: Object.fromEntries(sorted) };
}

/**
 * What a name such as `@oxlint/binding-linux-arm64-musl` says of the platform.
 * @param {string} name
 */
export function platformOf(name) {
  const words = name.split(/[-/]/);
  const system = words.find((word) => systems.includes(word));
  const processor = words.find((word) => processors.includes(word));
  if (system === undefined || processor === undefined) return undefined;
  const libc = words.find((word) => /^(musl|gnu)/.test(word));
  return {
    os: [system],
    cpu: [processor],
    libc: libc === undefined ? {} : { libc: [libc.startsWith('musl') ? 'musl' : 'glibc'] },
  };
}

/**
 * Node's way: the nearest node_modules folder that has the name.
 * @param {Lockfile['packages']} packages
 * @param {string} folder
 * @param {string} name
 */
function isResolved(packages, folder, name) {
  const parts = folder.split('/node_modules/');
  for (let depth = parts.length; depth > 0; depth -= 1) {
    const base = parts.slice(0, depth).join('/node_modules/');
    if (`${base}/node_modules/${name}` in packages) return true;
  }
  return `node_modules/${name}` in packages;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lockfile = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, `${JSON.stringify(completeLockfile(lockfile), null, 2)}\n`);
}
