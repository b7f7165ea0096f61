// `npm run check` and `npm run fix`: everything that is verified without running a test.

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { cache, root } from './bootstrap/paths.js';

/** @typedef {{ ok: boolean, output: string }} Outcome */

/** @type {Readonly<Record<string, () => Promise<Outcome>>>} */
const checks = {
  format: () => tool('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
  lint: () => tool('oxlint/bin/oxlint', ['--quiet']),
  types: () => types('tsconfig.json'),
  browser: () => types('src/http/html/browser/tsconfig.json'),
  unused: () => tool('knip/bin/knip.js', ['--no-progress', '--treat-config-hints-as-errors']),
  kernel: () => runNode([path.join(root, 'scripts/build-kernel.ts'), '--check']),
  api: checkApi,
};

/** @type {Readonly<Record<string, () => Promise<Outcome>>>} the formatter has the last word */
const mends = {
  lockfile: () => runNode([path.join(root, 'scripts/lockfile.js')]),
  lint: () => tool('oxlint/bin/oxlint', ['--quiet', '--fix']),
  format: () => tool('prettier/bin/prettier.cjs', ['--write', '--log-level', 'warn', '.']),
};

const names = process.argv.slice(2);
process.exitCode = names[0] === '--fix' ? await mend() : await verify(names);

/** @param {string[]} chosen */
async function verify(chosen) {
  const unknown = chosen.filter((name) => !Object.hasOwn(checks, name));
  if (unknown.length > 0) {
    process.stderr.write(
      `No check "${unknown[0]}": there are ${Object.keys(checks).join(', ')}.\n`,
    );
    return 2;
  }
  const wanted = Object.entries(checks).filter(([name]) => {
    return chosen.length === 0 || chosen.includes(name);
  });
  const results = await Promise.all(wanted.map(([name, check]) => timed(name, check)));
  const failed = results.filter(({ ok }) => !ok);
  for (const { name, output } of failed)
    process.stdout.write(`\n--- ${name}\n${output.trimEnd()}\n`);
  if (failed.length === 0) return 0;
  process.stdout.write(`\nNot in order: ${failed.map(({ name }) => name).join(', ')}.\n`);
  return 1;
}

async function mend() {
  let code = 0;
  for (const [name, work] of Object.entries(mends)) {
    const { ok, output } = await timed(name, work);
    if (output.trim() !== '') process.stdout.write(`${output.trimEnd()}\n`);
    if (!ok) code = 1;
  }
  return code;
}

/**
 * @param {string} name
 * @param {() => Promise<Outcome>} work
 */
async function timed(name, work) {
  const startedMs = performance.now();
  const outcome = await work();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(`${outcome.ok ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${seconds} s\n`);
  return { name, ...outcome };
}

/** The API definition that the server gives out, held against the rules of OpenAPI. */
async function checkApi() {
  const definition = await runNode([path.join(root, 'src/main.ts'), 'openapi']);
  if (!definition.ok) return { ok: false, output: `${definition.output}${definition.stdout}` };
  const file = path.join(cache, 'openapi.json');
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, definition.stdout);
  return tool('@redocly/cli/bin/cli.js', ['lint', '--config', 'redocly.yaml', file]);
}

/**
 * Scripts of pages know other things than the server does, so they are checked by themselves.
 * @param {string} project
 */
function types(project) {
  const pretty = process.stdout.isTTY ? 'true' : 'false';
  return tool('typescript/bin/tsc', ['--project', project, '--pretty', pretty]);
}

/**
 * @param {string} program below node_modules
 * @param {string[]} args
 */
function tool(program, args) {
  return runNode([path.join(root, 'node_modules', program), ...args]);
}

/**
 * @param {string[]} args
 * @returns {Promise<Outcome & { stdout: string }>} output: both streams in the order they came
 */
function runNode(args) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  let output = '';
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ok: code === 0, output, stdout }));
  });
}
