/** The thread of the band embedding: descriptor network (tiny) and the sum of sines (by tables). */
import { workerData } from 'node:worker_threads';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { EmbeddingKernel } from './embedding/embedding-kernel.ts';
import { openSession } from './session.ts';
import { serveThread } from './thread-server.ts';

export interface EmbeddingThreadSettings {
  /** Path of the descriptor network. */
  readonly file: string;
  readonly patch: number;
  readonly channels: number;
  readonly descriptorSize: number;
  readonly percentiles: number;
}

export interface EmbeddingQuestion {
  /** bands × patch² */
  readonly values: Float32Array<ArrayBuffer>;
  readonly descriptors: Float32Array<ArrayBuffer>;
  readonly statistics: Float32Array<ArrayBuffer>;
  /** Receives channels × patch². */
  readonly embedding: Float32Array<ArrayBuffer>;
}

/** More bands than any supported sensor has. */
const maxBands = 16;
const settings = workerData as EmbeddingThreadSettings;

async function parametersOf(session: InferenceSession, question: EmbeddingQuestion) {
  const { descriptorSize, percentiles } = settings;
  const bands = question.descriptors.length / descriptorSize;
  const found = await session.run({
    descriptors: new Tensor('float32', question.descriptors, [bands, descriptorSize]),
    statistics: new Tensor('float32', question.statistics, [bands, percentiles]),
  });
  const values = (name: string): Float32Array => found[name]?.data as Float32Array;
  return {
    frequency: values('frequency'),
    phase: values('phase'),
    gain: values('gain'),
    shift: values('shift'),
  };
}

await serveThread<EmbeddingQuestion, EmbeddingQuestion>(async () => {
  const session = await openSession(settings.file, { device: 'cpu', threads: 1 });
  const kernel = await EmbeddingKernel.create(settings.patch, settings.channels, maxBands);
  return {
    answering: async (question) => {
      const parameters = await parametersOf(session, question);
      kernel.embed(question.values, parameters, question.embedding);
      const { values, descriptors, statistics, embedding } = question;
      return {
        answer: question,
        transfer: [values.buffer, descriptors.buffer, statistics.buffer, embedding.buffer],
      };
    },
  };
});
