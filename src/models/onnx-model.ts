/**
 * The network in a worker thread. ONNX Runtime computes on the thread that calls it, so the thread of
 * the pipeline stays free for reading and for messages. Buffers travel there and back without a copy.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ModelUnusable } from '../errors.ts';
import { openModelFolder } from './model-folder.ts';
import type { CloudModel, ModelWindow } from './model.ts';
import type { WorkerReply, WorkerSettings } from './onnx-worker.ts';

export interface OnnxModelSettings {
  readonly modelsDirectory: string;
  readonly modelId: string;
  /** Threads that one window may use. */
  readonly threads: number;
}

interface Waiting {
  resolve(window: ModelWindow): void;
  reject(error: Error): void;
}

/**
 * Checks the model folder and loads its network.
 * @throws ModelUnusable when the folder or the network cannot be used.
 */
export async function loadOnnxModel(settings: OnnxModelSettings): Promise<CloudModel> {
  const { manifest, network } = await openModelFolder(settings.modelsDirectory, settings.modelId);
  const workerData: WorkerSettings = {
    file: network.file,
    threads: settings.threads,
    patch: manifest.patch,
    classes: manifest.classes.length,
    descriptorSize: manifest.descriptors.size,
    percentiles: manifest.percentiles.length,
  };
  // Beside this file, in the sources (.ts) as well as in a build (.js).
  const code = new URL(`./onnx-worker${extname(import.meta.filename)}`, import.meta.url);
  const worker = new Worker(code, { workerData });
  const queue: Waiting[] = [];
  await ready(worker);
  listen(worker, queue);
  return {
    manifest,
    sha256: network.sha256,
    predict: (window) =>
      new Promise((resolve, reject) => {
        queue.push({ resolve, reject });
        worker.postMessage(window, buffersOf(window));
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** Everything that is handed over with a window. */
function buffersOf(window: ModelWindow): ArrayBuffer[] {
  const { values, descriptors, statistics, probabilities } = window;
  return [values.buffer, descriptors.buffer, statistics.buffer, probabilities.buffer];
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (reply: WorkerReply) => {
      worker.off('error', reject);
      if (reply.kind === 'failed') reject(new ModelUnusable(reply.message));
      else resolve();
    });
  });
}

/** Answers come in the order of the questions. A worker that dies fails everything that waits. */
function listen(worker: Worker, queue: Waiting[]): void {
  const failAll = (error: Error): void => {
    for (const waiting of queue.splice(0)) waiting.reject(error);
  };
  worker.on('message', (reply: WorkerReply) => {
    const waiting = queue.shift();
    if (reply.kind === 'predicted') waiting?.resolve(reply.window);
    else if (reply.kind === 'failed') waiting?.reject(new Error(reply.message));
  });
  worker.on('error', failAll);
  worker.on('exit', (code) => failAll(new Error(`The inference thread ended with code ${code}.`)));
}
