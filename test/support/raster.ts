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

/** The only band of a file of 16-bit numbers, 1:1. */
export function readNumbers(file: string): { width: number; numbers: Uint16Array } {
  const dataset = gdal.open(file);
  const { x: width, y: height } = dataset.rasterSize;
  const numbers = new Uint16Array(width * height);
  dataset.bands.get(1).pixels.read(0, 0, width, height, numbers);
  dataset.close();
  return { width, numbers };
}

/** 1 where any of the files is not 0. */
export function anyData(files: readonly string[]): Uint8Array {
  const [first = new Uint16Array(), ...others] = files.map((file) => readNumbers(file).numbers);
  return Uint8Array.from(first, (value, index) =>
    value !== 0 || others.some((numbers) => numbers[index] !== 0) ? 1 : 0,
  );
}

/** Changes the numbers of a band's file and leaves the rest as it is. */
export function rewrite(file: string, change: (numbers: Uint16Array, width: number) => void): void {
  const { width, numbers } = readNumbers(file);
  change(numbers, width);
  const source = gdal.open(file);
  const { srs, geoTransform } = source;
  const driver = source.driver.description;
  source.close();
  const memory = gdal.drivers
    .get('MEM')
    .create('', width, numbers.length / width, 1, gdal.GDT_UInt16);
  memory.srs = srs;
  memory.geoTransform = geoTransform;
  memory.bands.get(1).pixels.write(0, 0, width, numbers.length / width, numbers);
  const lossless = driver === 'GTiff' ? [] : ['QUALITY=100', 'REVERSIBLE=YES'];
  gdal.drivers.get(driver).createCopy(file, memory, lossless).close();
  memory.close();
}
