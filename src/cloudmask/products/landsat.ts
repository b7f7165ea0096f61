/**
 * Landsat 8 and 9 with OLI and TIRS, Collection 1 and 2: level 1 (L1TP, L1GT, L1GS) and level 2 with surface temperature
 * (L2SP). Source: Landsat 8-9 Data Format Control Books (LSDS-1822, LSDS-1328).
 */
import { ProductRefused } from '../../errors.ts';
import type { Grid } from '../../raster/grid.ts';
import { levelOneBands, levelTwoBands, type LandsatGrid } from './landsat-bands.ts';
import {
  findFiles,
  looksLikeLandsat,
  metadataFiles,
  metadataName,
  promisedName,
  type FoundFiles,
} from './landsat-files.ts';
import {
  readAcquisition,
  readGrids,
  readIdentity,
  type LandsatGrids,
  type LandsatIdentity,
} from './landsat-metadata.ts';
import { levelOneRadiometry, levelTwoRadiometry } from './landsat-radiometry.ts';
import { Mtl } from './mtl.ts';
import { listFolder, plainFile } from './product-files.ts';
import type { Band, Product, ProductKind } from './product.ts';
import { inOrder } from './in-order.ts';

const supported = /^LANDSAT_[89]$/;
const levelOne = ['L1TP', 'L1GT', 'L1GS'];
const levelTwo = 'L2SP';
/** Bit 0 of QA_PIXEL (Collection 2) and of BQA (Collection 1). */
export const fillBit = 1;
/** In pixels: the metadata do not say where the panchromatic grid starts. */
export const panchromaticTolerance = 0.5;

export const landsat: ProductKind = {
  name: 'landsat',
  title: 'Landsat 8 or 9 (…_MTL.txt, .json or .xml)',
  metadataFile: metadataName,
  recognises: looksLikeLandsat,
  open: openLandsat,
};

/** What the parts of a product are made from. */
interface Source {
  readonly folder: string;
  readonly names: readonly string[];
  readonly mtl: Mtl;
  readonly identity: LandsatIdentity;
  readonly grids: LandsatGrids;
}

async function openLandsat(folder: string): Promise<Product> {
  const names = (await listFolder(folder)).filter((name) => !name.startsWith('.'));
  const [form, ...otherForms] = metadataFiles(names);
  const mtl = await Mtl.read(await plainFile(folder, form));
  const identity = readIdentity(mtl);
  requireSupported(identity);
  const grids = readGrids(mtl, identity.groups, identity.level !== levelTwo);
  const source = { folder, names, mtl, identity, grids };
  const { bands, found } = await openBands(source);
  const fill = await openFill(source, found);
  const prefix = identity.level === levelTwo ? 'SR_' : '';
  return {
    kind: landsat.name,
    id: identity.productId,
    driver: 'GTiff',
    grid: grids.reflective,
    bands,
    ...(fill === undefined ? {} : { fill }),
    trueColour: { red: `${prefix}B4`, green: `${prefix}B3`, blue: `${prefix}B2` },
    acquisition: readAcquisition(mtl, identity),
    // Last: it compares what was asked for.
    warnings: await compareForms(folder, mtl, otherForms),
  };
}

/**
 * Says what a product lacks that is recognised but cannot be masked.
 * @throws ProductRefused naming the product and what is supported
 */
export function requireSupported({ productId, spacecraft, sensor, level }: LandsatIdentity): void {
  const refuse = (reason: string): never => {
    throw new ProductRefused(`${productId} ${reason}`);
  };
  if (!supported.test(spacecraft)) {
    const mission = spacecraft.replace('_', ' ').toLowerCase().replace(/^l/, 'L').slice(0, 40);
    refuse(`is of ${mission} (${sensor.slice(0, 40)}): only Landsat 8 and 9 are supported.`);
  }
  if (level === 'L2SR') {
    refuse(
      'holds no surface temperature (level L2SR): needed is ST_B10 beside SR_B1 to SR_B7 (L2SP), or level 1.',
    );
  }
  if (sensor === 'OLI') {
    refuse('holds no thermal bands (TIRS): needed are B10 and B11 beside the bands of OLI.');
  }
  if (sensor === 'TIRS') {
    refuse('holds no reflective bands (OLI): needed are B1 to B9 beside the bands of TIRS.');
  }
  if (sensor !== 'OLI_TIRS' || ![...levelOne, levelTwo].includes(level)) {
    refuse(
      `is of level ${level.slice(0, 40)} and sensor ${sensor.slice(0, 40)}; supported are ` +
        `${[...levelOne, levelTwo].join(', ')} of OLI_TIRS.`,
    );
  }
}

async function openBands(source: Source): Promise<{ bands: Band[]; found: FoundFiles }> {
  const { folder, names, mtl, identity, grids } = source;
  const { groups } = identity;
  const isLevelTwo = identity.level === levelTwo;
  const specs = isLevelTwo ? levelTwoBands : levelOneBands;
  const radiometryOf = isLevelTwo ? levelTwoRadiometry(mtl) : levelOneRadiometry(mtl, groups);
  const found = findFiles(
    mtl,
    names,
    specs.map(({ id, key }) => ({
      id,
      promised: promisedName(mtl, groups.contents, `FILE_NAME_BAND_${key}`),
    })),
  );
  const bands = await inOrder(
    specs.map(async (spec, index): Promise<Band> => ({
      id: spec.id,
      file: await plainFile(folder, found.names[index] ?? ''),
      grid: gridOf(mtl, grids, spec.grid),
      ...(spec.grid === 'panchromatic' ? { positionTolerance: panchromaticTolerance } : {}),
      descriptor: spec.descriptor,
      radiometry: radiometryOf(spec),
      decidesNoData: spec.grid === 'reflective',
    })),
  );
  return { bands, found };
}

function gridOf(mtl: Mtl, grids: LandsatGrids, kind: LandsatGrid): Grid {
  const grid = grids[kind];
  if (grid === undefined) throw new ProductRefused(`${mtl.name} has no ${kind} grid.`);
  return grid;
}

/** The quality band, when the product has one: bands at the edge of the swath do not end together. */
async function openFill(
  { folder, mtl, identity: { groups }, grids }: Source,
  found: FoundFiles,
): Promise<Product['fill']> {
  const key = groups.qualityKey;
  if (mtl.optional(groups.contents, key) === undefined) return undefined;
  const promised = promisedName(mtl, groups.contents, key);
  const name = found.find({ id: groups.qualityId, promised });
  if (name === undefined) return undefined;
  const file = await plainFile(folder, name);
  return { id: groups.qualityId, file, grid: grids.reflective, bits: fillBit };
}

/** Other forms of the metadata: what they say otherwise, or why they cannot be read. */
async function compareForms(
  folder: string,
  mtl: Mtl,
  others: readonly string[],
): Promise<readonly string[]> {
  const warnings = await Promise.all(
    others.map(async (name) => {
      try {
        return mtl.differences(await Mtl.read(await plainFile(folder, name)));
      } catch (error) {
        if (!(error instanceof ProductRefused)) throw error;
        return [`${error.message} ${mtl.name} was used.`];
      }
    }),
  );
  return warnings.flat();
}
