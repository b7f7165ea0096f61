/** Hostile products in buckets, and buckets that a user must not reach: a real S3 server. */
import { cpSync } from 'node:fs';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFolder } from '../support/folder.ts';
import {
  faultsOf,
  withHostileWorld,
  type HostileCase,
  type Row,
} from '../support/hostile-world.ts';
import { brokenCases } from '../support/product-contract/broken.ts';
import { s3Program, withS3Server, type S3Server } from '../support/s3-server.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { landsatFiles, landsatName } from '../support/small-product.ts';
import { sentinel2Item, type TestItem } from '../support/stac-item.ts';

const bucket = ({ endpointUrl }: S3Server, secret: string, key = 'operatorskey'): object => ({
  endpoint_url: endpointUrl,
  access_key_id: key,
  secret_access_key: secret,
});

/**
 * Runs cases with the buckets `products` (right keys), `locked` and `strange` (wrong ones) and `other` (not configured).
 * @returns what is not as it should be
 */
async function withBuckets(
  fill: (folder: string) => Promise<void>,
  use: (origin: string) => readonly HostileCase[],
): Promise<Row[]> {
  let faults: Row[] = [];
  await withFolder(async (folder) => {
    const buckets = join(folder, 'buckets');
    await withS3Server(buckets, ['products', 'locked', 'strange', 'other'], async (s3) => {
      await fill(join(buckets, 'products'));
      const file = join(folder, 'buckets.json');
      const configured = {
        products: bucket(s3, s3.secretAccessKey),
        locked: bucket(s3, 'wrong secret'),
        absent: bucket(s3, s3.secretAccessKey),
        strange: bucket(s3, s3.secretAccessKey, 'unknown key'),
        silent: { ...bucket(s3, 'x'), endpoint_url: 'http://127.0.0.1:9' },
      };
      await writeFile(file, JSON.stringify(configured));
      await withHostileWorld({ settings: { S3_BUCKETS_FILE: file } }, async (world) => {
        faults = await faultsOf(world, use(s3.endpointUrl));
      });
    });
  });
  return faults;
}

/** An Item whose band B02 is this object. */
function itemWith(href: string): { readonly value: TestItem } {
  const item = JSON.parse(
    JSON.stringify(sentinel2Item()).replaceAll('https://data.example', 's3://products/data'),
  ) as TestItem;
  item.assets['blue'] = { ...item.assets['blue'], href };
  return { value: item };
}

describe.skipIf(s3Program() === undefined)('buckets', () => {
  it('that are not for a user, and objects that are no product', async () => {
    const fill = async (folder: string): Promise<void> => {
      await mkdir(join(folder, 'many'));
      for (let index = 0; index < 2001; index++)
        await writeFile(join(folder, 'many', `${index}`), '');
      await mkdir(join(folder, 'pages'));
      await writeFile(join(folder, 'pages', 'index.html'), '<html>Sign in</html>');
      await writeFile(join(folder, 'empty.zip'), '');
      await mkdir(join(folder, landsatName));
      for (const { name, data } of landsatFiles())
        await writeFile(join(folder, landsatName, name), data);
      // Of zeros that no disk holds.
      await truncate(join(folder, landsatName, `${landsatName}_B4.TIF`), 50 * 2 ** 30);
    };
    const faults = await withBuckets(fill, (origin) => {
      const s3 = (product: string, attack: string, ends: RegExp): HostileCase => ({
        attack,
        given: 's3',
        product,
        ends,
      });
      const noAccess = /no access to the bucket/;
      const noName = /without a valid bucket and key/;
      return [
        s3('s3://other/x.zip', 'a bucket that is not configured', noAccess),
        s3('s3://products/../other/x.zip', 'a key with ..', noName),
        s3('s3://products/a/../../other/x.zip', 'a key with .. within', noName),
        s3('s3://products/%2e%2e/other/x.zip', 'a key with %2e%2e', /no such object/),
        s3('s3://products', 'a bucket without a key', noName),
        s3('s3:///x.zip', 'no bucket', noName),
        s3('s3://PRODUCTS/x.zip', 'another spelling of a bucket', noName),
        s3('s3://products@other/x.zip', 'a bucket with a user', noName),
        s3('s3://products\\@other/x', 'a bucket with a backslash', noName),
        s3('s3://products/a\nb', 'a key with a line break', noName),
        s3(`s3://products/${'a/'.repeat(600)}`, 'a key of 1,200 characters', noName),
        s3('s3://locked/x.zip', 'the wrong secret', /access denied/),
        s3('s3://strange/x.zip', 'an unknown key', /access denied|no such object/),
        s3('s3://absent/x.zip', 'a bucket that is not there', /no such object|cannot be read/),
        s3('s3://silent/x.zip', 'a storage that is not there', /cannot be reached/),
        s3('s3://products/many/', 'a folder of 2,001 objects', /more than 2000 objects/),
        s3('s3://products/pages/', 'a folder of web pages', /no product that can be masked/),
        s3('s3://products/pages/index.html', 'a web page', /web page, perhaps a login/),
        s3('s3://products/empty.zip', 'an empty object', /neither a \.zip/),
        s3('s3://products/', 'a whole bucket', /\w/),
        s3(`s3://products/${landsatName}`, 'a product of 50 GB', /\(PRODUCT_MB\)/),
        {
          attack: 'an asset in a bucket that is not configured',
          given: 'Item inline',
          product: itemWith('s3://other/x.jp2'),
          ends: noAccess,
        },
        {
          attack: 'an asset with ..',
          given: 'Item inline',
          product: itemWith('s3://products/a/../../other/x.jp2'),
          ends: /\w/,
        },
        {
          attack: 'an asset that is the storage itself',
          given: 'Item inline',
          product: itemWith(`${origin}/other/x.jp2`),
          ends: /address not allowed/,
        },
      ];
    });
    expect(faults).toEqual([]);
  });
});

describeWithShared('products/broken', 'broken products in buckets', () => {
  it.skipIf(s3Program() === undefined)('end as those in folders do', async () => {
    // What the choice of files and the readers have to notice: one of each sort.
    const wanted =
      /^(s2-00-valid|s2-(vrt|tiff)-named|s2-symlink|s2-mtd-xxe|s2-missing|s2-two|ls-00-valid|ls-missing|ls-path)/;
    const chosen = brokenCases().filter((entry) => wanted.test(entry.case));
    const faults = await withBuckets(
      async (folder) => {
        for (const entry of chosen)
          cpSync(sharedPath('products/broken', entry.product), join(folder, entry.product), {
            recursive: true,
          });
      },
      () =>
        chosen.map((entry): HostileCase => ({
          attack: entry.case,
          given: 's3',
          product: `s3://products/${entry.product}`,
          ends: entry.expect === 'accept' ? 'masked' : entry.expect === 'refuse' ? /\w{3,}/ : 'any',
        })),
    );
    expect(faults).toEqual([]);
  });
});
