/** `npm run clients`: clients that people use, each with a real job against the server as it is out of the box. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { version } from '../src/version.ts';
import { preparePython, type Python } from './clients/python.ts';
import { startRedirector } from './clients/redirector.ts';
import { clientsTable, isComplete, parseSteps, type ClientRun } from './clients/table.ts';
import { runProgram } from './conformance/program.ts';
import { syntheticProduct } from './demo/product.ts';
import { startServer } from './demo/server.ts';

const help = `Usage: npm run clients [-- <client> …] [-- --url <root> --product <product>]

Lets each client mask a small synthetic scene: describe, execute, poll, results, open the mask, dismiss. Prints a table
and writes it to conformance/clients/table.md (table-qgis.md). The clients are installed into .cache/clients, in pinned versions.

Clients (default: all but qgis):
  owslib, cuiman-api, cuiman-cli, generated, gdal, curl
  qgis               loads the result plain and redirected; needs Debian's python3-qgis

Options:
  --url <root>       a server that is running, instead of one that is started
  --product <path>   what that server is to mask
  --help             prints this

Ends with 0 if every client came to the end. Clients that cannot be installed are skipped, with CI=true they have failed.
`;

interface Client {
  /** For people. */
  readonly title: string;
  readonly script: string;
  /** Program that runs the script; without it the Python environment of the clients. */
  readonly program?: string;
}

const clients: Readonly<Record<string, Client>> = {
  owslib: { title: 'OWSLib 0.36.0', script: 'with_owslib.py' },
  'cuiman-api': { title: 'cuiman 0.3.1, Python', script: 'with_cuiman_api.py' },
  'cuiman-cli': { title: 'cuiman 0.3.1, command line', script: 'with_cuiman_cli.py' },
  generated: { title: 'ogc-api-processes-client 0.6.0', script: 'with_generated_client.py' },
  gdal: { title: 'GDAL /vsicurl/', script: 'with_gdal.py' },
  curl: { title: 'curl', script: 'with_curl.sh', program: 'bash' },
  qgis: { title: 'QGIS', script: 'with_qgis.py', program: '/usr/bin/python3' },
};

const project = path.resolve(import.meta.dirname, '..');
const cache = path.join(project, '.cache', 'clients');
const scripts = path.join(project, 'conformance', 'clients');

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    product: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** Runs what was asked for. Returns the exit code. */
async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const unknown = positionals.find((name) => !Object.hasOwn(clients, name));
  if (unknown !== undefined) {
    process.stderr.write(`There is no client "${unknown}".\n\n${help}`);
    return 2;
  }
  const isAll = positionals.length === 0;
  const names = isAll ? Object.keys(clients).filter((name) => name !== 'qgis') : positionals;
  const runs =
    values.url === undefined
      ? await withServer((url, product) => runAll(names, url, product))
      : await runAll(names, values.url.replace(/\/+$/, ''), values.product);
  const text = clientsTable(runs);
  process.stdout.write(`\n${text}`);
  const isQgis = names.join() === 'qgis';
  if (isAll || isQgis)
    await writeFile(path.join(scripts, isQgis ? 'table-qgis.md' : 'table.md'), withHead(text));
  const isStrict = process.env['CI'] === 'true';
  return runs.every((run) => isComplete(run) || (run.skipped !== undefined && !isStrict)) ? 0 : 1;
}

/** The table with what it is. */
function withHead(text: string): string {
  const date = new Date().toISOString().slice(0, 10);
  return `# Clients\n\nWritten by \`npm run clients\` with server ${version} on ${date}.\n\n${text}`;
}

/** A server as it is out of the box and a product for it, on a data folder that is removed afterwards. */
async function withServer(
  work: (url: string, product: string) => Promise<ClientRun[]>,
): Promise<ClientRun[]> {
  await mkdir(cache, { recursive: true });
  const product = await syntheticProduct(path.join(cache, 'products'), say, { size: 540 });
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'cloudmask-clients-'));
  const logFile = path.join(cache, 'server.log');
  const productRoot = path.dirname(product);
  const server = await startServer({ project, dataFolder, productRoot, logFile });
  try {
    return await Promise.race([work(server.url, product), server.ended]);
  } finally {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

/** One after the other, so that none waits for another's job. */
async function runAll(names: readonly string[], url: string, product: string) {
  const needsPython = names.some((name) => clients[name]?.program === undefined);
  const requirements = path.join(scripts, 'requirements.txt');
  const python: Python = needsPython
    ? await preparePython(path.join(cache, 'python'), requirements, say)
    : { unavailable: '' };
  const redirector = await startRedirector();
  const runs: ClientRun[] = [];
  for (const name of names) {
    const client = clients[name];
    if (client === undefined) continue;
    say(`${client.title} …`);
    runs.push(await runClient(client, python, [url, product, redirector.url]));
  }
  redirector.close();
  return runs;
}

async function runClient(
  { title, script, program }: Client,
  python: Python,
  args: readonly string[],
): Promise<ClientRun> {
  const startMs = performance.now();
  const seconds = () => (performance.now() - startMs) / 1000;
  if (program === undefined && 'unavailable' in python)
    return { client: title, steps: [], seconds: 0, skipped: python.unavailable };
  const interpreter = program ?? ('python' in python ? python.python : '');
  const run = await runProgram(interpreter, [path.join(scripts, script), ...args], {
    timeoutMs: 120_000,
    env: {
      PYTHONDONTWRITEBYTECODE: '1',
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
    },
  });
  if (run === undefined)
    return { client: title, steps: [], seconds: 0, skipped: `There is no ${interpreter}.` };
  const said = run.stderr.trim().split('\n').slice(-3).join(' | ').slice(-500);
  const lastWords = `(${run.code ?? 'killed'}) ${said}`;
  return { client: title, steps: parseSteps(run.stdout), seconds: seconds(), lastWords };
}

// The server has a group of its own: it goes when this process ends, but not by a signal to the terminal.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(130));
process.exitCode = await main();
