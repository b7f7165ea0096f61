/**
 * The check of a `product` input before a job is accepted: its form, and whether this server may get it. Nothing is
 * fetched; names of hosts are resolved, and resolved again when the product is brought.
 */
import { ProductRefused } from '../errors.ts';
import { checkAddress, checkUrl } from '../outbound/guard.ts';
import type { OutboundPolicy } from '../outbound/policy.ts';
import type { BucketAccess } from '../s3/buckets.ts';
import { isProductName } from './archive-layouts.ts';
import { absentMessage, findLocalProduct, type LocalPlaces } from './local-product.ts';
import { productReference, shownReference, type ProductReference } from './product-reference.ts';
import { ItemRefused } from './stac/item-refused.ts';
import { maxInlineItemBytes } from './stac/parse-item.ts';
import { hrefsOf, preferring, type ItemPlan } from './stac/plan.ts';
import { readItem } from './stac/read-item.ts';

/** Where this server may get products from. */
export interface ProductPlaces extends LocalPlaces {
  readonly outbound: OutboundPolicy;
  readonly buckets: readonly BucketAccess[];
}

/** @throws ProductRefused, AddressNotAllowed: what was found and what is accepted */
export async function checkProduct(product: unknown, places: ProductPlaces): Promise<void> {
  const reference = productReference(product);
  if (reference.kind === 'local') await checkLocal(reference, places);
  else if (reference.kind === 's3') bucketOf(reference, places.buckets);
  else if (reference.kind === 'url') await checkAddress(reference.url, places.outbound);
  else await checkItem(reference.item, places);
}

/** Whether the product has to be brought before it can be read. */
export async function isFar(product: unknown, places: ProductPlaces): Promise<boolean> {
  const reference = productReference(product);
  if (reference.kind !== 'local') return true;
  const found = await findLocalProduct(reference.path, places);
  return found.kind === 'archive' || (found.kind === 'absent' && isInArchive(reference, places));
}

async function checkLocal(
  reference: ProductReference & { kind: 'local' },
  places: ProductPlaces,
): Promise<void> {
  const found = await findLocalProduct(reference.path, places);
  if (found.kind === 'absent' && !isInArchive(reference, places)) {
    throw new ProductRefused(absentMessage(reference, places));
  }
}

/** A name may be found in buckets; whether it is, only the transfer knows. */
function isInArchive(
  { path }: ProductReference & { kind: 'local' },
  { buckets }: ProductPlaces,
): boolean {
  return isProductName(path) && buckets.some((bucket) => bucket.archivePrefix !== undefined);
}

/** @throws ProductRefused when the operator has not configured the bucket */
export function bucketOf(
  reference: ProductReference & { kind: 's3' },
  buckets: readonly BucketAccess[],
): BucketAccess {
  const found = buckets.find(({ bucket }) => bucket === reference.bucket);
  if (found !== undefined) return found;
  const known = buckets.map(({ bucket }) => bucket).join(', ') || 'none';
  throw new ProductRefused(
    `found ${JSON.stringify(shownReference(reference))}; this server has no access to the bucket "${reference.bucket}"; buckets that it may read: ${known}`,
  );
}

async function checkItem(item: unknown, places: ProductPlaces): Promise<void> {
  if (JSON.stringify(item).length > maxInlineItemBytes) {
    throw new ItemRefused(
      'too-large',
      `The Item is larger than allowed in a request: at most ${maxInlineItemBytes} bytes. Give its address instead.`,
    );
  }
  await checkHrefs(hrefsOf(planOf(item, undefined, places)), places);
}

/**
 * What is to be fetched of an Item by this server: of two places of a file the one in a configured bucket.
 * @param base where the Item was fetched from; undefined for an Item of the request
 * @throws ItemRefused
 */
export function planOf(
  item: unknown,
  base: URL | undefined,
  { buckets }: Pick<ProductPlaces, 'buckets'>,
): ItemPlan {
  return preferring(readItem(item, base), (href) =>
    buckets.some(({ bucket }) => href.startsWith(`s3://${bucket}/`)),
  );
}

/** Asks about every address of an Item, and resolves each server's name once. @throws ProductRefused, AddressNotAllowed */
export async function checkHrefs(
  hrefs: readonly string[],
  { buckets, outbound }: ProductPlaces,
): Promise<void> {
  const byOrigin = new Map<string, string>();
  for (const href of hrefs) {
    const reference = productReference(href);
    if (reference.kind === 's3') bucketOf(reference, buckets);
    else byOrigin.set(checkUrl(href, outbound).origin, href);
  }
  for (const href of byOrigin.values()) await checkAddress(href, outbound);
}
