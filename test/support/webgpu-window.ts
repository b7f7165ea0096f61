/**
 * Runs a window through the starter model, converted for a small patch, with MODEL_DEVICE=webgpu and on the CPU, and prints how they
 * agree. That the CPU agrees with the reference is shown elsewhere.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { descriptorVector } from '../../src/cloudmask/embedding/descriptors.ts';
import { Quantiles } from '../../src/cloudmask/embedding/quantiles.ts';
import { msiBands } from '../../src/cloudmask/products/sentinel2-bands.ts';
import { readCheckpoint } from '../../src/models/checkpoint/checkpoint.ts';
import { convertCheckpoint } from '../../src/models/convert/convert.ts';
import { readConfiguration } from '../../src/models/convert/read-configuration.ts';
import type { DeviceChoice } from '../../src/models/device.ts';
import type { ModelManifest } from '../../src/models/manifest.ts';
import type { ModelWindow } from '../../src/models/model.ts';
import { loadOnnxModel } from '../../src/models/onnx-model.ts';
import { withFolder } from './folder.ts';
import { random } from './random.ts';
import { modelsDirectory, starterCheckpoint, starterId } from './starter-model.ts';

/** A multiple of 32: every stage of the network has pixels. */
const patch = 128;
const plane = patch * patch;
const bands = [1, 2, 3, 7];

/** The starter for this patch, as a model of its own below `folder`. */
async function addSmallModel(folder: string): Promise<ModelManifest> {
  const { tensors } = await readCheckpoint(starterCheckpoint.file);
  const configuration = await readConfiguration(starterCheckpoint.configuration);
  const { files } = convertCheckpoint(tensors, { ...configuration, patch });
  const text = await readFile(join(modelsDirectory, starterId, 'model.json'), 'utf8');
  const sums = [...files].map(([name, bytes]) => [
    name,
    { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
  ]);
  const manifest = { ...(JSON.parse(text) as ModelManifest), id: 'small', patch };
  await mkdir(join(folder, 'small'));
  for (const [name, bytes] of files) await writeFile(join(folder, 'small', name), bytes);
  const model = { ...manifest, files: Object.fromEntries(sums) as ModelManifest['files'] };
  await writeFile(join(folder, 'small', 'model.json'), JSON.stringify(model));
  return model;
}

/** Reflectances with edges and noise. */
function aWindow({ descriptors, percentiles, classes }: ModelManifest): ModelWindow {
  const draw = random(1);
  const window = {
    values: Float32Array.from({ length: bands.length * plane }, (_, index) => {
      const isCloud = (index % patch) + Math.floor((index % plane) / patch) > patch;
      return (isCloud ? 0.6 : 0.1) + 0.1 * draw();
    }),
    descriptors: new Float32Array(bands.length * descriptors.size),
    statistics: new Float32Array(bands.length * percentiles.length),
    probabilities: new Float32Array(classes.length * plane),
  };
  const quantiles = new Quantiles(percentiles, plane);
  for (const [i, band] of bands.entries()) {
    const values = window.values.subarray(i * plane, (i + 1) * plane);
    quantiles.compute(values, window.statistics, i * percentiles.length);
    const { descriptor } = msiBands[band]!;
    const vector = descriptorVector(descriptor, descriptors.embeddings, descriptors.size);
    window.descriptors.set(vector, i * descriptors.size);
  }
  return window;
}

async function predict(folder: string, manifest: ModelManifest, device: DeviceChoice) {
  const settings = { modelsDirectory: folder, modelId: manifest.id, threads: 2, device };
  const model = await loadOnnxModel(settings);
  const started = performance.now();
  const { probabilities } = await model.predict(aWindow(manifest));
  const seconds = (performance.now() - started) / 1000;
  await model.close();
  return { probabilities, seconds, device: model.device, warning: model.warning };
}

await withFolder(async (folder) => {
  const manifest = await addSmallModel(folder);
  const cpu = await predict(folder, manifest, 'cpu');
  const { probabilities, ...gpu } = await predict(folder, manifest, 'webgpu');
  const differences = probabilities.map((value, i) => Math.abs(value - cpu.probabilities[i]!));
  const softmax = differences.reduce((most, one) => (one <= most ? most : one), 0);
  const classes = new Set(
    Array.from({ length: plane }, (_, pixel) => {
      const all = manifest.classes.map((_name, c) => cpu.probabilities[c * plane + pixel]!);
      return all.indexOf(Math.max(...all));
    }),
  );
  process.stdout.write(`${JSON.stringify({ ...gpu, softmax, classes: classes.size })}\n`);
});
process.exit(0);
