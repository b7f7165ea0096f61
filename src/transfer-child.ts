/**
 * The program that brings what a job's inputs name from elsewhere: composition root of the transfer child. It has the
 * network, through the outbound guard, and loads neither GDAL nor ONNX Runtime.
 */
import type { BringOrder } from './jobs/child-protocol.ts';
import { report, serveAsChild, tell } from './jobs/child-side.ts';
import { bringers } from './processes/bringers.ts';
import type { Output } from './processes/process.ts';

async function bring(order: BringOrder, signal: AbortSignal): Promise<void> {
  const found = bringers[order.processId];
  if (found === undefined) throw new Error(`Nothing brings the inputs of ${order.processId}.`);
  const bringer = await found.load(order.settings);
  const brought = await bringer.bring(order.inputs, {
    directory: order.directory,
    signal,
    ...tell,
  });
  const outputs = Object.entries(brought).map(([id, folder]): [string, Output] => [
    id,
    { kind: 'value', value: folder },
  ]);
  await report({ kind: 'finished', outputs: Object.fromEntries(outputs) });
}

serveAsChild(async (order, signal) => {
  if (order.kind !== 'bring') throw new Error('This child only brings.');
  await bring(order, signal);
});
