/** The child's end of the conversation with its supervisor: takes orders, reports, and ends. */
import {
  AddressNotAllowed,
  Cancelled,
  DeliveryFailed,
  DeliveryRefused,
  InvalidInputs,
  ModelUnusable,
  ProductRefused,
  TransferFailed,
} from '../errors.ts';
import type {
  ChildOrder,
  ChildReport,
  Failure,
  ProbeOrder,
  RunOrder,
  TransferOrder,
} from './child-protocol.ts';
import { internal, modelUnusable } from './failures.ts';

/** An order that is work. */
type Work = RunOrder | TransferOrder | ProbeOrder;

/** Sends, and waits until the message is on its way. */
export function report(message: ChildReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}

/** Serves as a child: does the one work that is ordered, and ends. `signal` fires when it is not wanted any more. */
export function serveAsChild(work: (order: Work, signal: AbortSignal) => Promise<void>): void {
  const cancelling = new AbortController();
  process.on('message', (order: ChildOrder) => {
    if (order.kind === 'cancel') cancelling.abort();
    else void obey(work(order, cancelling.signal));
  });
  // The server is gone: nobody waits for the result.
  process.on('disconnect', () => process.exit(1));
  process.on('SIGTERM', () => cancelling.abort());
  // Node ignores this signal. Who has listened and does so no more is ended by it, whichever thread writes too much.
  process.on('SIGXFSZ', ignored).off('SIGXFSZ', ignored);
}

const ignored = (): void => undefined;

/** What an implementation or a bringer may tell. */
export const tell = {
  progress: (percent: number, message: string): void =>
    void report({ kind: 'progress', percent, message }),
  warn: (message: string): void => void report({ kind: 'warning', message }),
};

async function obey(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Cancelled)) await report({ kind: 'failed', failure: failureOf(error) });
  }
  // Threads and handles of native libraries must not keep a finished child alive.
  process.exit(0);
}

/** What the user reads; whatever else there is to know goes to stderr, that is, to the server's log. */
function failureOf(error: unknown): Failure {
  if (isBadInput(error)) return { kind: 'bad-input', message: error.message };
  process.stderr.write(`${traceOf(error)}\n`);
  if (error instanceof DeliveryFailed) return { kind: 'delivery-failed', message: error.message };
  if (error instanceof TransferFailed) return { kind: 'transfer-failed', message: error.message };
  return error instanceof ModelUnusable ? modelUnusable : internal;
}

function isBadInput(error: unknown): error is Error {
  return (
    error instanceof ProductRefused ||
    error instanceof InvalidInputs ||
    error instanceof DeliveryRefused ||
    error instanceof AddressNotAllowed
  );
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
