/** The outline of a grid on the ground, in longitude and latitude (WGS 84), as STAC and GeoJSON want it. */
import { gdal } from './gdal.ts';
import { extent, type Grid } from './grid.ts';

/** Points along each edge, so that the outline follows the curvature of a projected edge. */
const pointsPerEdge = 4;
/** Seven decimals are about one centimetre. */
const decimals = 7;

export interface Footprint {
  /** Closed ring of [longitude, latitude], counter-clockwise from the lower left corner. */
  readonly ring: readonly (readonly [number, number])[];
  /** West, south, east, north in degrees. */
  readonly bbox: readonly [number, number, number, number];
}

/** Outline and bounding box of a grid in WGS 84 degrees. Source: RFC 7946 §3.1.6 and §5. */
export function footprint(grid: Grid): Footprint {
  const toWgs84 = new gdal.CoordinateTransformation(
    gdal.SpatialReference.fromUserInput(grid.crs),
    gdal.SpatialReference.fromUserInput('OGC:CRS84'),
  );
  const ring = outline(grid).map(([x, y]) => {
    const point = toWgs84.transformPoint(x, y);
    return [round(point.x), round(point.y)] as const;
  });
  const longitudes = ring.map(([longitude]) => longitude);
  const latitudes = ring.map(([, latitude]) => latitude);
  return {
    ring,
    bbox: [
      Math.min(...longitudes),
      Math.min(...latitudes),
      Math.max(...longitudes),
      Math.max(...latitudes),
    ],
  };
}

function outline(grid: Grid): [number, number][] {
  const [xmin, ymin, xmax, ymax] = extent(grid);
  const corners: [number, number][] = [
    [xmin, ymin],
    [xmax, ymin],
    [xmax, ymax],
    [xmin, ymax],
    [xmin, ymin],
  ];
  const points: [number, number][] = [];
  for (let edge = 0; edge < 4; edge++) {
    const [ax, ay] = corners[edge]!;
    const [bx, by] = corners[edge + 1]!;
    for (let step = 0; step < pointsPerEdge; step++) {
      const t = step / pointsPerEdge;
      points.push([ax + (bx - ax) * t, ay + (by - ay) * t]);
    }
  }
  points.push([xmin, ymin]);
  return points;
}

function round(value: number): number {
  return Number(value.toFixed(decimals));
}
