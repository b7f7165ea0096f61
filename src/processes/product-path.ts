/**
 * Where a `product` input lies. The server asks before it accepts a job, the child asks again before
 * it reads: between the two a folder may have been replaced by a link to elsewhere.
 */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { isMetadataFile } from '../cloudmask/products/open-product.ts';
import { quoted } from './input-fault.ts';
import type { Json } from './process.ts';

export type ProductPath =
  | { readonly kind: 'found'; readonly directory: string }
  /** What was found and what is accepted, for the user. Never says what lies outside the roots. */
  | { readonly kind: 'refused'; readonly message: string };

const refused = (message: string): ProductPath => ({ kind: 'refused', message });

/**
 * Finds the folder of a product below one of the roots, by an absolute path or relative to a root,
 * with or without ".SAFE", or by one of its metadata files. The folder's real path (links followed) must lie below the
 * real path of a root.
 */
export async function resolveProduct(
  product: Json,
  roots: readonly string[],
): Promise<ProductPath> {
  const shown = quoted(product);
  if (typeof product !== 'string' || /^[a-z][a-z0-9+.-]*:\/\//i.test(product)) {
    return refused(
      `found ${shown}; links and addresses (s3://, https://) are not available in this version; accepted: the path of a Sentinel-2 SAFE folder or a Landsat 8/9 folder below a product folder of this server`,
    );
  }
  if (roots.length === 0) {
    return refused(
      `found ${shown}; this server has no product folders yet: its operator must set PRODUCT_ROOTS`,
    );
  }
  if (product.includes('\0'))
    return refused(`found ${shown}; accepted: a path without NUL characters`);
  for (const candidate of candidates(product, roots)) {
    const directory = await directoryBelow(await folderMeant(candidate), roots);
    if (directory !== undefined) return { kind: 'found', directory };
  }
  return refused(
    `found ${shown}; there is no such folder below the product folders of this server; accepted: the path of a Sentinel-2 SAFE folder or a Landsat 8/9 folder, or of the metadata file in it, absolute or relative to a product folder`,
  );
}

/** All places that may be meant. A path that leaves its root by ".." is none. */
function candidates(product: string, roots: readonly string[]): string[] {
  const trimmed = product.replace(/\/+$/, '');
  const spellings = trimmed.endsWith('.SAFE') ? [trimmed] : [trimmed, `${trimmed}.SAFE`];
  return spellings.flatMap((spelling) => {
    if (spelling.split(/[\\/]/).includes('..')) return [];
    return isAbsolute(spelling) ? [normalize(spelling)] : roots.map((root) => join(root, spelling));
  });
}

/** People also name a product by one of its metadata files: its folder is meant. Other files mean nothing. */
async function folderMeant(candidate: string): Promise<string> {
  if (!isMetadataFile(basename(candidate))) return candidate;
  const found = await unlessAbsent(lstat(candidate));
  // The file itself is looked at by the pipeline only, which refuses links.
  return found === undefined || found.isDirectory() ? candidate : dirname(candidate);
}

/** Real path of `candidate` if it is a folder strictly below a root, else nothing. */
async function directoryBelow(
  candidate: string,
  roots: readonly string[],
): Promise<string | undefined> {
  const real = await unlessAbsent(realpath(candidate));
  if (real === undefined) return undefined;
  const realRoots = await Promise.all(roots.map((root) => unlessAbsent(realpath(root))));
  const isBelow = realRoots.some((root) => root !== undefined && real.startsWith(withSlash(root)));
  if (!isBelow || !(await stat(real)).isDirectory()) return undefined;
  return real;
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

/** Folders that must exist before the server starts; the fault of the first that does not. */
export async function unreadableRoot(roots: readonly string[]): Promise<string | undefined> {
  for (const root of roots) {
    const listed = await readdir(root).catch(() => undefined);
    if (listed === undefined) return root;
  }
  return undefined;
}
