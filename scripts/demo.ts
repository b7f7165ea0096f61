/**
 * `npm run demo`: starts a server, has one real product masked over HTTP, and downloads the result.
 * It does what any client of the API does: read the calls in `demo/client.ts` to write another.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as client from './demo/client.ts';
import { isRecord, readableJson, textOf } from './demo/json.ts';
import type { JsonObject } from './demo/json.ts';
import { givenProduct, syntheticProduct } from './demo/product.ts';
import { createProgress } from './demo/progress.ts';
import { classTable } from './demo/report.ts';
import { startServer } from './demo/server.ts';
import { Interrupted, UserError } from './demo/user-error.ts';

const help = `Usage: npm run demo [-- <product>]

Starts a server on a free port, submits a product to its process "senseiv2-cloudmask", and downloads
the cloud mask and a preview picture to data/demo/results.

  <product>   folder (or metadata file) of a Sentinel-2 or Landsat 8/9 product; without one a synthetic scene is made
  --help      prints this
`;

const processId = 'senseiv2-cloudmask';
const pollMs = 300;
const project = path.resolve(import.meta.dirname, '..');
const demoFolder = path.join(project, 'data', 'demo');

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs the demo. Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const from = process.env['INIT_CWD'] || process.cwd();
  const [argument] = positionals;
  const product =
    argument == null
      ? await syntheticProduct(path.join(demoFolder, 'products'), say)
      : await givenProduct(argument, from);
  say(`Product:  ${product}`);

  const interrupt = interruptSignal();
  const logFile = path.join(demoFolder, 'server.log');
  const server = await startServer({
    project,
    dataFolder: path.join(demoFolder, 'server'),
    productRoot: path.dirname(product),
    logFile,
  });
  say(`Server:   ${server.url}  (log: ${logFile})`);
  try {
    await Promise.race([maskProduct(server.url, product, interrupt), server.ended]);
  } catch (error) {
    // A connection breaks a moment before the server's end is known, and that says more.
    if (error instanceof TypeError) await Promise.race([server.ended, sleep(1000)]);
    throw error;
  } finally {
    await server.stop();
  }
  say(`\nDone in ${(performance.now() / 1000).toFixed(1)} s. The server is stopped.`);
  return 0;
}

function readArguments(args: readonly string[]) {
  try {
    const options = { help: { type: 'boolean', short: 'h' } } as const;
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    if (parsed.positionals.length > 1) throw new Error('One product at a time, please.');
    return parsed;
  } catch (error) {
    throw new UserError(`${explain(error)}\n\n${help}`);
  }
}

/** Fires at the first Ctrl-C or request to stop. The second ends the demo at once. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new Interrupted());
    });
  }
  return controller.signal;
}

/** One job from its request to its files. */
async function maskProduct(url: string, product: string, interrupt: AbortSignal): Promise<void> {
  say(`Process:  ${await client.processTitle(url, processId)}`);
  interrupt.throwIfAborted();
  const jobUrl = await client.submit(url, processId, { product });
  say(`Job:      ${jobUrl}\n`);
  await waitForJob(jobUrl, interrupt);
  const results = await client.jobResults(jobUrl);
  say(`\nResults document:\n${readableJson(results)}`);
  say(`\nClasses:\n${classTable(await client.outputValue(results, 'statistics'))}`);
  await downloadResults(results, product);
}

/** Follows a job to its success. Throws when it fails, and dismisses it when interrupted. */
async function waitForJob(jobUrl: string, interrupt: AbortSignal): Promise<void> {
  const progress = createProgress(process.stdout);
  try {
    for (;;) {
      if (interrupt.aborted) await client.dismiss(jobUrl);
      interrupt.throwIfAborted();
      const job = await client.jobStatus(jobUrl);
      progress.update(job.progress, job.message);
      if (job.status === 'successful') return;
      if (job.status !== 'accepted' && job.status !== 'running') {
        throw new UserError(`\nThe job is ${job.status}: ${job.message || 'no cause given'}`);
      }
      await sleep(pollMs, undefined, { signal: interrupt }).catch(() => undefined);
    }
  } finally {
    progress.stop();
  }
}

async function downloadResults(results: JsonObject, product: string): Promise<void> {
  const folder = path.join(demoFolder, 'results', path.basename(product));
  await mkdir(folder, { recursive: true });
  say('\nFiles:');
  for (const [id, ending] of [
    ['cloud_mask', '.tif'],
    ['preview', '.png'],
  ] as const) {
    const file = path.join(folder, `${id}${ending}`);
    const bytes = await client.download(client.outputLink(results, id), file);
    say(`  ${file}  (${Math.ceil(bytes / 1024).toLocaleString('en')} kB)`);
  }
}

/** What went wrong, for a person: no stack trace for what a person can mend. */
function explain(error: unknown): string {
  if (error instanceof UserError || error instanceof client.RequestRefused) return error.message;
  if (!(error instanceof Error)) return String(error);
  const cause = isRecord(error.cause) ? textOf(error.cause['message']) : undefined;
  return cause == null ? error.message : `${error.message}: ${cause}`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = error instanceof UserError ? error.exitCode : 1;
}
