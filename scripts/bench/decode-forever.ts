/** Decodes all bands of a product over and over, one after the other, until it is killed: `whileDecoding` starts it. */
import process from 'node:process';
import { BandRows } from '../../src/cloudmask/band-rows.ts';
import { openProduct } from '../../src/cloudmask/products/open-product.ts';
import { RasterFile } from '../../src/raster/open-raster.ts';

const [folder = ''] = process.argv.slice(2);
const product = await openProduct(folder);
process.send?.('ready');
for (;;) {
  for (const { file, driver = product.driver } of product.bands) {
    const raster = await RasterFile.open(file, driver);
    const rows = new BandRows(raster);
    for (let top = 0; top < rows.height; top += rows.stripRows) {
      await rows.load(top, Math.min(top + rows.stripRows, rows.height) - 1);
      rows.release(top + rows.stripRows);
    }
    raster.close();
  }
}
