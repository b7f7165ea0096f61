/** Where the files of a Sentinel-2 product lie, in compact naming (S2-PDGS-TAS-DI-PSD). */
import { msiBands, type MsiBand } from './sentinel2-bands.ts';
import type { Level } from './sentinel2-metadata.ts';

/** Name of the metadata of a granule. */
export const tileFile = 'MTD_TL.xml';

/** What differs between the levels in the folder. */
export interface Layout {
  readonly level: Level;
  /** Bands that the level has, in the order of the network. */
  readonly bands: readonly MsiBand[];
  /** Folder below IMG_DATA, and what follows the band in a file's name. */
  place(band: MsiBand): { readonly folder: string; readonly suffix: string };
}

/** Each band is taken at its native resolution; level 2A has no B10. */
export const layouts: Readonly<Record<Level, Layout>> = {
  L1C: { level: 'L1C', bands: msiBands, place: () => ({ folder: '', suffix: '' }) },
  L2A: {
    level: 'L2A',
    bands: msiBands.filter((band) => band.id !== 'B10'),
    place: ({ group }) => ({ folder: `R${group}m`, suffix: `_${group}m` }),
  },
};
