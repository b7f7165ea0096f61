/** The kinds of product, as the contract suite knows them. A further kind is a further row. */
import { sharedPath } from '../shared.ts';
import { copyFolder, withFolder } from '../folder.ts';
import type { FolderUnderTest, KindUnderTest } from './kind-under-test.ts';
import { levelOne, levelTwo } from './landsat.ts';
import { levelOneC, levelTwoA } from './sentinel2.ts';

export const kinds: readonly KindUnderTest[] = [levelOneC, levelTwoA, levelOne, levelTwo];

/** Absolute path of a folder of the reference data. */
export function folderOf({ path }: FolderUnderTest): string {
  return sharedPath('products', path);
}

/** Runs `use` with a folder that can be masked: as it is, or a copy that is mended. */
export function withUsable<T>(
  folder: FolderUnderTest,
  use: (product: string) => Promise<T>,
): Promise<T> {
  const { mend } = folder;
  if (mend === undefined) return use(folderOf(folder));
  return withFolder((parent) => {
    const copy = copyFolder(folderOf(folder), parent);
    mend(copy);
    return use(copy);
  });
}
