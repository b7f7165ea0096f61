/**
 * What the input `product` names, by its form alone: nothing is looked up here. Accepted are a path or a product name,
 * `s3://bucket/key`, an http(s) address, a link with one of these in `href`, and a STAC Item itself.
 */
import { ProductRefused } from '../errors.ts';
import { shownUrl } from '../outbound/shown-url.ts';

export type ProductReference =
  /** A path (absolute or relative to a root) or a product's name, without a slash at its end. */
  | { readonly kind: 'local'; readonly path: string }
  /** One object, or all below `key` where `key` is a folder. */
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string }
  /** An archive or a STAC Item: which, its first bytes say. */
  | { readonly kind: 'url'; readonly url: string }
  /** A STAC Item given in the request itself. */
  | { readonly kind: 'item'; readonly item: unknown };

const acceptedForms =
  'accepted: the path or the name of a Sentinel-2 or Landsat 8/9 product, s3://bucket/key, an https:// address of a .zip, .tar, .tar.gz or STAC Item, a link {"href": …} to one of these, or a STAC Item';

/** S3's rules for names of buckets. */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** @throws ProductRefused when it has none of the accepted forms */
export function productReference(product: unknown): ProductReference {
  if (typeof product === 'string') return textReference(product);
  if (typeof product !== 'object' || product === null || Array.isArray(product)) {
    throw new ProductRefused(`found no text and no object; ${acceptedForms}`);
  }
  if ('href' in product && !('type' in product && product.type === 'Feature')) {
    if (typeof product.href === 'string') return textReference(product.href);
    throw new ProductRefused(`found a link whose href is no text; ${acceptedForms}`);
  }
  return { kind: 'item', item: product };
}

function textReference(text: string): ProductReference {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 's3') return s3Reference(text);
  if (scheme === 'https' || scheme === 'http') return { kind: 'url', url: text };
  if (scheme !== undefined) {
    throw new ProductRefused(`found an address with "${scheme.slice(0, 20)}:"; ${acceptedForms}`);
  }
  if (text.includes('\0')) throw new ProductRefused('found a path with a NUL character');
  const path = text.replace(/(?<=[^/])\/+$/, '');
  return { kind: 'local', path };
}

function s3Reference(text: string): ProductReference {
  const found = /^s3:\/\/([^/]*)\/(.*)$/is.exec(text);
  const [, bucket = '', key = ''] = found ?? [];
  if (!bucketName.test(bucket) || key === '' || key.length > 1024 || hasControl(key)) {
    throw new ProductRefused(
      'found an s3:// address without a valid bucket and key; accepted: s3://bucket/key',
    );
  }
  return { kind: 's3', bucket, key };
}

/** Keys with control characters or ".." are nobody's product, and mislead whoever reads them. */
function hasControl(key: string): boolean {
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(key) || key.split('/').includes('..');
}

/** The reference as it may stand in messages and logs: no query (it may grant access), no user, not long. */
export function shownReference(reference: ProductReference): string {
  // An address within a path (as GDAL has them) may hold what opens it.
  if (reference.kind === 'local') return reference.path.replace(/:\/\/.*$/s, '://…').slice(0, 120);
  if (reference.kind === 's3') return `s3://${reference.bucket}/${shownKey(reference.key)}`;
  return reference.kind === 'url' ? shownUrl(reference.url) : 'the STAC Item of the request';
}

/** What looks like a query may have been copied with the signature of a link: it is not told. */
function shownKey(key: string): string {
  return key.replace(/\?.*$/s, '').slice(0, 160);
}
