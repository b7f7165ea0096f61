/** Reads results back with GDAL, independently of the pipeline's own reader. */
import gdal from 'gdal-async';

export interface ReadBack {
  readonly width: number;
  readonly height: number;
  readonly bands: readonly Uint8Array[];
}

/** All bands of a file, 1:1. */
export function readBytes(file: string): ReadBack {
  const dataset = gdal.open(file);
  const { x: width, y: height } = dataset.rasterSize;
  const bands = dataset.bands.map((band) => {
    const pixels = new Uint8Array(width * height);
    band.pixels.read(0, 0, width, height, pixels);
    return pixels;
  });
  dataset.close();
  return { width, height, bands };
}

/** 1 where any of the files is not 0. */
export function anyData(files: readonly string[]): Uint8Array {
  let mask = new Uint8Array();
  for (const file of files) {
    const dataset = gdal.open(file);
    const { x, y } = dataset.rasterSize;
    const pixels = new Uint16Array(x * y);
    dataset.bands.get(1).pixels.read(0, 0, x, y, pixels);
    dataset.close();
    if (mask.length === 0) mask = new Uint8Array(x * y);
    for (const [index, value] of pixels.entries()) if (value !== 0) mask[index] = 1;
  }
  return mask;
}
