// What the set-up decides, as functions from facts to plans: no file is read and nothing is run here.

/** Brought when the machine's own Node.js will not do: the npm packages hold bin/node and the headers. */
export const bundledNode = {
  version: '24.21.0',
  integrity: {
    'linux-x64':
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    'linux-arm64':
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

/** GDAL drivers without which no mask can be made. */
export const neededDrivers = ['GTiff', 'COG', 'JP2OpenJPEG', 'PNG', 'MEM'];

/**
 * Node.js that runs the sources and the tests: 22 from 22.19 on, 24, and 26 or later (vitest refuses 23 and 25).
 * @param {string} version such as `v24.21.0`
 */
export function isUsableNode(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 22 && minor >= 19) || major === 24 || major >= 26;
}

/**
 * @typedef {{ version: string, platform: string, arch: string, glibc: boolean }} NodeFacts
 * @typedef {{ kind: 'own' } | { kind: 'bring', name: string, version: string, integrity: string }
 *   | { kind: 'stuck', message: string, remedy: string }} NodePlan
 */

/**
 * Which Node.js to use.
 * @param {NodeFacts} facts
 * @returns {NodePlan}
 */
export function planNode({ version, platform, arch, glibc }) {
  if (isUsableNode(version)) return { kind: 'own' };
  const key = `${platform}-${arch}`;
  if (glibc && (key === 'linux-x64' || key === 'linux-arm64')) {
    const integrity = bundledNode.integrity[key];
    return { kind: 'bring', name: `node-${key}`, version: bundledNode.version, integrity };
  }
  return {
    kind: 'stuck',
    message: `Node.js 24 is needed, and this is ${version} on ${key}${platform === 'linux' && !glibc ? ' (musl)' : ''}.`,
    remedy: `Install Node.js 24: ${nodeRemedies[platform] ?? 'https://nodejs.org/en/download'}`,
  };
}

/** @type {Record<string, string>} */
const nodeRemedies = {
  darwin: 'brew install node@24, or nvm install 24, or https://nodejs.org/en/download',
  win32: 'winget install OpenJS.NodeJS.LTS, or https://nodejs.org/en/download',
  linux: 'apk add nodejs npm (Alpine), nvm install 24, or https://nodejs.org/en/download',
};

/**
 * @typedef {{ version: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockEntry
 * @typedef {Record<string, LockEntry>} LockEntries
 */

/**
 * Whether what lies in node_modules is what the lockfile says, so that nothing need be installed.
 * @param {LockEntries} wanted `packages` of package-lock.json
 * @param {LockEntries | undefined} installed `packages` of node_modules/.package-lock.json
 */
export function isInstalled(wanted, installed) {
  if (installed === undefined) return false;
  const missing = Object.entries(wanted).some(([folder, entry]) => {
    if (folder === '') return false;
    const found = installed[folder];
    // Optional packages are those of other platforms.
    if (found === undefined) return entry.optional !== true && entry.devOptional !== true;
    return found.version !== entry.version || found.integrity !== entry.integrity;
  });
  return !missing && Object.keys(installed).every((folder) => folder in wanted);
}

/**
 * @typedef {{
 *   platform: string,
 *   isRoot: boolean,
 *   gdal: string | undefined,
 *   gdalHeaders: boolean,
 *   compiler: boolean,
 *   make: boolean,
 *   python: boolean,
 *   managers: string[],
 * }} BuildFacts gdal: what `gdal-config --version` says; managers: package managers that are there
 * @typedef {{ kind: 'compile' } | { kind: 'install', commands: string[][] }
 *   | { kind: 'stuck', message: string, remedy: string }} BuildPlan
 */

/** Each package manager's names for the things a build needs, and its command. */
const managers = [
  {
    name: 'apt-get',
    install: 'apt-get install -y --no-install-recommends',
    packages: { gdal: 'libgdal-dev', compiler: 'g++', make: 'make', python: 'python3' },
  },
  {
    name: 'dnf',
    install: 'dnf install -y',
    packages: { gdal: 'gdal-devel', compiler: 'gcc-c++', make: 'make', python: 'python3' },
  },
  {
    name: 'apk',
    install: 'apk add',
    packages: { gdal: 'gdal-dev', compiler: 'g++', make: 'make', python: 'python3' },
  },
  {
    name: 'pacman',
    install: 'pacman -S --needed',
    packages: { gdal: 'gdal', compiler: 'gcc', make: 'make', python: 'python' },
  },
  {
    name: 'brew',
    install: 'brew install',
    packages: { gdal: 'gdal', compiler: 'gcc', make: 'make', python: 'python3' },
  },
];

/**
 * How gdal-async gets compiled against the system's GDAL. Its bundled GDAL is never compiled: that takes most of an hour.
 * @param {BuildFacts} facts
 * @returns {BuildPlan}
 */
export function planGdalBuild(facts) {
  const missing = missingForBuild(facts);
  if (missing.length === 0) return { kind: 'compile' };
  const manager = managers.find(({ name }) => facts.managers.includes(name));
  const what = missing.map((thing) => thingNames[thing]).join(', ');
  const message = `gdal-async has no ready-made build here, and compiling it needs what is missing: ${what}.`;
  if (manager === undefined) {
    return { kind: 'stuck', message, remedy: `Install ${what}, then run the command again.` };
  }
  const packages = missing.map((thing) => manager.packages[thing]);
  if (manager.name === 'apt-get' && facts.isRoot) {
    return { kind: 'install', commands: aptCommands(packages) };
  }
  const sudo = facts.isRoot || manager.name === 'brew' ? '' : 'sudo ';
  const command = `${sudo}${manager.install} ${packages.join(' ')}`;
  return { kind: 'stuck', message, remedy: `Run this once, then the command again:\n  ${command}` };
}

/** @param {BuildFacts} facts */
function missingForBuild(facts) {
  /** @type {(keyof typeof thingNames)[]} */
  const missing = [];
  if (facts.gdal === undefined || !facts.gdalHeaders) missing.push('gdal');
  if (!facts.compiler) missing.push('compiler');
  if (!facts.make) missing.push('make');
  if (!facts.python) missing.push('python');
  return missing;
}

const thingNames = {
  gdal: 'GDAL with its headers',
  compiler: 'a C++ compiler',
  make: 'make',
  python: 'Python 3',
};

/** @param {string[]} packages */
function aptCommands(packages) {
  const patient = ['-o', 'DPkg::Lock::Timeout=300'];
  return [
    ['apt-get', ...patient, 'update'],
    ['apt-get', ...patient, 'install', '-y', '--no-install-recommends', ...packages],
  ];
}

/** Settings of npm that a user may have given and a child needs: where the registry is and how to reach it. */
const keptSettings =
  /^npm_config_(registry|proxy|https?_proxy|noproxy|cafile|ca|cert|key|strict_ssl|cache|userconfig|globalconfig|python|fetch_.*|maxsockets|\/\/.*|@.*)$/i;

/**
 * The environment for npm and node-gyp. What `npm run` exports to its scripts (prefix, loglevel, omit, nodedir, …)
 * is the outer command's business; node-gyp would even let it win over its own command line.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ nodeBin: string, pathDelimiter: string }} node the folder of the Node.js in use comes first in PATH
 * @returns {NodeJS.ProcessEnv}
 */
export function installEnvironment(env, { nodeBin, pathDelimiter }) {
  const kept = Object.entries(env).filter(
    ([name]) => !/^npm_/i.test(name) || keptSettings.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: [nodeBin, env['PATH'] ?? ''].join(pathDelimiter),
    // Otherwise its install script asks a NuGet server for CUDA and fails the whole installation without it.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  };
}
