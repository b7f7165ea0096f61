/** A product of a few kB whose pictures need more memory to decode than any job may have: it ends by its limit. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import gdal from 'gdal-async';
import { expect, it } from 'vitest';
import { copyFolder } from '../support/folder.ts';
import { faultsOf, withHostileWorld } from '../support/hostile-world.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';

const safe = 'S2A_MSIL1C_20150726T105026_N0204_R051_T31TDH_20150726T105856.SAFE';

/** Side of a group's pictures in the small product, and in a whole tile. */
const sides = new Map([
  [60, 10_980],
  [30, 5490],
  [10, 1830],
]);

/** One colour in one tile of JPEG 2000 as large as the picture: a decoder cannot decode less than all of it. */
function writeOneTile(file: string, source: gdal.Dataset, side: number): void {
  const memory = '/vsimem/one-tile.tif';
  const raster = gdal.open(memory, 'w', 'GTiff', side, side, 1, 'UInt16', ['COMPRESS=DEFLATE']);
  raster.geoTransform = source.geoTransform ?? [];
  raster.srs = source.srs;
  raster.bands.get(1).fill(7);
  raster.flush();
  const options = ['REVERSIBLE=YES', 'QUALITY=100', `BLOCKXSIZE=${side}`, `BLOCKYSIZE=${side}`];
  gdal.drivers.get('JP2OpenJPEG').createCopy(file, raster, options).close();
  raster.close();
  gdal.vsimem.release(memory);
}

/** Makes all pictures of a product as large as those of a whole tile. */
function enlarge(product: string): void {
  const [granule = ''] = readdirSync(join(product, 'GRANULE'));
  const folder = join(product, 'GRANULE', granule);
  const metadata = join(folder, 'MTD_TL.xml');
  let text = readFileSync(metadata, 'utf8');
  for (const [small, large] of sides)
    text = text
      .replaceAll(`<NROWS>${small}<`, `<NROWS>${large}<`)
      .replaceAll(`<NCOLS>${small}<`, `<NCOLS>${large}<`);
  writeFileSync(metadata, text);
  const made = new Map<number, string>();
  for (const name of readdirSync(join(folder, 'IMG_DATA'))) {
    const file = join(folder, 'IMG_DATA', name);
    const source = gdal.open(readFileSync(file));
    const side = sides.get(source.rasterSize.x) ?? 0;
    const same = made.get(side);
    if (same === undefined) writeOneTile(file, source, side);
    else cpSync(same, file);
    made.set(side, file);
    source.close();
  }
}

describeWithShared('products/broken', 'pictures of one tile', () => {
  it('end by JOB_MEMORY_MB, and the next job runs', async () => {
    await withHostileWorld({ settings: { JOB_MEMORY_MB: '640' } }, async (world) => {
      const source = sharedPath('products/broken/s2-00-valid', safe);
      cpSync(source, join(world.root, 'sound.SAFE'), { recursive: true });
      const hostile = copyFolder(source, world.root);
      enlarge(hostile);
      const faults = await faultsOf(world, [
        {
          attack: 'pictures of 10,980² in one tile',
          given: 'folder',
          product: hostile,
          kind: 'out-of-memory',
          ends: /more than the 640 MB of memory/,
        },
        { attack: 'none', given: 'folder', product: 'sound.SAFE', ends: 'masked' },
      ]);
      expect(faults).toEqual([]);
    });
  });
});
