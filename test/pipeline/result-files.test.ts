/** The files of a result as GDAL, a catalogue and a person find them. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import gdal from 'gdal-async';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSyntheticScene, type SyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import { truthClasses } from '../../scripts/synthetic-scene/truth.ts';
import { makeCloudMask, type CloudMaskResult } from '../../src/cloudmask/cloudmask.ts';
import type { MaskParameters } from '../../src/cloudmask/output/statistics.ts';
import type { CloudModel } from '../../src/models/model.ts';
import { readBytes } from '../support/raster.ts';
import { loadStarter, remembering, starterId } from '../support/starter-model.ts';

const filesUrl = 'https://masks.example/results/1/x';

interface Made {
  readonly directory: string;
  readonly result: CloudMaskResult;
  readonly progress: readonly number[];
  path(name: keyof CloudMaskResult['files']): string;
}

describe('a result', () => {
  let model: CloudModel;
  let folder: string;
  let scene: SyntheticScene;
  /** The default result, which most tests look at. */
  let usual: Made;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloudmask-result-'));
    model = remembering(await loadStarter());
    scene = await writeSyntheticScene(folder, { size: { rows: 1050, columns: 540 } });
    usual = await make({});
  });
  afterAll(async () => {
    await model.close();
    await rm(folder, { recursive: true });
  });

  async function make(parameters: Partial<MaskParameters>): Promise<Made> {
    const directory = await mkdtemp(join(folder, 'result-'));
    const progress: number[] = [];
    const result = await makeCloudMask(
      {
        product: scene.folder,
        parameters: { output_style: '4-class', stride: 512, categorise: true, ...parameters },
        directory,
        filesUrl,
      },
      model,
      {
        signal: new AbortController().signal,
        progress: (percent) => progress.push(percent),
      },
    );
    return { directory, result, progress, path: (name) => join(directory, result.files[name]) };
  }

  it('is a Cloud Optimized GeoTIFF on the grid of the product, with colours, names and tags', () => {
    const { path } = usual;
    const dataset = gdal.open(path('cloud_mask'));
    const band = dataset.bands.get(1);
    expect(dataset.getMetadata('IMAGE_STRUCTURE')).toEqual({
      COMPRESSION: 'DEFLATE',
      INTERLEAVE: 'BAND',
      LAYOUT: 'COG',
    });
    expect({
      size: [dataset.rasterSize.x, dataset.rasterSize.y, dataset.bands.count()],
      transform: dataset.geoTransform,
      crs: dataset.srs?.getAuthorityCode('PROJCS'),
      noData: band.noDataValue,
      type: band.dataType,
      block: [band.blockSize.x, band.blockSize.y],
      overviews: band.overviews.map((level) => [level.size.x, level.size.y]),
    }).toEqual({
      size: [scene.columns, scene.rows, 1],
      transform: [scene.left, 10, 0, scene.top, 0, -10],
      crs: String(scene.epsg),
      noData: 255,
      type: 'Byte',
      block: [512, 512],
      overviews: [
        [270, 525],
        // Half of 525, rounded down by some versions of GDAL and up by others.
        [135, expect.toSatisfy((rows: number) => rows === 262 || rows === 263)],
      ],
    });
    expect([0, 1, 2, 3].map((value) => band.colorTable?.get(value))).toEqual([
      { c1: 0x4c, c2: 0xae, c3: 0x5c, c4: 255 },
      { c1: 0x52, c2: 0x25, c3: 0x74, c4: 255 },
      { c1: 0xc0, c2: 0xe6, c3: 0xfb, c4: 255 },
      { c1: 0xa8, c2: 0x1c, c3: 0x20, c4: 255 },
    ]);
    expect(band.getMetadata()).toEqual({
      CLASS_0: 'clear sky',
      CLASS_1: 'thick clouds',
      CLASS_2: 'thin clouds',
      CLASS_3: 'cloud shadows',
    });
    expect(dataset.getMetadata()).toMatchObject({
      MODEL: starterId,
      MODEL_SHA256: model.sha256,
      OUTPUT_STYLE: '4-class',
      STRIDE: '512',
    });
    dataset.close();
  });

  it('invents no class in its overviews', () => {
    const { path } = usual;
    const dataset = gdal.open(path('cloud_mask'));
    const overview = dataset.bands.get(1).overviews.get(0);
    const pixels = new Uint8Array(overview.size.x * overview.size.y);
    overview.pixels.read(0, 0, overview.size.x, overview.size.y, pixels);
    const found = [...new Set(pixels)];
    expect(found.filter((value) => ![0, 1, 2, 3, 255].includes(value))).toEqual([]);
    dataset.close();
  });

  it('has no data exactly where the product has none', () => {
    const { path } = usual;
    const mask = readBytes(path('cloud_mask')).bands[0]!;
    const outside = scene.truth.filter((value) => value === truthClasses.nodata).length;
    expect(outside).toBeGreaterThan(0);
    expect(mask.filter((value) => value === 255)).toHaveLength(outside);
  });

  it('gives percentages as one described band for each class', async () => {
    const { path } = await make({ categorise: false, output_style: 'cloud-noncloud' });
    const dataset = gdal.open(path('cloud_mask'));
    expect(dataset.bands.map((band) => band.description)).toEqual(['no cloud', 'cloud']);
    expect(
      dataset.bands.map((band) => [band.noDataValue, band.colorTable ?? 'no colours']),
    ).toEqual([
      [255, 'no colours'],
      [255, 'no colours'],
    ]);
    dataset.close();
    const [clear, cloud] = readBytes(path('cloud_mask')).bands;
    const sums = new Set(
      clear!.map((percent, index) => (percent === 255 ? 0 : percent + cloud![index]!)),
    );
    // 0 where there is no data; elsewhere two halves of a hundred, each rounded.
    expect([...sums].filter((sum) => ![0, 99, 100, 101].includes(sum))).toEqual([]);
    expect(
      clear!.filter((percent, index) => (percent === 255) !== (cloud![index] === 255)),
    ).toEqual(new Uint8Array());
  });

  it('counts what the mask shows', () => {
    const { path, result } = usual;
    const mask = readBytes(path('cloud_mask')).bands[0]!;
    const count = (value: number): number => mask.filter((pixel) => pixel === value).length;
    const valid = mask.length - count(255);
    const { statistics } = result;
    expect(JSON.parse(readFileSync(path('statistics'), 'utf8'))).toEqual(statistics);
    expect(statistics.pixels).toEqual({ total: mask.length, valid, nodata: count(255) });
    for (const { value, share } of statistics.classes) {
      expect(share).toBeCloseTo(count(value) / valid, 5);
    }
    expect(statistics.cloud_cover).toBeCloseTo((100 * (count(1) + count(2))) / valid, 3);
    expect(statistics.windows).toEqual({ planned: 6, run: 6, skipped: 0 });
  });

  it('says no cloud cover where the style does not tell', async () => {
    const { result } = await make({ output_style: 'valid-invalid' });
    expect(result.statistics).not.toHaveProperty('cloud_cover');
  });

  it('has pictures: true colour with alpha, and a preview of both', async () => {
    const { path } = usual;
    const trueColour = await sharp(path('true_colour')).metadata();
    expect(trueColour).toMatchObject({
      format: 'webp',
      width: scene.columns,
      height: scene.rows,
      hasAlpha: true,
    });
    const preview = await sharp(path('preview')).metadata();
    expect(preview.format).toBe('png');
    // Two panels side by side, not one.
    expect(preview.width).toBeGreaterThan(2 * 260);
  });

  it('has a STAC Item whose assets are the files', () => {
    const { path, directory, result } = usual;
    const item = JSON.parse(readFileSync(path('item'), 'utf8')) as {
      stac_version: string;
      bbox: [number, number, number, number];
      geometry: { coordinates: [number, number][][] };
      properties: Record<string, unknown>;
      assets: Record<string, { href: string }>;
    };
    const names = Object.values(item.assets).map(({ href }) => href.replace(`${filesUrl}/`, ''));
    expect(names.every((name) => readdirSync(directory).includes(name))).toBe(true);
    expect(item.stac_version).toBe('1.1.0');
    expect(item.properties).toMatchObject({
      'eo:cloud_cover': result.statistics.cloud_cover,
      'proj:code': `EPSG:${scene.epsg}`,
      'proj:shape': [scene.rows, scene.columns],
      'proj:transform': [10, 0, scene.left, 0, -10, scene.top],
    });
    const ring = item.geometry.coordinates[0]!;
    expect(ring[0]).toEqual(ring.at(-1));
    const [west, south, east, north] = item.bbox;
    expect(east - west).toBeGreaterThan(0.05);
    expect(north - south).toBeGreaterThan(0.08);
  });

  it('leaves nothing but its five files, and its progress never falls', () => {
    const { directory, result, progress } = usual;
    expect(readdirSync(directory).toSorted()).toEqual(Object.values(result.files).toSorted());
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(100);
  });
});
