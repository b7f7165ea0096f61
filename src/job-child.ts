/**
 * The program that runs one attempt of one job: composition root of the child. What it loads may
 * crash or be killed without harm to the server.
 */
import { Cancelled, InvalidInputs, ModelUnusable, ProductRefused } from './errors.ts';
import type {
  ChildOrder,
  ChildReport,
  Failure,
  ModelReport,
  ProbeOrder,
  RunOrder,
} from './jobs/child-protocol.ts';
import { internal, modelUnusable } from './jobs/failures.ts';
import { implementations } from './processes/implementations.ts';

const cancelling = new AbortController();

/** Sends, and waits until the message is on its way. */
function report(message: ChildReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

async function run(order: RunOrder): Promise<void> {
  const load = implementations[order.processId];
  if (load === undefined) throw new Error(`No implementation of ${order.processId}.`);
  const implementation = await load(order.settings);
  const outputs = await implementation.run(order.inputs, {
    directory: order.directory,
    resultsUrl: order.resultsUrl,
    outputs: order.outputs,
    signal: cancelling.signal,
    progress: (percent, message) => void report({ kind: 'progress', percent, message }),
    warn: (message) => void report({ kind: 'warning', message }),
  });
  await report({ kind: 'finished', outputs });
}

async function probe(order: ProbeOrder): Promise<void> {
  await report({ kind: 'checked', model: await checkModel(order) });
  const { describeRaster } = await import('./raster/gdal.ts');
  await report({ kind: 'probed', raster: describeRaster() });
}

async function checkModel({ modelsDirectory, modelId }: ProbeOrder): Promise<ModelReport> {
  const { openModelFolder } = await import('./models/model-folder.ts');
  try {
    const { sha256 } = await openModelFolder(modelsDirectory, modelId);
    return { kind: 'usable', sha256 };
  } catch (error) {
    return { kind: 'unusable', message: error instanceof Error ? error.message : String(error) };
  }
}

/** What the user reads; whatever else there is to know goes to stderr, that is, to the server's log. */
function failureOf(error: unknown): Failure {
  const isBadInput = error instanceof ProductRefused || error instanceof InvalidInputs;
  if (isBadInput) return { kind: 'bad-input', message: error.message };
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return error instanceof ModelUnusable ? modelUnusable : internal;
}

async function obey(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Cancelled)) await report({ kind: 'failed', failure: failureOf(error) });
  }
  // Threads and handles of native libraries must not keep a finished child alive.
  process.exit(0);
}

process.on('message', (order: ChildOrder) => {
  if (order.kind === 'cancel') cancelling.abort();
  else void obey(order.kind === 'run' ? run(order) : probe(order));
});
// The server is gone: nobody waits for the result.
process.on('disconnect', () => process.exit(1));
process.on('SIGTERM', () => cancelling.abort());
