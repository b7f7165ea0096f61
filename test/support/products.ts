/** Product folders of the reference data, by a part of their name. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sharedPath } from './shared.ts';

/** The only folder below `../shared/products/<kind>` whose name contains `part`. */
export function sharedProduct(kind: string, part: string): string {
  const root = sharedPath('products', kind);
  const found = readdirSync(root).filter((entry) => entry.includes(part));
  const [name] = found;
  if (name === undefined || found.length > 1) {
    throw new Error(`${found.length} folders with ${part} in ${root}, expected 1.`);
  }
  return join(root, name);
}

/** All product folders of a kind. */
export function sharedProducts(kind: string): string[] {
  const root = sharedPath('products', kind);
  return readdirSync(root).map((name) => join(root, name));
}

/** The 10 m band files of a Sentinel-2 folder. */
export function tenMetreFiles(product: string): string[] {
  const granules = join(product, 'GRANULE');
  const images = join(granules, readdirSync(granules)[0] ?? '', 'IMG_DATA');
  const names = readdirSync(images, { recursive: true })
    .map(String)
    .filter((name) => /(R10m\/.*_B0[2348]_10m|^[^/]*_B0[2348])\.jp2$/.test(name));
  if (names.length !== 4)
    throw new Error(`${names.length} files of 10 m in ${images}, expected 4.`);
  return names.map((name) => join(images, name));
}
