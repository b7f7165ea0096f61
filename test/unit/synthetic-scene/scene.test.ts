import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bands } from '../../../scripts/synthetic-scene/bands.ts';
import { writeSyntheticScene } from '../../../scripts/synthetic-scene/scene.ts';
import type { SceneOptions, SyntheticScene } from '../../../scripts/synthetic-scene/scene.ts';
import { truthClasses } from '../../../scripts/synthetic-scene/truth.ts';
import { bandNames, medianOfClass, readBand, readXml, reflectance } from './read-scene.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'synthetic-scene-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a scene to a folder of its own. */
function aScene(name: string, options: SceneOptions): Promise<SyntheticScene> {
  return writeSyntheticScene(path.join(folder, name), options);
}

let square: SyntheticScene;
let oblong: SyntheticScene;
let large: SyntheticScene;

beforeAll(async () => {
  square = await aScene('square', { size: 60 });
  oblong = await aScene('oblong', { size: { rows: 66, columns: 120 }, tile: '19UDP' });
  large = await aScene('large', { size: 300 });
});

describe('the images of a synthetic scene', () => {
  it.each(bands)('holds $name at $resolution m on the grid of the tile', ({ name, resolution }) => {
    const { numbers, ...image } = readBand(oblong, name);
    expect(image).toEqual({
      rows: (66 * 10) / resolution,
      columns: (120 * 10) / resolution,
      driver: 'JP2OpenJPEG',
      type: 'UInt16',
      bandCount: 1,
      epsg: '32619',
      geoTransform: [399_960, resolution, 0, 5_400_000, 0, -resolution],
    });
    expect(numbers.some((number) => number > 1000)).toBe(true);
  });

  it('is the same for a seed and another for another seed', async () => {
    const again = await aScene('again', { size: 60 });
    const other = await aScene('other', { size: 60, seed: 5 });
    for (const band of bandNames) {
      expect(readBand(again, band).numbers).toEqual(readBand(square, band).numbers);
      expect(readBand(other, band).numbers).not.toEqual(readBand(square, band).numbers);
    }
    expect(again.truth).toEqual(square.truth);
  });

  it('has the same reflectance with an offset of −1000 and as an old product without one', async () => {
    const old = await aScene('old', { size: 60, offset: null });
    for (const band of bandNames) {
      expect(reflectance(old, band, 0)).toEqual(reflectance(square, band, -1000));
    }
    expect(path.basename(old.folder)).toContain('_N0209_');
    expect(path.basename(square.folder)).toContain('_N0510_');
  });

  it('has no data in the same corner in all bands, and nowhere else', () => {
    const { nodata } = truthClasses;
    for (const band of ['B02', 'B03', 'B04', 'B08']) {
      const zero = readBand(large, band).numbers.map((number) => Number(number === 0));
      expect(zero).toEqual(Uint16Array.from(large.truth, (value) => Number(value === nodata)));
    }
    const share = (band: string) => {
      const { numbers } = readBand(large, band);
      return numbers.filter((number) => number === 0).length / numbers.length;
    };
    const others = bandNames.filter((band) => Math.abs(share(band) - share('B02')) > 0.008);
    expect(others).toEqual([]);
    expect(large.truth.at(-1)).toBe(nodata);
    expect(large.truth.at(0)).not.toBe(nodata);
  });

  it('has data everywhere on request', async () => {
    const whole = await aScene('whole', { size: 60, nodata: false });
    for (const band of bandNames) expect(readBand(whole, band).numbers).not.toContain(0);
    expect(whole.truth).not.toContain(truthClasses.nodata);
  });

  it('refuses sizes that the coarser bands do not fit', async () => {
    await expect(aScene('odd', { size: 100 })).rejects.toThrow('multiples of 6; not 100');
  });
});

describe('the truth of a synthetic scene', () => {
  it.each(Object.entries(truthClasses))('has pixels of %s', (_name, value) => {
    for (const scene of [square, oblong, large]) {
      const share = scene.truth.filter((found) => found === value).length / scene.truth.length;
      expect(share).toBeGreaterThan(0.01);
    }
  });

  it.each([
    ['land', 'B02', 0.06, 0.16],
    ['land', 'B08', 0.12, 0.4],
    ['land', 'B11', 0.08, 0.35],
    ['water', 'B03', 0.03, 0.1],
    ['water', 'B08', 0.008, 0.04],
    ['water', 'B11', 0, 0.02],
    ['snow', 'B04', 0.4, 1],
    ['snow', 'B11', 0.02, 0.1],
    ['thick', 'B02', 0.35, 0.95],
    ['thick', 'B04', 0.35, 0.95],
    ['thick', 'B11', 0.25, 0.7],
    ['thin', 'B02', 0.1, 0.35],
    ['thin', 'B10', 0.005, 0.1],
    ['shadow', 'B02', 0.06, 0.1],
    ['shadow', 'B08', 0.02, 0.13],
    ['land', 'B10', 0, 0.003],
  ] as const)('%s in %s reflects %d to %d', (name, band, least, most) => {
    const median = medianOfClass(large, band, truthClasses[name]);
    expect(median).toBeGreaterThanOrEqual(least);
    expect(median).toBeLessThanOrEqual(most);
  });

  it('is brightest in the blue by the air above dark ground', () => {
    const water = ['B01', 'B02', 'B03', 'B04', 'B08'].map((band) =>
      medianOfClass(large, band, truthClasses.water),
    );
    expect(water).toEqual(water.toSorted((a, b) => b - a));
  });

  it('has its shadows on the side of the clouds that is away from the sun', () => {
    expect(large.sun.azimuth).toBeGreaterThan(90);
    expect(large.sun.azimuth).toBeLessThan(180);
    // Sun in the south-east: the shadows lie up and to the left of their clouds.
    const away = sharedPixels(large, -1);
    const towards = sharedPixels(large, 1);
    expect(away).toBeGreaterThan(3 * towards);
  });
});

/** How many thick clouds meet a shadow when moved along the light (−1: away from the sun, 1: towards it). */
function sharedPixels({ truth, rows, columns, sun }: SyntheticScene, sign: number): number {
  // Clouds of 1,650 m, in a scene of 300 instead of 1,098 pixels.
  const pixels = ((165 * 300) / 1098) * Math.tan((sun.zenith * Math.PI) / 180);
  const angle = (sun.azimuth * Math.PI) / 180;
  const down = Math.round(-sign * pixels * Math.cos(angle));
  const right = Math.round(sign * pixels * Math.sin(angle));
  return truth.filter((value, i) => {
    const row = Math.floor(i / columns) + down;
    const column = (i % columns) + right;
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    const met = inside && truth[row * columns + column] === truthClasses.shadow;
    return value === truthClasses.thick && met;
  }).length;
}

describe('the metadata of a synthetic scene', () => {
  it('names every image without its ending, and each is there', () => {
    const product = readXml(path.join(square.folder, 'MTD_MSIL1C.xml'));
    const info = product['Level-1C_User_Product']!['General_Info']['Product_Info'];
    const images: string[] = info['Product_Organisation']['Granule_List']['Granule']['IMAGE_FILE'];
    expect(images.map((image) => image.slice(-3))).toEqual(bandNames);
    expect(images.filter((image) => !existsSync(path.join(square.folder, `${image}.jp2`)))).toEqual(
      [],
    );
    expect(info['PRODUCT_URI']).toBe(path.basename(square.folder));
  });

  it.each([
    [-1000, 13],
    [null, 0],
  ])('with an offset of %s lists %d offsets', async (offset, count) => {
    const scene = await aScene(`offset ${offset}`, { size: 12, offset });
    const text = readFileSync(path.join(scene.folder, 'MTD_MSIL1C.xml'), 'utf8');
    expect(text.match(/<RADIO_ADD_OFFSET band_id="\d+">-1000</g) ?? []).toHaveLength(count);
    expect(text.includes('Radiometric_Offset_List')).toBe(count > 0);
  });

  it('tells sizes, place and sun of the tile', () => {
    const granules = path.join(oblong.folder, 'GRANULE');
    const file = path.join(granules, readdirSync(granules)[0]!, 'MTD_TL.xml');
    const geometry = readXml(file)['Level-1C_Tile_ID']!['Geometric_Info'];
    expect(geometry['Tile_Geocoding']).toMatchObject({
      HORIZONTAL_CS_CODE: 'EPSG:32619',
      Size: [
        { NROWS: 66, NCOLS: 120, '@_resolution': '10' },
        { NROWS: 33, NCOLS: 60, '@_resolution': '20' },
        { NROWS: 11, NCOLS: 20, '@_resolution': '60' },
      ],
      Geoposition: [
        { ULX: 399_960, ULY: 5_400_000, XDIM: 10, YDIM: -10 },
        { ULX: 399_960, ULY: 5_400_000, XDIM: 20, YDIM: -20 },
        { ULX: 399_960, ULY: 5_400_000, XDIM: 60, YDIM: -60 },
      ],
    });
    const zenith = geometry['Tile_Angles']['Mean_Sun_Angle']['ZENITH_ANGLE']['#text'];
    expect(zenith).toBeCloseTo(oblong.sun.zenith, 6);
  });
});
