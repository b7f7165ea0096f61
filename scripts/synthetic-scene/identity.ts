/** Names and times of a synthetic product, in the compact naming of Sentinel-2. */
import type { Band } from './bands.ts';

/** Parts of the product's name. All have defaults. */
export interface ProductNaming {
  readonly satellite?: 'S2A' | 'S2B' | 'S2C';
  /** Start of the acquisition. Default 2024-04-17T10:10:31Z. */
  readonly sensingTime?: Date;
  /** When the product is said to have been made. Default four hours after the acquisition. */
  readonly generationTime?: Date;
  readonly relativeOrbit?: number;
  readonly absoluteOrbit?: number;
}

export interface ProductIdentity {
  /** `S2A`. */
  readonly satellite: string;
  /** `05.10`, or `02.09` for a product without offsets. */
  readonly baseline: string;
  /** With the ending `.SAFE`. */
  readonly productName: string;
  readonly granuleId: string;
  readonly dataStripId: string;
  readonly dataTakeId: string;
  /** Folders inside the product, with `/`. */
  readonly granuleFolder: string;
  readonly imageFolder: string;
  readonly dataStripFolder: string;
  readonly sensingTime: Date;
  /** When the tile itself was seen. */
  readonly tileTime: Date;
  readonly generationTime: Date;
  readonly relativeOrbit: number;
  /** Path of a band's image inside the product, without its ending. */
  imagePath(band: Band): string;
}

const tileDelayMs = 252_000;
const processingMs = 4 * 3_600_000;

/** Names for a product of a tile; the offset tells whether it is of an old or a current baseline. */
export function describeProduct(
  naming: ProductNaming,
  tile: string,
  offset: number | null,
): ProductIdentity {
  const satellite = naming.satellite ?? 'S2A';
  const sensingTime = naming.sensingTime ?? new Date('2024-04-17T10:10:31Z');
  const generationTime = naming.generationTime ?? new Date(sensingTime.getTime() + processingMs);
  const tileTime = new Date(sensingTime.getTime() + tileDelayMs);
  const baseline = offset == null ? '02.09' : '05.10';
  const [sensed, seen, made] = [sensingTime, tileTime, generationTime].map(compactTime);
  const relativeOrbit = naming.relativeOrbit ?? 22;
  const orbit = String(naming.absoluteOrbit ?? 46065).padStart(6, '0');
  const granuleFolder = `GRANULE/L1C_T${tile}_A${orbit}_${seen}`;
  const imageFolder = `${granuleFolder}/IMG_DATA`;
  const version = `N${baseline.replace('.', '')}_R${String(relativeOrbit).padStart(3, '0')}`;
  return {
    satellite,
    baseline,
    productName: `${satellite}_MSIL1C_${sensed}_${version}_T${tile}_${made}.SAFE`,
    granuleId: `${satellite}_OPER_MSI_L1C_TL_2APS_${made}_A${orbit}_T${tile}_N${baseline}`,
    dataStripId: `${satellite}_OPER_MSI_L1C_DS_2APS_${made}_S${seen}_N${baseline}`,
    dataTakeId: `G${satellite}_${sensed}_${orbit}_N${baseline}`,
    granuleFolder,
    imageFolder,
    dataStripFolder: `DATASTRIP/DS_2APS_${made}_S${seen}`,
    sensingTime,
    tileTime,
    generationTime,
    relativeOrbit,
    imagePath: (band) => `${imageFolder}/T${tile}_${sensed}_${band.name}`,
  };
}

/** `20240417T101031`. */
function compactTime(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+Z$/g, '');
}
