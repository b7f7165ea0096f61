/**
 * A model folder as a running network: one thread for the band embedding, one for the segmenter. While the
 * segmenter computes a window, the embedding of the next is made; the thread of the pipeline stays free.
 */
import { candidateDevices, machineDevices, type DeviceChoice } from './device.ts';
import type { EmbeddingQuestion, EmbeddingThreadSettings } from './embedding-thread.ts';
import { modelFiles } from './model-files.ts';
import { openModelFolder, type ModelFolder } from './model-folder.ts';
import type { CloudModel, ModelWindow } from './model.ts';
import type {
  SegmenterQuestion,
  SegmenterReport,
  SegmenterThreadSettings,
} from './segmenter-thread.ts';
import type { ExecutionDevice } from './session.ts';
import { Thread } from './thread.ts';

export interface OnnxModelSettings {
  readonly modelsDirectory: string;
  readonly modelId: string;
  /** Threads that one window may use. */
  readonly threads: number;
  readonly device: DeviceChoice;
}

/** One window in the segmenter, one in the embedding or waiting behind it, one being prepared. */
const depth = 3;
/** Embeddings: in the segmenter, and being made. Each takes 34 MB with 32 channels. */
const embeddings = 2;

/**
 * Checks the model folder and loads its networks.
 * @throws ModelUnusable when the folder or a network cannot be used.
 */
export async function loadOnnxModel(settings: OnnxModelSettings): Promise<CloudModel> {
  const folder = await openModelFolder(settings.modelsDirectory, settings.modelId);
  const embedding = await Thread.start<EmbeddingQuestion, EmbeddingQuestion>(
    'embedding-thread',
    embeddingSettings(folder),
  );
  try {
    const segmenter = await Thread.start<SegmenterQuestion, SegmenterQuestion>(
      'segmenter-thread',
      segmenterSettings(folder, settings.threads, await devicesFor(settings.device)),
    );
    return new OnnxModel(folder, embedding, segmenter);
  } catch (error) {
    await embedding.close();
    throw error;
  }
}

class OnnxModel implements CloudModel {
  readonly manifest;
  readonly sha256;
  readonly device;
  readonly warning?: string;
  readonly depth = depth;
  readonly #embedding: Thread<EmbeddingQuestion, EmbeddingQuestion>;
  readonly #segmenter: Thread<SegmenterQuestion, SegmenterQuestion>;
  /** Each becomes free again when the window that uses it is done. */
  readonly #buffers: Promise<Float32Array<ArrayBuffer>>[];
  #next = 0;

  constructor(
    folder: ModelFolder,
    embedding: Thread<EmbeddingQuestion, EmbeddingQuestion>,
    segmenter: Thread<SegmenterQuestion, SegmenterQuestion>,
  ) {
    const { patch, embedding_channels: channels } = folder.manifest;
    this.manifest = folder.manifest;
    this.sha256 = folder.sha256;
    const { device, refused } = segmenter.report as SegmenterReport;
    this.device = device;
    if (refused.length > 0)
      this.warning = `The network runs on the ${device}: ${refused.join(' ')}`;
    this.#embedding = embedding;
    this.#segmenter = segmenter;
    this.#buffers = Array.from({ length: embeddings }, () =>
      Promise.resolve(new Float32Array(channels * patch * patch)),
    );
  }

  async predict(window: ModelWindow): Promise<ModelWindow> {
    const slot = this.#next++ % embeddings;
    const used = this.#run(window, slot);
    // Who waits for the buffer of a window that failed fails with it.
    const returned = used.then(({ embedding }) => embedding);
    returned.catch(() => undefined);
    this.#buffers[slot] = returned;
    return (await used).window;
  }

  async close(): Promise<void> {
    await Promise.all([this.#embedding.close(), this.#segmenter.close()]);
  }

  async #run(
    window: ModelWindow,
    slot: number,
  ): Promise<{ window: ModelWindow; embedding: Float32Array<ArrayBuffer> }> {
    const { values, descriptors, statistics } = window;
    const embedding = await this.#buffers[slot];
    if (embedding === undefined) throw new Error(`No buffer ${slot}.`);
    const embedded = await this.#embedding.ask({ values, descriptors, statistics, embedding }, [
      values.buffer,
      descriptors.buffer,
      statistics.buffer,
      embedding.buffer,
    ]);
    const done = await this.#segmenter.ask(
      { embedding: embedded.embedding, probabilities: window.probabilities },
      [embedded.embedding.buffer, window.probabilities.buffer],
    );
    return {
      window: {
        values: embedded.values,
        descriptors: embedded.descriptors,
        statistics: embedded.statistics,
        probabilities: done.probabilities,
      },
      embedding: done.embedding,
    };
  }
}

async function devicesFor(choice: DeviceChoice): Promise<ExecutionDevice[]> {
  return candidateDevices(choice, await machineDevices());
}

function embeddingSettings({ manifest, file }: ModelFolder): EmbeddingThreadSettings {
  return {
    file: file(modelFiles.sensei),
    patch: manifest.patch,
    channels: manifest.embedding_channels,
    descriptorSize: manifest.descriptors.size,
    percentiles: manifest.percentiles.length,
  };
}

function segmenterSettings(
  { manifest, file }: ModelFolder,
  threads: number,
  devices: readonly ExecutionDevice[],
): SegmenterThreadSettings {
  return {
    file: file(modelFiles.segmenter),
    devices,
    threads,
    patch: manifest.patch,
    channels: manifest.embedding_channels,
    classes: manifest.classes.length,
  };
}
