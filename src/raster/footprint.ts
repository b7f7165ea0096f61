/** The outline of a grid on the ground, in longitude and latitude (WGS 84), as STAC and GeoJSON want it. */
import { gdal } from './gdal.ts';
import { extent, type Grid } from './grid.ts';

/** Points along each edge, so that the outline follows the curvature of a projected edge. */
const pointsPerEdge = 4;
/** Seven decimals are about one centimetre. */
const decimals = 7;

type Position = readonly [longitude: number, latitude: number];

export interface Footprint {
  /** One ring, or two where the outline is cut at the antimeridian. Closed, counter-clockwise. */
  readonly geometry:
    | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly Position[])[] }
    | {
        readonly type: 'MultiPolygon';
        readonly coordinates: readonly (readonly (readonly Position[])[])[];
      };
  /** West, south, east, north in degrees; west is greater than east across the antimeridian. */
  readonly bbox: readonly [number, number, number, number];
}

/** Outline and bounding box of a grid in WGS 84 degrees. Source: RFC 7946 §3.1.6, §3.1.9 and §5.2. */
export function footprint(grid: Grid): Footprint {
  const toWgs84 = new gdal.CoordinateTransformation(
    gdal.SpatialReference.fromUserInput(grid.crs),
    gdal.SpatialReference.fromUserInput('OGC:CRS84'),
  );
  const ring = outline(grid).map(([x, y]): Position => {
    const point = toWgs84.transformPoint(x, y);
    return [point.x, point.y];
  });
  const longitudes = ring.map(([longitude]) => longitude);
  const crosses = Math.max(...longitudes) - Math.min(...longitudes) > 180;
  // Across the antimeridian longitudes go on beyond 180° until the ring is cut there.
  return crosses ? cut(ring.map(([x, y]): Position => [x < 0 ? x + 360 : x, y])) : whole(ring);
}

function whole(ring: readonly Position[]): Footprint {
  return { geometry: { type: 'Polygon', coordinates: [ring.map(rounded)] }, bbox: boundsOf(ring) };
}

function cut(ring: readonly Position[]): Footprint {
  const west = clip(ring, (x) => x <= 180);
  const east = clip(ring, (x) => x >= 180).map(([x, y]): Position => [x - 360, y]);
  const [from, south, , north] = boundsOf(ring);
  const [, , to] = boundsOf(east);
  return {
    geometry: { type: 'MultiPolygon', coordinates: [[west.map(rounded)], [east.map(rounded)]] },
    bbox: [from, south, to, north],
  };
}

/** The part of a closed ring on one side of 180°, closed again (Sutherland and Hodgman). */
function clip(ring: readonly Position[], isInside: (longitude: number) => boolean): Position[] {
  const kept: Position[] = [];
  for (let i = 0; i + 1 < ring.length; i++) {
    const [a, b] = [ring[i]!, ring[i + 1]!];
    if (isInside(a[0])) kept.push(a);
    if (isInside(a[0]) !== isInside(b[0])) {
      const t = (180 - a[0]) / (b[0] - a[0]);
      kept.push([180, a[1] + t * (b[1] - a[1])]);
    }
  }
  return [...kept, kept[0]!];
}

function boundsOf(ring: readonly Position[]): [number, number, number, number] {
  const longitudes = ring.map(([longitude]) => round(longitude));
  const latitudes = ring.map(([, latitude]) => round(latitude));
  return [
    Math.min(...longitudes),
    Math.min(...latitudes),
    Math.max(...longitudes),
    Math.max(...latitudes),
  ];
}

/** Corners and points between them, counter-clockwise from the lower left, closed. */
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

function rounded([longitude, latitude]: Position): Position {
  return [round(longitude), round(latitude)];
}

function round(value: number): number {
  return Number(value.toFixed(decimals));
}
