/** A child that writes a file of so many bytes: by itself, or by GDAL on a thread of its own. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import gdal from 'gdal-async';
import { report, serveAsChild } from '../../src/jobs/child-side.ts';

async function writeRaster(file: string, bytes: number): Promise<void> {
  const side = Math.ceil(Math.sqrt(bytes));
  const raster = await gdal.openAsync(file, 'w', 'GTiff', side, side, 1, 'Byte');
  raster.bands.get(1).fill(1);
  await raster.flushAsync();
  raster.close();
}

serveAsChild(async (order) => {
  if (order.kind !== 'run') return;
  const { bytes, isRaster } = order.inputs;
  const file = join(order.directory, 'file.tif');
  if (isRaster === true) await writeRaster(file, Number(bytes));
  else await writeFile(file, Buffer.alloc(Number(bytes)));
  await report({ kind: 'finished', outputs: {} });
});
