/** Brings a product from wherever it is into a folder: the one way in for everything that is not a local folder. */
import { basename, join } from 'node:path';
import { ProductRefused } from '../errors.ts';
import { isProductName, placesOf } from './archive-layouts.ts';
import { bringItem } from './bring-item.ts';
import { bringObjects } from './bring-objects.ts';
import { bringArchiveFile, bringRemote } from './bring-remote.ts';
import type { Bringing } from './bringing.ts';
import { roomFault } from './budget.ts';
import { HttpRemote } from './http-remote.ts';
import { absentMessage, findLocalProduct } from './local-product.ts';
import { productReference, shownReference, type ProductReference } from './product-reference.ts';
import { S3Remote } from './s3-remote.ts';

/** Most objects below a prefix that may be a product: an old SAFE has a few hundred. */
const mostObjects = 2000;

/**
 * Brings what `product` names into `bringing.directory`, needed files only.
 * @returns the product's folder (absolute path)
 * @throws ProductRefused, AddressNotAllowed, TransferFailed; files that came are left to the caller
 */
export async function bringProduct(product: unknown, bringing: Bringing): Promise<string> {
  try {
    return await bringReference(productReference(product), bringing);
  } catch (error) {
    throw roomFault(error);
  }
}

async function bringReference(reference: ProductReference, bringing: Bringing): Promise<string> {
  if (reference.kind === 'local') return bringLocal(reference, bringing);
  if (reference.kind === 's3') return bringFromBucket(reference, bringing);
  if (reference.kind === 'url')
    return bringRemote(new HttpRemote(bringing.client, reference.url), bringing);
  return bringItem(reference.item, undefined, bringing);
}

/** An archive of this machine, or a name that buckets may have. */
async function bringLocal(
  reference: ProductReference & { kind: 'local' },
  bringing: Bringing,
): Promise<string> {
  const found = await findLocalProduct(reference.path, bringing.places);
  if (found.kind === 'archive') return bringArchiveFile(found.file, basename(found.file), bringing);
  if (found.kind === 'absent' && isProductName(reference.path))
    return bringByName(reference, bringing);
  throw new ProductRefused(absentMessage(reference, bringing.places));
}

async function bringByName(
  reference: ProductReference & { kind: 'local' },
  bringing: Bringing,
): Promise<string> {
  const { places, buckets, signal } = bringing;
  for (const { bucket, archivePrefix } of places.buckets) {
    if (archivePrefix === undefined) continue;
    for (const place of placesOf(reference.path, places.layouts)) {
      const prefix = `${join(archivePrefix, place)}/`;
      const source = buckets.of({ kind: 's3', bucket, key: prefix });
      const objects = await source.list(prefix, mostObjects, signal);
      if (objects.length > 0) return bringObjects(source, { prefix, objects }, bringing);
    }
  }
  throw new ProductRefused(
    `found ${JSON.stringify(shownReference(reference))}; no archive of this server has a product of this name`,
  );
}

/** An object (an archive or an Item), or all objects of a product's folder, with or without ".SAFE". */
async function bringFromBucket(
  reference: ProductReference & { kind: 's3' },
  bringing: Bringing,
): Promise<string> {
  const { signal } = bringing;
  const source = bringing.buckets.of(reference);
  const key = reference.key.replace(/\/+$/, '');
  const object = reference.key === key ? await source.find(key, signal) : undefined;
  if (object !== undefined) return bringRemote(new S3Remote(source, object), bringing);
  for (const prefix of [`${key}/`, `${key}.SAFE/`]) {
    const objects = await source.list(prefix, mostObjects, signal);
    if (objects.length > 0) return bringObjects(source, { prefix, objects }, bringing);
  }
  throw new ProductRefused(
    `found ${JSON.stringify(shownReference(reference))}; there is no such object and nothing below it`,
  );
}
