/** Streaming by strips equals the computation on the whole array, and keeps no more than it has to. */
import { describe, expect, it } from 'vitest';
import {
  moveWindow,
  type WindowCounts,
  type WindowSource,
} from '../../../../src/cloudmask/inference/moving-window.ts';
import type { Product } from '../../../../src/cloudmask/products/product.ts';
import { StageTimes } from '../../../../src/cloudmask/stages.ts';
import { planAxis, windowIndices } from '../../../../src/cloudmask/windows/plan.ts';
import type { CloudModel, ModelWindow } from '../../../../src/models/model.ts';
import { random } from '../../../support/random.ts';

const patch = 16;
const classes = 3;
const product = {
  bands: [{ descriptor: { kind: 'TOA Reflectance', minimum: 400, maximum: 500 } }],
} as unknown as Product;

/** One band in memory that insists on being loaded before it is read, and released rows are gone. */
class MemoryScene implements WindowSource {
  readonly product = product;
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
  mostRows = 0;
  #from = 0;
  #to = 0;

  constructor(width: number, height: number, pixels: Float32Array) {
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }
  load(top: number, bottom: number): Promise<void> {
    if (top < this.#from) throw new Error(`Row ${top} was released.`);
    this.#to = Math.max(this.#to, bottom + 1);
    this.mostRows = Math.max(this.mostRows, this.#to - this.#from);
    return Promise.resolve();
  }
  release(top: number): void {
    this.#from = Math.max(this.#from, top);
  }
  validity(row: number, target: Uint8Array): void {
    this.#check(row);
    for (let x = 0; x < this.width; x++)
      target[x] = this.pixels[row * this.width + x] === 0 ? 0 : 1;
  }
  cut(rows: Uint32Array, columns: Uint32Array, target: Float32Array): void {
    for (const [y, row] of rows.entries()) {
      this.#check(row);
      for (const [x, column] of columns.entries()) {
        target[y * columns.length + x] = this.pixels[row * this.width + column]!;
      }
    }
  }
  #check(row: number): void {
    if (row < this.#from || row >= this.#to) throw new Error(`Row ${row} is not loaded.`);
  }
}

/** "Probabilities" that depend on the value, on the place in the window and on the window's statistics. */
function network(values: Float32Array, target: Float32Array): void {
  let total = 0;
  for (const value of values) total += value;
  for (let c = 0; c < classes; c++) {
    for (let i = 0; i < patch * patch; i++) {
      target[c * patch * patch + i] = Math.sin(values[i]! * (c + 1) + i * 0.01 + total * 1e-3);
    }
  }
}

const model: CloudModel = {
  manifest: {
    patch,
    classes: ['a', 'b', 'c'],
    percentiles: [0.5],
    descriptors: { style: 'SEnSeIv2', embeddings: 4, size: 12 },
  } as unknown as CloudModel['manifest'],
  sha256: '',
  depth: 3,
  device: 'cpu',
  predict: (window: ModelWindow) => {
    network(window.values, window.probabilities);
    return Promise.resolve(window);
  },
  close: () => Promise.resolve(),
};

/** Everything at once: the plain formula over the whole scene, windows in order, nodata windows left out. */
function wholeArray(scene: MemoryScene, stride: number): { result: Float32Array; run: number } {
  const rows = planAxis(scene.height, patch, stride);
  const columns = planAxis(scene.width, patch, stride);
  const sums = new Float32Array(classes * scene.height * scene.width);
  const counts = new Float32Array(scene.height * scene.width);
  let run = 0;
  for (const rowStart of rows.starts) {
    for (const columnStart of columns.starts) {
      const ys = windowIndices(rows, rowStart);
      const xs = windowIndices(columns, columnStart);
      const inside = (y: number, x: number): boolean =>
        rowStart + y - rows.before >= 0 &&
        rowStart + y - rows.before < scene.height &&
        columnStart + x - columns.before >= 0 &&
        columnStart + x - columns.before < scene.width;
      const values = new Float32Array(patch * patch);
      let hasData = false;
      for (let i = 0; i < values.length; i++) {
        const [y, x] = [Math.floor(i / patch), i % patch];
        values[i] = scene.pixels[ys[y]! * scene.width + xs[x]!]!;
        if (inside(y, x) && values[i] !== 0) hasData = true;
      }
      const probabilities = new Float32Array(classes * patch * patch);
      network(values, probabilities);
      if (hasData) run++;
      for (let i = 0; i < values.length; i++) {
        const [y, x] = [Math.floor(i / patch), i % patch];
        if (!inside(y, x)) continue;
        const pixel = ys[y]! * scene.width + xs[x]!;
        counts[pixel]! += 1;
        if (!hasData) continue;
        for (let c = 0; c < classes; c++) {
          const at = c * scene.height * scene.width + pixel;
          sums[at] = sums[at]! + probabilities[c * patch * patch + i]!;
        }
      }
    }
  }
  const plane = scene.height * scene.width;
  const result = sums.map((sum, at) => sum / Math.fround(counts[at % plane]! + 1e-6));
  return { result, run };
}

async function streamed(
  scene: MemoryScene,
  stride: number,
): Promise<{ result: Float32Array; counts: WindowCounts }> {
  const result = new Float32Array(classes * scene.height * scene.width);
  let expectedTop = 0;
  const counts = await moveWindow({
    scene,
    model,
    stride,
    times: new StageTimes(),
    signal: new AbortController().signal,
    onWindow: () => undefined,
    onRows: (rows, top, count) => {
      expect(top).toBe(expectedTop);
      expectedTop += count;
      for (const { row, probabilities } of rows) {
        for (let c = 0; c < classes; c++) {
          const line = probabilities.subarray(c * scene.width, (c + 1) * scene.width);
          result.set(line, (c * scene.height + row) * scene.width);
        }
      }
      return Promise.resolve();
    },
  });
  expect(expectedTop).toBe(scene.height);
  return { result, counts };
}

function randomScene(next: () => number): MemoryScene {
  const width = 1 + Math.floor(next() * 60);
  const height = 1 + Math.floor(next() * 90);
  const pixels = Float32Array.from({ length: width * height }, () => next() + 0.1);
  // No data: an oblique edge, and now and then a whole block.
  const edge = (next() - 0.5) * 2 * width;
  for (let i = 0; i < pixels.length; i++) {
    const [y, x] = [Math.floor(i / width), i % width];
    if (x + 0.3 * y < edge || (next() < 0.2 && y > 40)) pixels[i] = 0;
  }
  return new MemoryScene(width, height, pixels);
}

async function held(height: number): Promise<number> {
  const scene = new MemoryScene(20, height, new Float32Array(20 * height).fill(1));
  await streamed(scene, 12);
  return scene.mostRows;
}

describe('moveWindow', () => {
  it('equals the whole-array computation for random sizes, strides and shapes of no data', async () => {
    const next = random(20261123);
    for (let round = 0; round < 120; round++) {
      const scene = randomScene(next);
      const stride = [2, 4, 8, 12, 16][Math.floor(next() * 5)]!;
      const { result, counts } = await streamed(scene, stride);
      const expected = wholeArray(scene, stride);
      expect(Buffer.compare(Buffer.from(result.buffer), Buffer.from(expected.result.buffer))).toBe(
        0,
      );
      expect(counts.run).toBe(expected.run);
      expect(counts.run + counts.skipped).toBe(counts.planned);
    }
  });

  it('holds no more rows of a tall scene than of a short one', async () => {
    expect(await held(1003)).toBe(await held(103));
  });

  it('stops when it is cancelled', async () => {
    const scene = new MemoryScene(20, 200, new Float32Array(4000).fill(1));
    const cancel = new AbortController();
    let windows = 0;
    const run = moveWindow({
      scene,
      model,
      stride: 4,
      times: new StageTimes(),
      signal: cancel.signal,
      onWindow: () => {
        if (++windows === 5) cancel.abort();
      },
      onRows: () => Promise.resolve(),
    });
    await expect(run).rejects.toThrow('cancelled');
    expect(windows).toBeLessThan(10);
  });

  it('hands on what the network throws', async () => {
    const scene = new MemoryScene(20, 40, new Float32Array(800).fill(1));
    const broken = { ...model, predict: () => Promise.reject(new Error('the network failed')) };
    const run = moveWindow({
      scene,
      model: broken,
      stride: 8,
      times: new StageTimes(),
      signal: new AbortController().signal,
      onWindow: () => undefined,
      onRows: () => Promise.resolve(),
    });
    await expect(run).rejects.toThrow('the network failed');
  });
});
