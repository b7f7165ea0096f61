/** The thread of the segmenter: ONNX Runtime computes on the thread that calls it, so it has one of its own. */
import { workerData } from 'node:worker_threads';
import { Tensor } from 'onnxruntime-node';
import { openSession, type ExecutionDevice } from './session.ts';
import { serveThread } from './thread-server.ts';

export interface SegmenterThreadSettings {
  /** Path of the network. */
  readonly file: string;
  readonly device: ExecutionDevice;
  /** Threads that one window may use. */
  readonly threads: number;
  readonly patch: number;
  readonly channels: number;
  readonly classes: number;
}

export interface SegmenterQuestion {
  /** channels × patch² */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** Receives classes × patch². */
  readonly probabilities: Float32Array<ArrayBuffer>;
}

const settings = workerData as SegmenterThreadSettings;

await serveThread<SegmenterQuestion, SegmenterQuestion>(async () => {
  const session = await openSession(settings.file, settings);
  const { patch, channels, classes } = settings;
  return {
    answering: async (question) => {
      const { embedding, probabilities } = question;
      const feeds = { embedding: new Tensor('float32', embedding, [1, channels, patch, patch]) };
      // The result is written in place: without a tensor of ours every run would allocate a new one.
      const result = new Tensor('float32', probabilities, [1, classes, patch, patch]);
      await session.run(feeds, { probabilities: result });
      return { answer: question, transfer: [embedding.buffer, probabilities.buffer] };
    },
  };
});
