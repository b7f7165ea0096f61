/** Synthetic products of several sizes, made once and kept, and what making them cost. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeSyntheticScene } from '../synthetic-scene/scene.ts';
import type { Cost } from './measure.ts';
import { runWatched } from './watched-process.ts';

/** Side in pixels of one copy of the landscape. */
const copySide = 1098;

const costFile = 'cost.json';

export interface BenchScene {
  /** The product. */
  readonly folder: string;
  /** Pixels. */
  readonly side: number;
  /** Of making it. */
  readonly cost: Cost & { readonly peakBytes: number };
}

export interface SceneRequest {
  /** Folder of all scenes. */
  readonly folder: string;
  /** Copies of the landscape across and down. */
  readonly repeat: number;
  /** Memory that making it may take. */
  readonly limitBytes: number;
  /** Hears of it when the scene has to be made. */
  readonly tell: (message: string) => void;
}

/** A product with data everywhere. */
export async function benchScene(request: SceneRequest): Promise<BenchScene> {
  const { folder, repeat, limitBytes, tell } = request;
  const side = repeat * copySide;
  const place = path.join(folder, `scene-${side}`);
  const files = await readdir(place).catch((): string[] => []);
  if (!files.includes(costFile)) {
    tell(`Writing a synthetic product of ${side} × ${side} pixels …`);
    await rm(place, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const program = path.resolve(import.meta.dirname, '../bench.ts');
    const args = [program, 'scene', place, String(repeat)];
    const { cpuSeconds, wallSeconds, peakBytes } = await runWatched({ args, limitBytes });
    const cost = { cpuSeconds, wallSeconds, peakBytes };
    await writeFile(path.join(place, costFile), JSON.stringify(cost));
  }
  const product = (await readdir(place)).find((name) => name.endsWith('.SAFE'));
  if (product === undefined) throw new Error(`${place} holds no product.`);
  const cost = JSON.parse(await readFile(path.join(place, costFile), 'utf8')) as BenchScene['cost'];
  return { folder: path.join(place, product), side, cost };
}

/** Writes the product of a scene into a folder of its own; in a process of its own its memory can be told. */
export async function writeScene(place: string, repeat: number): Promise<void> {
  const unfinished = `${place}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  await writeSyntheticScene(unfinished, { repeat, nodata: false });
  await rename(unfinished, place);
}
