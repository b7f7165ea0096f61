/**
 * A kind against the reference implementation: what enters the network, and whole masks of every style (classes equal in
 * at least 99.99 % of the pixels that have data, the bound of the reference data; percentages within their rounding).
 */
import { describe, expect, it } from 'vitest';
import { openProduct } from '../../../src/cloudmask/products/open-product.ts';
import { styles, type OutputStyle } from '../../../src/cloudmask/postprocess/styles.ts';
import { Scene } from '../../../src/cloudmask/scene.ts';
import { readNpz, type NpyArray } from '../npz.ts';
import { sharedPath } from '../shared.ts';
import type { FolderUnderTest } from './kind-under-test.ts';
import { folderOf, withUsable } from './kinds.ts';
import { classesOf, mask, percentDifference, shareEqual } from './masks.ts';
import type { Context } from './suite.ts';

/** The model that the reference implementation made the masks with. */
export const goldenId = 'starter-v0';

const styleNames = Object.keys(styles) as OutputStyle[];

/** Folders of which there is something of the reference. */
export interface GoldenFolder extends FolderUnderTest {
  readonly scene: string;
  readonly strides: readonly number[];
}

/** Those of a list. */
export function goldenFolders(folders: readonly FolderUnderTest[]): GoldenFolder[] {
  return folders.flatMap((folder) =>
    folder.golden === undefined ? [] : [{ ...folder, ...folder.golden }],
  );
}

/** A file of the reference. */
export function golden(name: string): Record<string, NpyArray> {
  return readNpz(sharedPath('reference/golden', `${name}.npz`));
}

/** An array of a file of the reference. */
export function arrayOf(file: Record<string, NpyArray>, name: string): NpyArray {
  const array = file[name];
  if (array === undefined) throw new Error(`There is no ${name} in the golden file.`);
  return array;
}

/** Values, masks and percentages of all scenes of which there are golden files, and of twins. */
export function goldenSuite(context: Context): void {
  const { kind, report, model } = context;
  const scenes = goldenFolders(kind.folders);
  const runs = scenes.flatMap((folder) => folder.strides.map((stride) => ({ ...folder, stride })));
  const suite = scenes.length === 0 ? describe.skip : describe;
  suite('equals the reference implementation', () => {
    it.each(scenes)('in the values that enter the network: $scene', async (folder) => {
      const { values, largest } = await sceneDifference(folder);
      report.difference(folder.path, `scene-${folder.scene}`, values, largest);
      expect(largest).toBeLessThan(kind.sceneTolerance);
    });

    it.each(runs)('in every style: $scene at stride $stride', async ({ stride, ...folder }) => {
      const expected = golden(`mask-${goldenId}-${folder.scene}-stride${stride}`);
      const product = folderOf(folder);
      const data = kind.hasData(product);
      for (const style of styleNames) {
        const ours = classesOf(await mask(model(), { product, style, stride }));
        const share = shareEqual(ours, arrayOf(expected, style), data);
        report.share(folder.path, [folder.scene, String(stride), style], share);
        expect(share).toBeGreaterThanOrEqual(0.9999);
      }
    });

    it.each(scenes)('in the percentages: $scene at stride 384', async ({ scene, path }) => {
      const expected = golden(`mask-${goldenId}-${scene}-stride384`);
      const product = folderOf({ path });
      for (const style of styleNames) {
        const request = { product, style, stride: 384, categorise: false };
        const ours = await mask(model(), request);
        expect(ours.bands).toHaveLength(styles[style].classes.length);
        // Half a percent by rounding, and 1e-4 of probability for the network.
        const percent = arrayOf(expected, `${style}_percent_every_4th`);
        expect(percentDifference(ours, percent)).toBeLessThan(0.51);
      }
    });
  });
  const { twins } = kind;
  if (twins !== undefined) twinSuite(context, twins.paths, twins.share);
}

async function sceneDifference(folder: GoldenFolder): Promise<{ values: number; largest: number }> {
  const expected = golden(`scene-${folder.scene}`);
  const scene = await Scene.open(await openProduct(folderOf(folder)));
  try {
    const { width, height } = scene;
    await scene.load(0, height - 1);
    const [rows, columns] = [range(0, height), range(0, width)];
    const parts = {
      first_rows: [range(0, 7), columns],
      last_rows: [range(height - 7, height), columns],
      first_cols: [rows, range(0, 7)],
      last_cols: [rows, range(width - 7, width)],
      every_9th: [range(0, height, 9), range(0, width, 9)],
    } as const;
    const differences = Object.entries(parts).map(([name, [y, x]]) => {
      const values = new Float32Array(scene.product.bands.length * y.length * x.length);
      scene.cut(y, x, values);
      return { values: values.length, largest: largestDifference(values, arrayOf(expected, name)) };
    });
    return {
      values: differences.reduce((sum, { values }) => sum + values, 0),
      largest: Math.max(...differences.map(({ largest }) => largest)),
    };
  } finally {
    scene.close();
  }
}

function range(from: number, to: number, step = 1): Uint32Array {
  return Uint32Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}

function largestDifference(ours: Float32Array, { data }: NpyArray): number {
  expect(ours.length).toBe(data.length);
  return ours.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (data[index] ?? Number.NaN))),
    0,
  );
}

/** Two processings of one scene. */
function twinSuite({ kind, model }: Context, paths: readonly [string, string], least: number) {
  const maskOf = (path: string): Promise<Uint8Array> => {
    const folder = kind.folders.find((candidate) => candidate.path === path) ?? { path };
    const request = { stride: 384 };
    return withUsable(folder, async (product) =>
      classesOf(await mask(model(), { product, ...request })),
    );
  };

  it(`gives one mask for both processings of a scene, in ${100 * least} % of the pixels`, async () => {
    const [one, other] = [await maskOf(paths[0]), await maskOf(paths[1])];
    expect(one.length).toBe(other.length);
    const both = [...one].map((value, index) => [value, other[index]] as const);
    const valid = both.filter(([a, b]) => a !== 255 && b !== 255);
    const share = valid.filter(([a, b]) => a === b).length / valid.length;
    process.stdout.write(`${kind.title}: ${share.toFixed(4)} of the pixels of twins are equal\n`);
    expect(share).toBeGreaterThanOrEqual(least);
    // Twins in everything have no data in the same places as well.
    expect(least === 1 ? Buffer.compare(one, other) : 0).toBe(0);
  });
}
