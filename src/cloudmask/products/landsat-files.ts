/** Finding the files of a Landsat product in its folder's listing. Names of the metadata are compared, never opened. */
import { ProductRefused } from '../../errors.ts';
import type { Mtl } from './mtl.ts';
import { sameName } from './product-files.ts';

/** One of the forms of the metadata, with the product's name before it or without. */
export const metadataName = /^(?:(.*)_)?MTL\.(txt|json|xml)$/i;
const bandName = /^L[COTEM]\d.*_B(1[01]|[1-9])\.TIFF?$/i;
/** The first one that is there is used, the others are compared with it. */
const forms = ['txt', 'json', 'xml'];

/** Whether these files are those of a Landsat product, with or without its metadata. */
export function looksLikeLandsat(names: readonly string[]): boolean {
  return names.some((name) => metadataName.test(name) || bandName.test(name));
}

/**
 * The metadata files of the only product in a folder, the one to be used first.
 * @throws ProductRefused when there is none or they belong to several products.
 */
export function metadataFiles(names: readonly string[]): readonly [string, ...string[]] {
  const found = names.filter((name) => metadataName.test(name));
  const products = new Set(found.map((name) => metadataName.exec(name)?.[1]?.toLowerCase()));
  if (products.size > 1) {
    throw new ProductRefused(
      `The folder holds the metadata of ${products.size} Landsat products (${found.slice(0, 4).join(', ')}), expected is 1.`,
    );
  }
  const [first, ...others] = found.toSorted((one, other) => formOf(one) - formOf(other));
  if (first === undefined) {
    throw new ProductRefused(
      'The product has no metadata: a file …_MTL.txt, …_MTL.json or …_MTL.xml is missing beside its bands.',
    );
  }
  if (new Set(found.map(formOf)).size < found.length) {
    throw new ProductRefused(
      `The folder holds several files of the same metadata: ${found.join(', ')}.`,
    );
  }
  return [first, ...others];
}

function formOf(name: string): number {
  return forms.indexOf(metadataName.exec(name)?.[2]?.toLowerCase() ?? '');
}

/** A file that the metadata name. */
export interface WantedFile {
  /** Band id, with which the file's name ends. */
  readonly id: string;
  readonly promised: string;
}

/**
 * The name that the metadata have for a file.
 * @throws ProductRefused when it is a path.
 */
export function promisedName(mtl: Mtl, group: string, key: string): string {
  const name = mtl.text(group, key);
  if (/[/\\\0:]/.test(name) || name.startsWith('.')) {
    throw new ProductRefused(
      `${mtl.name} has ${key} = "${name.slice(0, 120)}", which is no plain file name.`,
    );
  }
  return name;
}

export interface FoundFiles {
  /** Names of the bands' files, in the order of the bands. */
  readonly names: readonly string[];
  /** Finds a further file in the same way; undefined when it is not there. */
  find(wanted: WantedFile): string | undefined;
}

/**
 * Finds the bands by their promised names (whatever their case), or, in an archive that renamed all of them, by the
 * band at the end of their names behind one common prefix.
 * @throws ProductRefused naming the first band that is missing or ambiguous.
 */
export function findFiles(
  mtl: Mtl,
  names: readonly string[],
  bands: readonly WantedFile[],
): FoundFiles {
  const asPromised = ({ promised }: WantedFile): string | undefined => sameName(names, promised);
  const missing = bands.filter((band) => asPromised(band) === undefined);
  const prefixes = missing.length === bands.length ? commonPrefixes(names, bands) : [];
  const renamed = ({ id }: WantedFile): string | undefined =>
    sameName(names, `${prefixes[0]}${id}.tif`) ?? sameName(names, `${prefixes[0]}${id}.tiff`);
  const find = prefixes.length === 1 ? renamed : asPromised;
  const found = bands.map((band) => {
    const name = find(band);
    if (name !== undefined) return name;
    throw new ProductRefused(
      `${band.promised} (band ${band.id}) is listed in ${mtl.name} but missing in the product.`,
    );
  });
  return { names: found, find };
}

/** Prefixes in lower case behind which every band is found. */
function commonPrefixes(names: readonly string[], bands: readonly WantedFile[]): string[] {
  const [first, ...others] = bands.map(
    ({ id }) =>
      new Set(
        names.flatMap((name) => {
          const [, prefix] = new RegExp(`^(|.*[_.-])${id}\\.tiff?$`, 'i').exec(name) ?? [];
          return prefix === undefined ? [] : [prefix.toLowerCase()];
        }),
      ),
  );
  return [...(first ?? [])].filter((prefix) => others.every((found) => found.has(prefix)));
}
