import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { givenProduct } from '../../../scripts/demo/product.ts';
import { UserError } from '../../../scripts/demo/user-error.ts';
import { withFolder } from '../../support/folder.ts';

it('the demo takes a product by its folder, its name without ending or its metadata file', async () => {
  await withFolder(async (folder) => {
    const product = join(folder, 'S2.SAFE');
    await mkdir(product);
    await writeFile(join(product, 'MTD_MSIL1C.xml'), 'x');
    await writeFile(join(product, 'B02.jp2'), 'x');
    for (const argument of ['S2.SAFE', 'S2', 'S2.SAFE/', product, 'S2.SAFE/MTD_MSIL1C.xml']) {
      expect(await givenProduct(argument, folder)).toBe(await realpath(product));
    }
    const refusal = await givenProduct('S2.SAFE/B02.jp2', folder).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as UserError).message).toMatch(/B02\.jp2 is a file, and none of a product's/);
    await expect(givenProduct('S3', folder)).rejects.toThrow(/There is no product at .*S3\./);
  });
});
