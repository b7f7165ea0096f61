/**
 * `MTD_MSIL1C.xml` and `MTD_MSIL2A.xml`: what the product as a whole says of itself. The elements of the two
 * levels differ in names only. Source: Sentinel-2 Products Specification Document (S2-PDGS-TAS-DI-PSD).
 */
import { ProductRefused } from '../../errors.ts';
import { attribute, children, textOf, XmlDocument } from './xml.ts';

export type Level = 'L1C' | 'L2A';

export interface UserProduct {
  /** Name of the document, for messages. */
  readonly document: string;
  /** Name of the product with `.SAFE`. */
  readonly uri: string;
  /** As the document writes it: `Level-1C`. */
  readonly level: string;
  /** `05.10` */
  readonly baseline: string;
  /** `Sentinel-2A` */
  readonly spacecraft: string;
  /** RFC 3339, UTC. */
  readonly sensingStart: string;
  readonly quantification: number;
  /** By index of the band; undefined before baseline 04.00, which had none. */
  readonly offsets: ReadonlyMap<number, number> | undefined;
  /** DN that means no data. */
  readonly noData: number;
  /** Paths below the product without `.jp2`, checked to stay inside it. */
  readonly images: readonly string[];
}

interface Names {
  readonly root: string;
  readonly quantification: readonly string[];
  readonly offset: readonly [list: string, element: string];
}

const names: Readonly<Record<Level, Names>> = {
  L1C: {
    root: 'Level-1C_User_Product',
    quantification: ['QUANTIFICATION_VALUE'],
    offset: ['Radiometric_Offset_List', 'RADIO_ADD_OFFSET'],
  },
  L2A: {
    root: 'Level-2A_User_Product',
    quantification: ['QUANTIFICATION_VALUES_LIST', 'BOA_QUANTIFICATION_VALUE'],
    offset: ['BOA_ADD_OFFSET_VALUES_LIST', 'BOA_ADD_OFFSET'],
  },
};

const info = ['General_Info', 'Product_Info'];
const characteristics = ['General_Info', 'Product_Image_Characteristics'];

/**
 * Reads and checks the product metadata of a level.
 * @throws ProductRefused naming the element that is missing or wrong
 */
export async function readUserProduct(file: string, level: Level): Promise<UserProduct> {
  return userProductOf(await XmlDocument.read(file), level);
}

/**
 * What a product metadata document of a level says, checked.
 * @throws ProductRefused naming the element that is missing or wrong
 */
export function userProductOf(document: XmlDocument, level: Level): UserProduct {
  const { root, quantification } = names[level];
  if (document.rootName !== root) {
    throw new ProductRefused(
      `${document.name} starts with ${document.rootName}, expected ${root}.`,
    );
  }
  return {
    document: document.name,
    uri: document.text(...info, 'PRODUCT_URI'),
    level: document.text(...info, 'PROCESSING_LEVEL'),
    baseline: document.text(...info, 'PROCESSING_BASELINE'),
    spacecraft: document.text(...info, 'Datatake', 'SPACECRAFT_NAME'),
    sensingStart: document.text(...info, 'Datatake', 'DATATAKE_SENSING_START'),
    quantification: positive(document, [...characteristics, ...quantification]),
    offsets: readOffsets(document, level),
    noData: readNoData(document),
    images: readImages(document),
  };
}

function positive(document: XmlDocument, path: readonly string[]): number {
  const value = document.number(...path);
  if (value > 0) return value;
  throw new ProductRefused(`${document.name} has ${path.at(-1)} ${value}, expected above 0.`);
}

function readOffsets(document: XmlDocument, level: Level): Map<number, number> | undefined {
  const [list, name] = names[level].offset;
  const elements = document.all(...characteristics, list, name);
  if (elements.length === 0) return undefined;
  return new Map(
    elements.map((element) => [
      document.parseNumber(attribute(element, 'band_id') ?? '', 'band_id'),
      document.parseNumber(textOf(element), name),
    ]),
  );
}

/** The value of no data; the pipeline knows 0 only, which every product has had so far. */
function readNoData(document: XmlDocument): number {
  const special = document.all(...characteristics, 'Special_Values').find((element) => {
    const [text] = children(element, 'SPECIAL_VALUE_TEXT');
    return text !== undefined && textOf(text) === 'NODATA';
  });
  const [index] = special === undefined ? [] : children(special, 'SPECIAL_VALUE_INDEX');
  const value =
    index === undefined ? 0 : document.parseNumber(textOf(index), 'SPECIAL_VALUE_INDEX');
  if (value === 0) return value;
  throw new ProductRefused(`${document.name} says that DN ${value} is no data; supported is 0.`);
}

/** Images that the metadata list. A name that is a path out of the product is refused. */
function readImages(document: XmlDocument): string[] {
  const list = document.all(
    ...info,
    'Product_Organisation',
    'Granule_List',
    'Granule',
    'IMAGE_FILE',
  );
  return list.map(textOf).map((path) => {
    const parts = path.split('/');
    const isUnsafe = path.startsWith('/') || /[\\\0:]/.test(path) || parts.includes('..');
    if (isUnsafe || parts[0] !== 'GRANULE') {
      throw new ProductRefused(
        `${document.name} lists the image "${path.slice(0, 120)}", which is not below GRANULE/.`,
      );
    }
    return path;
  });
}
