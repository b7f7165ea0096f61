/** Where pixels lie on the ground. */

export interface Grid {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Coordinate reference system as authority code, for example `EPSG:32631`. */
  readonly crs: string;
  /** Upper left corner of the upper left pixel, in units of the CRS. */
  readonly originX: number;
  readonly originY: number;
  /** Size of a pixel in units of the CRS; `pixelHeight` is negative for north-up images. */
  readonly pixelWidth: number;
  readonly pixelHeight: number;
}

/** The six coefficients as GDAL orders them: x0, dx, 0, y0, 0, dy. */
export function geoTransform(grid: Grid): number[] {
  return [grid.originX, grid.pixelWidth, 0, grid.originY, 0, grid.pixelHeight];
}

/** xmin, ymin, xmax, ymax in units of the CRS. */
export function extent(grid: Grid): [number, number, number, number] {
  const x1 = grid.originX + grid.width * grid.pixelWidth;
  const y1 = grid.originY + grid.height * grid.pixelHeight;
  return [
    Math.min(grid.originX, x1),
    Math.min(grid.originY, y1),
    Math.max(grid.originX, x1),
    Math.max(grid.originY, y1),
  ];
}
