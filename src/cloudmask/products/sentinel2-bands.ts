/**
 * The bands of the MultiSpectral Instrument: index in the metadata (`band_id`), name in file names, band
 * group, and the wavelengths that the network was trained with (nm, lower and upper edge).
 */
import type { BandDescriptor } from '../embedding/descriptors.ts';

/** Label of a band group. The true pixel size stands in the metadata. */
export type Group = '10' | '20' | '60';

export interface MsiBand {
  readonly id: string;
  /** `band_id` of the metadata's lists. */
  readonly index: number;
  readonly group: Group;
  readonly descriptor: BandDescriptor;
}

const table: readonly (readonly [string, Group, number, number])[] = [
  ['B01', '60', 425, 461],
  ['B02', '10', 446, 542],
  ['B03', '10', 537.5, 582.5],
  ['B04', '10', 645.5, 684.5],
  ['B05', '20', 694, 714],
  ['B06', '20', 731, 749],
  ['B07', '20', 767, 795],
  ['B08', '10', 763.5, 904.5],
  ['B8A', '20', 847.5, 880.5],
  ['B09', '60', 930.5, 957.5],
  ['B10', '60', 1337, 1413],
  ['B11', '20', 1541, 1683],
  ['B12', '20', 2074, 2314],
];

/** All 13 bands in the order of their index. */
export const msiBands: readonly MsiBand[] = table.map(([id, group, minimum, maximum], index) => ({
  id,
  index,
  group,
  descriptor: { kind: 'TOA Reflectance', minimum, maximum },
}));

/** Pixels of the finest group that one pixel of a group spans along an axis. */
export const groupFactor: Readonly<Record<Group, number>> = { '10': 1, '20': 2, '60': 6 };

/** Rows and columns of a full tile of the finest group (Sentinel-2 Products Specification, 109.8 km). */
export const fullTile = 10980;
