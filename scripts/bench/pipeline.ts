/** The pipeline, from JPEG 2000 to COG, against the bare segmenter fed from memory: same windows, same threads. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { makeCloudMask } from '../../src/cloudmask/cloudmask.ts';
import type { Statistics } from '../../src/cloudmask/output/statistics.ts';
import { modelFiles } from '../../src/models/model-files.ts';
import { openModelFolder } from '../../src/models/model-folder.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { loadOnnxModel } from '../../src/models/onnx-model.ts';
import { openSession } from '../../src/models/session.ts';
import type { Finding, Note, Section } from './findings.ts';
import { measure, type Cost } from './measure.ts';
import { whileDecoding } from './while-decoding.ts';

/** How much slower than the bare segmenter the whole pipeline may be. */
const slowest = 1.1;

export interface PipelineRequest {
  readonly modelsDirectory: string;
  readonly modelId: string;
  /** Folder of the product. */
  readonly product: string;
  /** Folder for results, which are removed. */
  readonly folder: string;
  /** Threads of the segmenter, bare and in the pipeline. */
  readonly threads: number;
  /** Pixels: the smaller, the more windows see what was decoded once. */
  readonly stride: number;
}

/**
 * Measures bare, pipeline, bare: the mean of both bare runs is compared. With a core to spare, also the bare segmenter
 * while another program decodes there: what cores that share memory and caches lose, however a pipeline is built.
 */
export async function measurePipeline(request: PipelineRequest): Promise<Section> {
  const { modelsDirectory, modelId, threads, stride, product } = request;
  const runBare = await bareSegmenter(request);
  const model = await loadOnnxModel({ modelsDirectory, modelId, threads, device: 'cpu' });
  try {
    await runBare(1);
    const warm = await runPipeline(request, model);
    const windows = warm.windows.run;
    const first = await measure(() => runBare(windows));
    let statistics = warm;
    const pipeline = await measure(async () => {
      statistics = await runPipeline(request, model);
    });
    const second = await measure(() => runBare(windows));
    const bare = meanOf(first, second);
    const cores = availableParallelism();
    const sharing =
      threads < cores && (await whileDecoding(product, () => measure(() => runBare(windows))));
    return {
      title: `Pipeline with ${modelId}: stride ${stride}, ${windows} windows, segmenter on ${threads} of ${cores} cores, per window`,
      findings: [found(perWindow(pipeline, windows), perWindow(bare, windows))],
      notes: [
        ...stageNotes(statistics),
        ...(sharing ? [sharingNote(sharing, bare, pipeline)] : []),
      ],
    };
  } finally {
    await model.close();
  }
}

/** The segmenter with the pipeline's settings; runs a number of windows, one after the other, from memory. */
async function bareSegmenter({
  modelsDirectory,
  modelId,
  threads,
}: PipelineRequest): Promise<(windows: number) => Promise<void>> {
  const { manifest, file } = await openModelFolder(modelsDirectory, modelId);
  const { patch, embedding_channels: channels, classes } = manifest;
  const session = await openSession(file(modelFiles.segmenter), { device: 'cpu', threads });
  const tensor = (planes: number): Tensor =>
    new Tensor('float32', new Float32Array(planes * patch * patch), [1, planes, patch, patch]);
  const [embedding, probabilities] = [tensor(channels), tensor(classes.length)];
  return async (windows) => {
    for (let window = 0; window < windows; window++) {
      await session.run({ embedding }, { probabilities });
    }
  };
}

async function runPipeline(
  { product, folder, stride }: PipelineRequest,
  model: CloudModel,
): Promise<Statistics> {
  const directory = await mkdtemp(path.join(folder, 'pipeline-'));
  try {
    const parameters = { output_style: '4-class', stride, categorise: true } as const;
    const { statistics } = await makeCloudMask(
      { product, parameters, directory, filesUrl: '.' },
      model,
      { signal: new AbortController().signal, progress: () => undefined },
    );
    return statistics;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function found(pipeline: Cost, bare: Cost): Finding {
  const ratio = pipeline.wallSeconds / bare.wallSeconds;
  return {
    name: 'JPEG 2000 to COG / segmenter alone',
    ours: pipeline,
    plain: bare,
    ratio,
    target: `wall ≤ ${slowest} of bare`,
    isMet: ratio <= slowest,
  };
}

/** Wall seconds of each stage; stages overlap. */
export function stageNotes({ seconds, windows }: Statistics): Note[] {
  const stages = Object.entries(seconds).map(([stage, value]) => `${stage} ${value.toFixed(1)}`);
  const total = seconds['total'] ?? NaN;
  return [
    { name: 'wall seconds by stage (they overlap)', value: stages.join(', ') },
    { name: 'windows', value: `${windows.run} run, ${windows.skipped} skipped` },
    { name: 'windows a second', value: (windows.run / total).toFixed(2) },
  ];
}

function sharingNote(sharing: Cost, bare: Cost, pipeline: Cost): Note {
  const [slower, rest] = [
    sharing.wallSeconds / bare.wallSeconds,
    pipeline.wallSeconds / sharing.wallSeconds,
  ];
  return {
    name: 'segmenter alone while another program decodes',
    value: `${slower.toFixed(3)} of bare; the pipeline takes ${rest.toFixed(3)} of that`,
  };
}

function perWindow({ cpuSeconds, wallSeconds }: Cost, windows: number): Cost {
  return { cpuSeconds: cpuSeconds / windows, wallSeconds: wallSeconds / windows };
}

function meanOf(a: Cost, b: Cost): Cost {
  return {
    cpuSeconds: (a.cpuSeconds + b.cpuSeconds) / 2,
    wallSeconds: (a.wallSeconds + b.wallSeconds) / 2,
  };
}
