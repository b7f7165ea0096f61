/**
 * The pipeline: a product folder in, the mask and what belongs to it out. It knows nothing of HTTP, jobs or
 * databases. Reads like the method: product → scene → windows → network → mosaic → classes → COG.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudModel } from '../models/model.ts';
import { moveWindow, type WindowCounts } from './inference/moving-window.ts';
import { MaskSink } from './output/mask-sink.ts';
import { outputFiles, type OutputFiles, type OutputName } from './output/output-files.ts';
import { stacItem } from './output/item.ts';
import { drawPictures } from './output/result-pictures.ts';
import { statisticsOf, type MaskParameters, type Statistics } from './output/statistics.ts';
import { isWithinTraining, warningsOf } from './output/training.ts';
import { styles, type Style } from './postprocess/styles.ts';
import { openProduct } from './products/open-product.ts';
import type { Product } from './products/product.ts';
import { Scene } from './scene.ts';
import { StageTimes } from './stages.ts';

export interface CloudMaskRequest {
  /** The product's folder. */
  readonly product: string;
  readonly parameters: MaskParameters;
  /** Existing folder for the results and for scratch files beside them. */
  readonly directory: string;
  /** Absolute URL (no slash at its end) or `.` below which the results will be found, for links. */
  readonly filesUrl: string;
  /** Outputs that will be delivered, for the list of assets. Default: all. */
  readonly outputs?: readonly OutputName[];
}

export interface Observer {
  readonly signal: AbortSignal;
  /** `percent` 0–100 never falls. */
  progress(percent: number, message: string): void;
}

export interface CloudMaskResult {
  /** Names of the files in the directory. */
  readonly files: OutputFiles;
  readonly statistics: Statistics;
}

/** Percent of the progress that windows take; reading metadata comes before, files after. */
const windowsFrom = 2;
const windowsTo = 92;

/** Everything that the steps of one run share. */
interface Run {
  readonly request: CloudMaskRequest;
  readonly model: CloudModel;
  readonly observer: Observer;
  readonly times: StageTimes;
  readonly scene: Scene;
  readonly style: Style;
  readonly files: OutputFiles;
}

/**
 * Makes the mask of one product.
 * @throws ProductRefused when the product cannot be masked, ModelUnusable when the model does not fit,
 *   Cancelled when the observer's signal fires.
 */
export async function makeCloudMask(
  request: CloudMaskRequest,
  model: CloudModel,
  observer: Observer,
): Promise<CloudMaskResult> {
  const times = new StageTimes();
  observer.progress(0, 'Reading the metadata');
  const product = await times.time('metadata', () => openProduct(request.product));
  const scene = await times.time('metadata', () => Scene.open(product));
  try {
    const style = styles[request.parameters.output_style];
    const files = outputFiles(product.id);
    const run = { request, model, observer, times, scene, style, files };
    const sink = await openSink(run);
    try {
      return await maskScene(run, sink);
    } finally {
      await sink.close();
    }
  } finally {
    scene.close();
  }
}

function openSink({ request, model, scene, style, files, times }: Run): Promise<MaskSink> {
  return MaskSink.create({
    scene,
    style,
    categorise: request.parameters.categorise,
    modelClasses: model.manifest.classes,
    file: join(request.directory, files.cloud_mask),
    tags: tagsOf(scene.product, model, request.parameters),
    times,
  });
}

async function maskScene(run: Run, sink: MaskSink): Promise<CloudMaskResult> {
  const { request, model, observer, times, scene, style, files } = run;
  const windows = await runWindows(run, sink);
  observer.progress(windowsTo, 'Writing the Cloud Optimized GeoTIFF');
  await sink.finish(observer.signal);
  observer.progress(97, 'Drawing the pictures');
  await times.time('pictures', () =>
    drawPictures(scene.product, style, sink, { directory: request.directory, files }),
  );
  const statistics = statisticsOf({
    product: scene.product,
    model,
    parameters: request.parameters,
    style,
    tally: sink.tally,
    windows,
    seconds: times.seconds(),
  });
  await writeDocuments(run, statistics);
  observer.progress(100, 'Finished');
  return { files, statistics };
}

function runWindows(run: Run, sink: MaskSink): Promise<WindowCounts> {
  const { request, model, observer, times, scene } = run;
  return moveWindow({
    scene,
    model,
    stride: request.parameters.stride,
    times,
    signal: observer.signal,
    onWindow: ({ planned, run: done, skipped }) => {
      const share = (done + skipped) / planned;
      const percent = Math.floor(windowsFrom + share * (windowsTo - windowsFrom));
      observer.progress(percent, `Masking: window ${done + skipped} of ${planned}`);
    },
    onRows: (rows, top, count) => sink.write(rows, top, count),
  });
}

/** Processing metadata in the tags of the mask file. */
function tagsOf(
  product: Product,
  model: CloudModel,
  parameters: MaskParameters,
): Record<string, string> {
  const { manifest, sha256 } = model;
  const isWithin = isWithinTraining(product, manifest);
  const warnings = warningsOf(product, manifest);
  return {
    PRODUCT: product.id,
    MODEL: manifest.id,
    MODEL_SHA256: sha256,
    MODEL_LICENCE: manifest.licence,
    OUTPUT_STYLE: parameters.output_style,
    STRIDE: String(parameters.stride),
    CATEGORISE: String(parameters.categorise),
    ACQUISITION_DATETIME: product.acquisition.datetime,
    PROCESSING_LEVEL: product.acquisition.processingLevel,
    PROCESSING_VERSION: product.acquisition.processingVersion,
    ...(isWithin !== undefined && { WITHIN_TRAINING: String(isWithin) }),
    ...(warnings.length > 0 && { WARNINGS: warnings.join(' ') }),
  };
}

async function writeDocuments(run: Run, statistics: Statistics): Promise<void> {
  const { request, model, scene, style, files } = run;
  const item = stacItem({
    product: scene.product,
    style,
    manifest: model.manifest,
    statistics,
    files,
    filesUrl: request.filesUrl,
    outputs: request.outputs ?? (Object.keys(files) as OutputName[]),
    created: new Date().toISOString(),
  });
  const write = (name: string, document: unknown): Promise<void> =>
    writeFile(join(request.directory, name), `${JSON.stringify(document, null, 2)}\n`);
  await write(files.statistics, statistics);
  await write(files.item, item);
}
