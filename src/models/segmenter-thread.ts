/** The thread of the segmenter: ONNX Runtime computes on the thread that calls it, so it has one of its own. */
import { workerData } from 'node:worker_threads';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { openSession, type ExecutionDevice } from './session.ts';
import { serveThread } from './thread-server.ts';

export interface SegmenterThreadSettings {
  /** Path of the network. */
  readonly file: string;
  /** Devices to try in order. */
  readonly devices: readonly ExecutionDevice[];
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

/** What the thread says when it is ready. */
export interface SegmenterReport {
  readonly device: ExecutionDevice;
  /** Why devices before it were not taken. */
  readonly refused: readonly string[];
}

const settings = workerData as SegmenterThreadSettings;

async function run(session: InferenceSession, question: SegmenterQuestion): Promise<void> {
  const { patch, channels, classes } = settings;
  const feeds = {
    embedding: new Tensor('float32', question.embedding, [1, channels, patch, patch]),
  };
  // The result is written in place: without a tensor of ours every run would allocate a new one.
  const shape = [1, classes, patch, patch];
  await session.run(feeds, { probabilities: new Tensor('float32', question.probabilities, shape) });
}

/** The first device that loads the network, and on a GPU also runs it once. */
async function firstUsable(): Promise<{ session: InferenceSession; report: SegmenterReport }> {
  const { file, devices, threads, patch, channels, classes } = settings;
  const refused: string[] = [];
  for (const device of devices) {
    try {
      const session = await openSession(file, { device, threads });
      if (device !== 'cpu') {
        await run(session, {
          embedding: new Float32Array(channels * patch * patch),
          probabilities: new Float32Array(classes * patch * patch),
        });
      }
      return { session, report: { device, refused } };
    } catch (error) {
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(refused.join(' '));
}

await serveThread<SegmenterQuestion, SegmenterQuestion>(async () => {
  const { session, report } = await firstUsable();
  return {
    report,
    answering: async (question) => {
      await run(session, question);
      const { embedding, probabilities } = question;
      return { answer: question, transfer: [embedding.buffer, probabilities.buffer] };
    },
  };
});
