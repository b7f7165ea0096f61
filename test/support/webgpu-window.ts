/** Runs the golden window `rgbn` with MODEL_DEVICE=webgpu and prints how it agrees with the reference. */
import { resolve } from 'node:path';
import { descriptorVector } from '../../src/cloudmask/embedding/descriptors.ts';
import { Quantiles } from '../../src/cloudmask/embedding/quantiles.ts';
import { msiBands } from '../../src/cloudmask/products/sentinel2-bands.ts';
import { loadOnnxModel } from '../../src/models/onnx-model.ts';
import { readNpz } from './npz.ts';
import { modelsDirectory } from './starter-model.ts';

const plane = 512 * 512;
const golden = (name: string): string =>
  resolve(import.meta.dirname, '../../../shared/reference/golden', name);
const bands = [1, 2, 3, 7];
const expectedWindow = readNpz(golden('window-starter-v0-rgbn.npz'));
const dn = readNpz(golden('inputs.npz'))['dn']!.data;

const model = await loadOnnxModel({
  modelsDirectory,
  modelId: 'starter-v0',
  threads: 2,
  device: 'webgpu',
});
const { descriptors, percentiles, classes } = model.manifest;
const window = {
  values: new Float32Array(bands.length * plane),
  descriptors: new Float32Array(bands.length * descriptors.size),
  statistics: new Float32Array(bands.length * percentiles.length),
  probabilities: new Float32Array(classes.length * plane),
};
const quantiles = new Quantiles(percentiles, plane);
for (const [i, band] of bands.entries()) {
  const values = window.values.subarray(i * plane, (i + 1) * plane);
  for (let pixel = 0; pixel < plane; pixel++) values[pixel] = dn[band * plane + pixel]! / 10_000;
  quantiles.compute(values, window.statistics, i * percentiles.length);
  const vector = descriptorVector(
    msiBands[band]!.descriptor,
    descriptors.embeddings,
    descriptors.size,
  );
  window.descriptors.set(vector, i * descriptors.size);
}
const started = performance.now();
const { probabilities } = await model.predict(window);
const seconds = (performance.now() - started) / 1000;
await model.close();

const expected = expectedWindow['probabilities_every_4th']!.data;
let softmax = 0;
for (let i = 0; i < expected.length; i++) {
  const [c, y, x] = [Math.floor(i / 16_384), Math.floor(i / 128) % 128, i % 128];
  const found = probabilities[c * plane + y * 4 * 512 + x * 4]!;
  softmax = Math.max(softmax, Math.abs(found - expected[i]!));
}
let equal = 0;
for (let pixel = 0; pixel < plane; pixel++) {
  let best = 0;
  for (let c = 1; c < classes.length; c++) {
    if (probabilities[c * plane + pixel]! > probabilities[best * plane + pixel]!) best = c;
  }
  if (best === expectedWindow['classes']!.data[pixel]) equal++;
}
const { device, warning } = model;
process.stdout.write(
  `${JSON.stringify({ device, warning, softmax, classesEqual: equal / plane, seconds })}\n`,
);
process.exit(0);
