/** Makes masks and compares them with those of the reference implementation. */
import { join } from 'node:path';
import { makeCloudMask } from '../../src/cloudmask/cloudmask.ts';
import type { OutputStyle } from '../../src/cloudmask/postprocess/styles.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { withFolder } from './folder.ts';
import type { NpyArray } from './npz.ts';
import { readBytes, type ReadBack } from './raster.ts';

/** Sentinel-2 scenes of the reference, and a part of their folders' names. */
export const goldenScenes = [
  {
    scene: 's2-l1c-T31TDH',
    kind: 's2-l1c',
    folder: 'N0204',
    strides: [64, 128, 256, 384, 512],
  },
  { scene: 's2-l1c-T19UDP', kind: 's2-l1c', folder: 'N0510', strides: [256, 384, 512] },
  { scene: 's2-l2a-T29RKH', kind: 's2-l2a', folder: 'N0509', strides: [256, 384, 512] },
] as const;

const quiet = { signal: new AbortController().signal, progress: () => undefined };

export interface MaskRequest {
  readonly product: string;
  readonly style: OutputStyle;
  readonly stride: number;
  readonly categorise: boolean;
}

/** The mask of a product, read back. */
export function mask(model: CloudModel, request: MaskRequest): Promise<ReadBack> {
  return withFolder(async (directory) => {
    const { files } = await makeCloudMask(
      {
        product: request.product,
        parameters: {
          output_style: request.style,
          stride: request.stride,
          categorise: request.categorise,
        },
        directory,
        filesUrl: '.',
      },
      model,
      quiet,
    );
    return readBytes(join(directory, files.cloud_mask));
  });
}

/** Share of equal pixels among those with data. No data has to be 255, and only there. */
export function shareEqual(ours: Uint8Array, golden: NpyArray, data: Uint8Array): number {
  let valid = 0;
  let equal = 0;
  for (const [index, value] of ours.entries()) {
    if ((value === 255) !== (data[index] === 0))
      throw new Error(`No data differs at pixel ${index}.`);
    if (value === 255) continue;
    valid++;
    if (value === golden.data[index]) equal++;
  }
  return equal / valid;
}

/** Largest difference in percent at every fourth row and column. */
export function percentDifference(ours: ReadBack, golden: NpyArray): number {
  const [classes = 0, rows = 0, columns = 0] = golden.shape;
  let largest = 0;
  for (let c = 0; c < classes; c++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const value = ours.bands[c]?.[y * 4 * ours.width + x * 4] ?? 0;
        const expected = 100 * (golden.data[(c * rows + y) * columns + x] ?? 0);
        if (value !== 255) largest = Math.max(largest, Math.abs(value - expected));
      }
    }
  }
  return largest;
}
