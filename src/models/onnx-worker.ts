/** The inference thread: one ONNX Runtime session, one window at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelWindow } from './model.ts';

export interface WorkerSettings {
  readonly file: string;
  readonly threads: number;
  readonly patch: number;
  readonly classes: number;
  readonly descriptorSize: number;
  readonly percentiles: number;
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'predicted'; readonly window: ModelWindow }
  | { readonly kind: 'failed'; readonly message: string };

const inputNames = ['bands', 'descriptors', 'statistics'];
const outputName = 'probabilities';

async function openSession(settings: WorkerSettings): Promise<InferenceSession> {
  const session = await InferenceSession.create(settings.file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // A planned memory pattern keeps every intermediate apart: twice the peak, and no faster.
    enableMemPattern: false,
    graphOptimizationLevel: 'all',
    // Spinning threads only steal time from decoding, and from everybody else on a shared host.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const missing = inputNames.filter((name) => !session.inputNames.includes(name));
  if (missing.length > 0 || !session.outputNames.includes(outputName)) {
    throw new Error(
      `${settings.file} has the inputs ${session.inputNames.join(', ')} and the outputs ` +
        `${session.outputNames.join(', ')}; needed are ${inputNames.join(', ')} and ${outputName}.`,
    );
  }
  return session;
}

async function predict(
  session: InferenceSession,
  settings: WorkerSettings,
  window: ModelWindow,
): Promise<void> {
  const { patch, classes, descriptorSize, percentiles } = settings;
  const bands = window.values.length / (patch * patch);
  const feeds = {
    bands: new Tensor('float32', window.values, [1, bands, patch, patch]),
    descriptors: new Tensor('float32', window.descriptors, [1, bands, descriptorSize]),
    statistics: new Tensor('float32', window.statistics, [1, bands, percentiles]),
  };
  // The result is written in place: without a tensor of ours every run would allocate a new one.
  const result = new Tensor('float32', window.probabilities, [1, classes, patch, patch]);
  await session.run(feeds, { [outputName]: result });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function serve(): Promise<void> {
  const port = parentPort;
  if (port == null) throw new Error('onnx-worker runs as a worker thread only.');
  const settings = workerData as WorkerSettings;
  const send = (reply: WorkerReply, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(reply, transfer);
  let session: InferenceSession;
  try {
    session = await openSession(settings);
  } catch (error) {
    send({ kind: 'failed', message: `The network cannot be loaded: ${messageOf(error)}` });
    return;
  }
  let last = Promise.resolve();
  port.on('message', (window: ModelWindow) => {
    last = last
      .then(() => predict(session, settings, window))
      .then(
        () =>
          send({ kind: 'predicted', window }, [
            window.values.buffer,
            window.descriptors.buffer,
            window.statistics.buffer,
            window.probabilities.buffer,
          ]),
        (error: unknown) => send({ kind: 'failed', message: messageOf(error) }),
      );
  });
  send({ kind: 'ready' });
}

await serve();
