/**
 * The program that runs one attempt of one job: composition root of the child. What it loads may
 * crash or be killed without harm to the server.
 */
import type { ModelReport, ProbeOrder, RunOrder } from './jobs/child-protocol.ts';
import { report, serveAsChild, tell } from './jobs/child-side.ts';
import { implementations } from './processes/implementations.ts';

async function run(order: RunOrder, signal: AbortSignal): Promise<void> {
  const load = implementations[order.processId];
  if (load === undefined) throw new Error(`No implementation of ${order.processId}.`);
  const implementation = await load(order.settings);
  const { directory, resultsUrl, outputs, brought, inputs } = order;
  const context = { directory, resultsUrl, outputs, brought, signal, ...tell };
  await report({ kind: 'finished', outputs: await implementation.run(inputs, context) });
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

serveAsChild(async (order, signal) => {
  if (order.kind === 'run') await run(order, signal);
  else if (order.kind === 'probe') await probe(order);
  else throw new Error('This child does not have the network.');
});
