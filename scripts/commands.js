// Every command of the launcher. `npm run <name>` runs it; package.json lists the same names.

/**
 * @typedef {{
 *   summary: string,
 *   program: readonly string[],
 *   usage?: string,
 * }} Command program: the file to run and its first arguments, relative to the repository; usage: the answer to
 *   `--help` where the launcher gives it. Without it the program answers.
 */

/** @type {Readonly<Record<string, Command>>} */
export const commands = {
  demo: {
    summary: 'set-up, server and one real job over HTTP, with the result downloaded',
    program: ['scripts/demo.ts'],
  },
  start: { summary: 'the server with its worker', program: ['src/main.ts', 'serve'] },
  serve: { summary: 'the same as start', program: ['src/main.ts', 'serve'] },
  work: {
    summary: 'a worker without a server, for the jobs of DATABASE_URL',
    program: ['src/main.ts', 'work'],
  },
  mask: { summary: 'a cloud mask without a server', program: ['src/main.ts', 'mask'] },
  models: {
    summary: 'add, list, verify, use and remove models',
    program: ['src/main.ts', 'models'],
  },
  keys: { summary: 'make an API key', program: ['src/main.ts', 'keys'] },
  openapi: { summary: 'print the API definition', program: ['src/main.ts', 'openapi'] },
  settings: { summary: 'print every setting', program: ['src/main.ts', 'settings'] },
  test: {
    summary: 'every test',
    program: ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'],
    usage: `npm test [-- <vitest's options and filters>]

Runs every test. Some examples:
  npm test -- test/unit               the tests below one folder
  npm test -- --project http          one project: unit, http, contract, …
  npm test -- -t "retry"              the tests whose names say so
  npm test -- --coverage              with coverage and its thresholds`,
  },
  check: {
    summary: 'format, lint with the layer rules, types, dead code, compiled kernel, API definition',
    program: ['scripts/check.js'],
    usage: `npm run check [-- <name> …]

Verifies everything that is not a test, and ends with 1 if anything is wrong. Names choose some of the checks:
format, lint, types, browser, unused, kernel, api.`,
  },
  fix: {
    summary: 'mend what check complains of and can be mended',
    program: ['scripts/check.js', '--fix'],
    usage: `npm run fix

Formats every file and mends what the linter can mend by itself.`,
  },
  bench: {
    summary: 'what each stage and a whole tile cost, against the plain way',
    program: ['scripts/bench.ts'],
  },
  fuzz: {
    summary: 'random requests against the API definition',
    program: ['scripts/fuzz.ts'],
  },
  conformance: {
    summary: 'the official test suite of OGC API - Processes, and our own checks of its points',
    program: ['scripts/conformance.ts'],
  },
  clients: {
    summary: 'a real job with each of the clients that people use, to its end',
    program: ['scripts/clients.ts'],
  },
  screenshots: {
    summary: 'pictures of every page, for test/pages/screenshots',
    program: ['scripts/screenshots.ts'],
  },
  chaos: {
    summary: 'the crash test: hundreds of kill -9, and what must hold afterwards',
    program: ['scripts/chaos.ts'],
  },
  simulate: {
    summary: 'a day with many users and 200 workers, with the real scheduler, in virtual time',
    program: ['scripts/simulate.ts'],
  },
  'build:kernel': {
    summary: 'compile the kernel of the band embedding to WebAssembly',
    program: ['scripts/build-kernel.ts'],
    usage: `npm run build:kernel [-- --check]

Compiles src/models/embedding/kernel/ to src/models/embedding/kernel.wasm. With --check it writes nothing and ends with 1
if the file is not what the sources compile to.`,
  },
  setup: {
    summary: 'the set-up alone: Node.js, packages, GDAL',
    program: [],
    usage: `npm run setup

Brings what a fresh clone lacks and verifies that it loads. Every other command does it by itself when it is needed.`,
  },
};
