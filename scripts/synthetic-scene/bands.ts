/** The 13 bands of Sentinel-2's camera, in the order of their `band_id`. */

/** Names of the band groups in metres. */
type Resolution = 10 | 20 | 60;

export interface Band {
  /** As in file names: `B01`, `B8A`. */
  readonly name: string;
  /** As in `physicalBand`: `B1`, `B8A`. */
  readonly physicalName: string;
  readonly resolution: Resolution;
  /** Nanometres: shortest, longest, central. */
  readonly wavelength: readonly [number, number, number];
  /** Solar irradiance outside the atmosphere, W/m²/µm. */
  readonly irradiance: number;
}

const rows: readonly (readonly [string, Resolution, number, number, number, number])[] = [
  ['B01', 60, 412, 456, 442.7, 1884.69],
  ['B02', 10, 456, 533, 492.7, 1959.66],
  ['B03', 10, 538, 583, 559.8, 1823.24],
  ['B04', 10, 646, 684, 664.6, 1512.06],
  ['B05', 20, 695, 714, 704.1, 1424.64],
  ['B06', 20, 731, 749, 740.5, 1287.61],
  ['B07', 20, 769, 797, 782.8, 1162.08],
  ['B08', 10, 760, 907, 832.8, 1041.63],
  ['B8A', 20, 837, 881, 864.7, 955.32],
  ['B09', 60, 932, 958, 945.1, 812.92],
  ['B10', 60, 1337, 1412, 1373.5, 367.15],
  ['B11', 20, 1539, 1682, 1613.7, 245.59],
  ['B12', 20, 2078, 2320, 2202.4, 85.25],
];

export const bands: readonly Band[] = rows.map(([name, resolution, min, max, central, sun]) => ({
  name,
  physicalName: name.replace('B0', 'B'),
  resolution,
  wavelength: [min, max, central],
  irradiance: sun,
}));
