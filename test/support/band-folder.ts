/** Folders of single band files as the transfer of a STAC Item leaves them, made from the reference data's products. */
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  qualityBandId,
  writeBandFiles,
  type BandFile,
} from '../../src/cloudmask/products/band-document.ts';
import { sharedPath } from './shared.ts';
import type { ReadResult } from './stac.ts';

/** Puts the files of an Item that points into the reference data into a folder, and writes `bands.json`. */
export async function placeItem(folder: string, { plan, settled }: ReadResult): Promise<void> {
  const files = new Map<string, BandFile>();
  const quality = plan.quality === undefined ? [] : [{ ...plan.quality, id: qualityBandId }];
  for (const { id, href } of [...plan.bands, ...quality]) {
    const isJpeg2000 = href.endsWith('.jp2');
    const file = `${id}.${isJpeg2000 ? 'jp2' : 'tif'}`;
    files.set(id, { file, driver: isJpeg2000 ? 'JP2OpenJPEG' : 'GTiff' });
    copyFileSync(sharedPath(join('.', new URL(href).pathname)), join(folder, file));
    chmodSync(join(folder, file), 0o644);
  }
  await writeBandFiles(folder, settled, files);
}
