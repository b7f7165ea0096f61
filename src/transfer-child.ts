/**
 * The program that brings what a job's inputs name from elsewhere, and takes results to where its user wants them:
 * composition root of the transfer child. It has the network, through the outbound guard, and loads neither GDAL nor
 * ONNX Runtime. Keys reach it by its orders only, and live in its memory.
 */
import type {
  BringOrder,
  CheckDeliveryOrder,
  DeliverOrder,
  TransferOrder,
  WithdrawOrder,
} from './jobs/child-protocol.ts';
import { report, serveAsChild, tell } from './jobs/child-side.ts';
import { bringers } from './processes/bringers.ts';
import type { Json } from './processes/process.ts';

type Values = Readonly<Record<string, Json>>;

async function bring(order: BringOrder, signal: AbortSignal): Promise<Values> {
  const found = bringers[order.processId];
  if (found === undefined) throw new Error(`Nothing brings the inputs of ${order.processId}.`);
  const bringer = await found.load(order.settings);
  return bringer.bring(order.inputs, { directory: order.directory, signal, ...tell });
}

async function checkDelivery(order: CheckDeliveryOrder, signal: AbortSignal): Promise<Values> {
  const delivery = await import('./delivery/delivery.ts');
  return { folder: await delivery.checkDelivery(order.delivery, signal) };
}

async function deliver(order: DeliverOrder, signal: AbortSignal): Promise<Values> {
  const delivery = await import('./delivery/delivery.ts');
  const files = await delivery.deliver(order.delivery, order.files, { signal, ...tell });
  return Object.fromEntries(files.map((file) => [file.fileName, { ...file }]));
}

async function withdraw(order: WithdrawOrder, signal: AbortSignal): Promise<Values> {
  const delivery = await import('./delivery/delivery.ts');
  const left = await delivery.withdraw(order.delivery, order.keys, signal);
  return { left: [...left] };
}

async function obey(order: TransferOrder, signal: AbortSignal): Promise<Values> {
  if (order.kind === 'bring') return bring(order, signal);
  if (order.kind === 'check-delivery') return checkDelivery(order, signal);
  return order.kind === 'deliver' ? deliver(order, signal) : withdraw(order, signal);
}

serveAsChild(async (order, signal) => {
  if (order.kind === 'run' || order.kind === 'probe') throw new Error('This child only transfers.');
  const values = Object.entries(await obey(order, signal));
  const outputs = values.map(([id, value]) => [id, { kind: 'value' as const, value }] as const);
  await report({ kind: 'finished', outputs: Object.fromEntries(outputs) });
});
