/** Files of products as archives have them: the right names, contents that only look like the right ones. */
import { random } from './random.ts';

export interface SmallFile {
  readonly name: string;
  readonly data: Buffer;
}

/** Bytes that do not pack. */
export function noise(length: number, seed: number): Buffer {
  const draw = random(seed);
  return Buffer.from(Array.from({ length }, () => Math.floor(draw() * 256)));
}

export const landsatName = 'LC08_L1TP_016037_20170813_20200903_02_T1';

/** A product of Landsat level 1; `folder` ends with a slash. */
export function landsatFiles(folder = '', name = landsatName): SmallFile[] {
  const bands = Array.from({ length: 11 }, (_, index) => `B${index + 1}.TIF`);
  return [
    { name: `${folder}${name}_MTL.txt`, data: Buffer.from('GROUP = LANDSAT_METADATA_FILE\n') },
    ...[...bands, 'QA_PIXEL.TIF'].map((end, index) => ({
      name: `${folder}${name}_${end}`,
      data: Buffer.concat([Buffer.from('II*\0', 'latin1'), noise(300 + 97 * index, index)]),
    })),
  ];
}

export const safeName = 'S2A_MSIL1C_20170729T153601_N0205_R111_T19UDP_20170729T153557.SAFE';
const granule = 'GRANULE/L1C_T19UDP_A010976_20170729T153557';
const bandIds = 'B01 B02 B03 B04 B05 B06 B07 B08 B8A B09 B10 B11 B12'.split(' ');

/** A product of Sentinel-2 L1C; `folder` ends with a slash. */
export function sentinel2Files(folder = `${safeName}/`): SmallFile[] {
  return [
    { name: `${folder}manifest.safe`, data: Buffer.from('<xfdu/>') },
    { name: `${folder}MTD_MSIL1C.xml`, data: Buffer.from('<Level-1C_User_Product/>') },
    { name: `${folder}${granule}/MTD_TL.xml`, data: Buffer.from('<Level-1C_Tile_ID/>') },
    ...bandIds.map((id, index) => ({
      name: `${folder}${granule}/IMG_DATA/T19UDP_20170729T153601_${id}.jp2`,
      data: Buffer.concat([
        Buffer.from('\0\0\0\x0cjP  ', 'latin1'),
        noise(200 + 53 * index, index),
      ]),
    })),
  ];
}
