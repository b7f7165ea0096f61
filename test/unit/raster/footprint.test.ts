import { describe, expect, it } from 'vitest';
import { footprint } from '../../../src/raster/footprint.ts';

const tile = { width: 10_980, height: 10_980, pixelWidth: 10, pixelHeight: -10 };

describe('footprint', () => {
  it('is a closed ring, counter-clockwise, around the tile', () => {
    const { geometry, bbox } = footprint({
      ...tile,
      crs: 'EPSG:32632',
      originX: 600_000,
      originY: 5_200_020,
    });
    expect(geometry.type).toBe('Polygon');
    const ring = geometry.coordinates[0] as [number, number][];
    expect(ring[0]).toEqual(ring.at(-1));
    let area = 0;
    for (let i = 0; i + 1 < ring.length; i++) {
      area += ring[i]![0] * ring[i + 1]![1] - ring[i + 1]![0] * ring[i]![1];
    }
    expect(area).toBeGreaterThan(0);
    expect(bbox.map((value) => Math.round(value * 10) / 10)).toEqual([10.3, 45.9, 11.8, 46.9]);
  });

  it('is cut at the antimeridian, and its box goes from west to east across it', () => {
    // Tile 01WCP lies on both sides of 180°.
    const { geometry, bbox } = footprint({
      ...tile,
      crs: 'EPSG:32601',
      originX: 300_000,
      originY: 7_200_000,
    });
    expect(geometry.type).toBe('MultiPolygon');
    const [west, , east] = bbox;
    expect(west).toBeGreaterThan(178);
    expect(east).toBeLessThan(-178);
    for (const [ring] of geometry.coordinates as [number, number][][][]) {
      expect(ring!.length).toBeGreaterThanOrEqual(4);
      expect(ring![0]).toEqual(ring!.at(-1));
      const longitudes = ring!.map(([longitude]) => longitude);
      expect(Math.max(...longitudes) - Math.min(...longitudes)).toBeLessThan(4);
      expect(longitudes.every((longitude) => Math.abs(longitude) <= 180)).toBe(true);
      // Both parts reach the cut.
      expect(Math.max(...longitudes.map(Math.abs))).toBe(180);
    }
  });

  it('works on the southern hemisphere', () => {
    const { bbox } = footprint({
      ...tile,
      crs: 'EPSG:32756',
      originX: 399_960,
      originY: 6_700_000,
    });
    expect(bbox[1]).toBeLessThan(bbox[3]);
    expect(bbox[3]).toBeLessThan(0);
  });
});
