/** Original metadata documents of many baselines: the values that a parser has to find. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { readUserProduct } from '../../../../src/cloudmask/products/sentinel2-metadata.ts';
import { readTileMetadata } from '../../../../src/cloudmask/products/sentinel2-tile.ts';
import { describeWithShared, sharedPath } from '../../../support/shared.ts';

interface ExpectedProduct {
  readonly root: string;
  readonly product_uri: string;
  readonly level: string;
  readonly baseline: string;
  readonly spacecraft: string;
  readonly sensing_start: string;
  readonly quantification: number;
  readonly add_offset: Readonly<Record<string, number>> | null;
  readonly nodata: number;
  readonly image_files: number;
}

interface ExpectedTile {
  readonly root: string;
  readonly sensing_time: string;
  readonly crs: string;
  readonly size: Readonly<Record<'10' | '20' | '60', readonly [number, number]>>;
  readonly ulx_uly: Readonly<Record<'10' | '20' | '60', readonly [number, number]>>;
  readonly mean_sun_zenith: number;
  readonly mean_sun_azimuth: number;
}

describeWithShared('products/metadata-only/expected.json', 'metadata of Sentinel-2', () => {
  const text = readFileSync(sharedPath('products/metadata-only/expected.json'), 'utf8');
  const all = Object.entries(JSON.parse(text) as Record<string, ExpectedProduct | ExpectedTile>);
  const ofRoot = (root: RegExp): [string, ExpectedProduct | ExpectedTile][] =>
    all.filter(
      ([path, { root: found }]) => path.startsWith('sentinel-2/') && root.test(found ?? ''),
    );

  it.each(ofRoot(/User_Product$/))('reads %s', async (path, expected) => {
    const wanted = expected as ExpectedProduct;
    const level = /1C/.test(wanted.root) ? 'L1C' : 'L2A';
    const file = sharedPath('products/metadata-only', path);
    const found = await readUserProduct(file, level);
    expect({
      ...found,
      offsets: found.offsets === undefined ? null : Object.fromEntries(found.offsets),
      images: found.images.length,
    }).toEqual({
      document: basename(file),
      uri: wanted.product_uri,
      level: wanted.level,
      baseline: wanted.baseline,
      spacecraft: wanted.spacecraft,
      sensingStart: wanted.sensing_start,
      quantification: wanted.quantification,
      offsets: wanted.add_offset,
      noData: wanted.nodata,
      images: wanted.image_files,
    });
  });

  it.each(ofRoot(/Tile_ID$/))('reads %s', async (path, expected) => {
    const wanted = expected as ExpectedTile;
    const found = await readTileMetadata(sharedPath('products/metadata-only', path));
    const groups = ['10', '20', '60'] as const;
    expect({
      sensing_time: found.sensingTime,
      crs: found.grids['10'].crs,
      size: Object.fromEntries(
        groups.map((g) => [g, [found.grids[g].height, found.grids[g].width]]),
      ),
      ulx_uly: Object.fromEntries(
        groups.map((g) => [g, [found.grids[g].originX, found.grids[g].originY]]),
      ),
    }).toEqual({
      sensing_time: wanted.sensing_time,
      crs: wanted.crs,
      size: wanted.size,
      ulx_uly: wanted.ulx_uly,
    });
    expect(90 - (found.sunElevation ?? NaN)).toBeCloseTo(wanted.mean_sun_zenith, 9);
    expect(found.sunAzimuth).toBeCloseTo(wanted.mean_sun_azimuth, 9);
  });
});
