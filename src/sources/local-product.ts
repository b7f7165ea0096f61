/**
 * Where a product of this machine lies. The server asks before it accepts a job, the children ask again before they
 * read: between the two a folder may have been replaced by a link to elsewhere.
 */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { isMetadataFile } from '../cloudmask/products/open-product.ts';
import { placesOf } from './archive-layouts.ts';
import { shownReference, type ProductReference } from './product-reference.ts';

/** Where this machine keeps products. */
export interface LocalPlaces {
  /** Folders below which products may lie. */
  readonly roots: readonly string[];
  /** Templates of the places below a root at which a product lies by its name. */
  readonly layouts: readonly string[];
}

export type LocalProduct =
  | { readonly kind: 'folder'; readonly directory: string }
  /** A `.zip`, `.tar`, `.tar.gz` or `.tgz` by its name; what it really is, its first bytes say. */
  | { readonly kind: 'archive'; readonly file: string }
  | { readonly kind: 'absent' };

const archiveName = /\.(zip|tar|tar\.gz|tgz)$/i;

/**
 * Finds a product below one of the roots: its folder by an absolute path or relative to a root, with or without
 * ".SAFE"; one of its metadata files; an archive; or the product's name, looked up in the layouts. The real path (links
 * followed) must lie below the real path of a root.
 */
export async function findLocalProduct(path: string, places: LocalPlaces): Promise<LocalProduct> {
  for (const candidate of candidates(path, places)) {
    const found = await lookAt(await folderMeant(candidate), places.roots);
    if (found.kind !== 'absent') return found;
  }
  return { kind: 'absent' };
}

/** All places that may be meant. A path that leaves its root by ".." is none. */
function candidates(path: string, { roots, layouts }: LocalPlaces): string[] {
  const trimmed = path.replace(/\/+$/, '');
  const isPlain = trimmed.endsWith('.SAFE') || archiveName.test(trimmed);
  const spellings = isPlain ? [trimmed] : [trimmed, `${trimmed}.SAFE`];
  const direct = spellings.flatMap((spelling) => {
    if (spelling.split(/[\\/]/).includes('..')) return [];
    return isAbsolute(spelling) ? [normalize(spelling)] : roots.map((root) => join(root, spelling));
  });
  const inLayouts = placesOf(trimmed, layouts);
  return [...direct, ...roots.flatMap((root) => inLayouts.map((place) => join(root, place)))];
}

/** People also name a product by one of its metadata files: its folder is meant. Other files mean nothing. */
async function folderMeant(candidate: string): Promise<string> {
  if (!isMetadataFile(basename(candidate))) return candidate;
  const found = await unlessAbsent(lstat(candidate));
  // The file itself is looked at by the pipeline only, which refuses links.
  return found === undefined || found.isDirectory() ? candidate : dirname(candidate);
}

/** What lies at `candidate`, if its real path is strictly below a root. */
async function lookAt(candidate: string, roots: readonly string[]): Promise<LocalProduct> {
  const real = await unlessAbsent(realpath(candidate));
  if (real === undefined) return { kind: 'absent' };
  const realRoots = await Promise.all(roots.map((root) => unlessAbsent(realpath(root))));
  const isBelow = realRoots.some((root) => root !== undefined && real.startsWith(withSlash(root)));
  if (!isBelow) return { kind: 'absent' };
  const entry = await stat(real);
  if (entry.isDirectory()) return { kind: 'folder', directory: real };
  const isArchive = entry.isFile() && archiveName.test(candidate);
  return isArchive ? { kind: 'archive', file: real } : { kind: 'absent' };
}

const withSlash = (folder: string): string => (folder.endsWith(sep) ? folder : folder + sep);

/** Undefined where nothing (readable) is; every other trouble rises. */
async function unlessAbsent<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    const absent = ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'];
    if (absent.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Never says what lies outside the roots. */
export function absentMessage(reference: ProductReference, { roots }: LocalPlaces): string {
  const found = `found ${JSON.stringify(shownReference(reference))}`;
  if (roots.length === 0) {
    return `${found}; this server has no product folders yet: its operator must set PRODUCT_ROOTS`;
  }
  return `${found}; there is no such product below the product folders of this server; accepted: the path of a Sentinel-2 SAFE folder or a Landsat 8/9 folder, of the metadata file in it, or of its archive (.zip, .tar, .tar.gz), absolute or relative to a product folder, or the name of a product`;
}

/** Folders that must exist before the server starts; the fault of the first that does not. */
export async function unreadableRoot(roots: readonly string[]): Promise<string | undefined> {
  for (const root of roots) {
    const listed = await readdir(root).catch(() => undefined);
    if (listed === undefined) return root;
  }
  return undefined;
}
