/** Makes masks and compares them with those of the reference implementation. */
import { join } from 'node:path';
import { makeCloudMask, type CloudMaskResult } from '../../../src/cloudmask/cloudmask.ts';
import type { OutputStyle } from '../../../src/cloudmask/postprocess/styles.ts';
import type { CloudModel } from '../../../src/models/model.ts';
import { withFolder } from '../folder.ts';
import type { NpyArray } from '../npz.ts';
import { readBytes, type ReadBack } from '../raster.ts';

const quiet = { signal: new AbortController().signal, progress: () => undefined };

export interface MaskRequest {
  readonly product: string;
  /** Default: 4-class. */
  readonly style?: OutputStyle;
  /** Default: 512. */
  readonly stride?: number;
  /** Default: true. */
  readonly categorise?: boolean;
}

/** Makes a mask and all that belongs to it in a folder. */
export function makeMask(
  model: CloudModel,
  { product, style = '4-class', stride = 512, categorise = true }: MaskRequest,
  directory: string,
): Promise<CloudMaskResult> {
  const parameters = { output_style: style, stride, categorise };
  return makeCloudMask({ product, parameters, directory, filesUrl: '.' }, model, quiet);
}

/** The mask of a product, read back. */
export function mask(model: CloudModel, request: MaskRequest): Promise<ReadBack> {
  return withFolder(async (directory) => {
    const { files } = await makeMask(model, request, directory);
    return readBytes(join(directory, files.cloud_mask));
  });
}

/** The only band of a mask of classes. */
export function classesOf({ bands }: ReadBack): Uint8Array {
  const [classes, ...others] = bands;
  if (classes === undefined || others.length > 0) {
    throw new Error(`The mask has ${bands.length} bands, expected 1.`);
  }
  return classes;
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
