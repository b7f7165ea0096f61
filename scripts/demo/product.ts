/** The product of the demo: the user's, or a synthetic one that is made once and kept. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isMetadataFile } from '../../src/cloudmask/products/open-product.ts';
import { UserError } from './user-error.ts';

/** The folder of a user's product, as a real path. `from`: what relative paths are relative to. */
export async function givenProduct(argument: string, from: string): Promise<string> {
  const found = [argument, `${argument.replace(/[/\\]+$/, '')}.SAFE`]
    .map((name) => path.resolve(from, name))
    .find((candidate) => existsSync(candidate));
  if (found == null) {
    const place = path.resolve(from, argument);
    throw new UserError(
      `There is no product at ${place}.\nGive the folder of a Sentinel-2 (….SAFE) or Landsat 8/9 product, or nothing for a synthetic scene.`,
    );
  }
  if ((await stat(found)).isDirectory()) return realpath(found);
  if (isMetadataFile(path.basename(found))) return realpath(path.dirname(found));
  throw new UserError(
    `${found} is a file, and none of a product's metadata.\nGive the folder of a Sentinel-2 (….SAFE) or Landsat 8/9 product, or the metadata file in it.`,
  );
}

/** The synthetic product in a folder, made if it is not there yet. `tell` hears of it; `size`: pixels of a side. */
export async function syntheticProduct(
  folder: string,
  tell: (message: string) => void,
  { size = 1098 }: { readonly size?: number } = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const present = (await readdir(folder)).find((name) => name.endsWith('.SAFE'));
  if (present != null) return realpath(path.join(folder, present));
  const side = size.toLocaleString('en');
  tell(`Making a synthetic scene of ${side} × ${side} pixels …`);
  // Loads GDAL, which the demo needs for nothing else.
  const { writeSyntheticScene } = await import('../synthetic-scene/scene.ts');
  const unfinished = path.join(folder, '.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  const scene = await writeSyntheticScene(unfinished, { size });
  const finished = path.join(folder, path.basename(scene.folder));
  await rename(scene.folder, finished);
  await rm(unfinished, { recursive: true });
  return realpath(finished);
}
