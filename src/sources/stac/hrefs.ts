/**
 * From what an Item writes to an absolute URL. Nothing here is ever a path of a file, and nothing decides whether an
 * address may be called: that is asked for every URL of a plan before the first request.
 */
import { ItemRefused, shown } from './item-refused.ts';
import { field, isObject, textField, type Asset, type StacItem } from './item.ts';

const schemes = new Set(['https:', 'http:', 's3:']);
/** Nothing that a URL has: control characters, markup, names of GDAL's virtual files. */
const strange = /[\p{Cc}<>"\\]|^\/?vsi\w+\//iu;
/** Characters; signed addresses have some hundred. */
const maxLength = 4096;

/**
 * What relative hrefs are relative to: where the Item was fetched, or, for an Item given as text, its link to itself
 * if that is an absolute http(s) address. No other link counts, and none is followed.
 */
export function baseOf(item: StacItem, fetchedFrom: URL | undefined): URL | undefined {
  if (fetchedFrom !== undefined) return schemes.has(fetchedFrom.protocol) ? fetchedFrom : undefined;
  if (item.selfHref === undefined || item.selfHref.length > maxLength) return undefined;
  const url = URL.parse(item.selfHref);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

/**
 * The absolute URL of an href.
 * @param what the asset, for messages
 * @throws ItemRefused when its scheme is not accepted, it holds a password, or it is relative to nothing
 */
export function resolveHref(href: string, base: URL | undefined, what: string): string {
  if (strange.test(href) || href.length > maxLength) refuseScheme(what);
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(href);
  if (!isAbsolute && base === undefined) {
    throw new ItemRefused(
      'relative-href-without-base',
      `${what} has a relative href, but the Item came without a URL. Give the Item by its URL, or absolute hrefs.`,
    );
  }
  const url = URL.parse(href, base?.href);
  if (url === null || !schemes.has(url.protocol) || url.hostname === '') return refuseScheme(what);
  refuseUser(url, what);
  url.hash = '';
  return url.href;
}

function refuseUser(url: URL, what: string): void {
  if (url.username === '' && url.password === '') return;
  throw new ItemRefused(
    'address-not-allowed',
    `${what}: the address is not allowed (it holds a user name or password).`,
  );
}

function refuseScheme(what: string): never {
  throw new ItemRefused(
    'href-scheme',
    `${what} has an href that is not accepted: expected is a URL with https, http or s3.`,
  );
}

/** Further places of the same file that an asset names, absolute; those that cannot be used are left out. */
export function alternatesOf(asset: Asset, base: URL | undefined): readonly string[] {
  const alternates = field(asset.fields, 'alternate');
  if (!isObject(alternates)) return [];
  return Object.values(alternates).flatMap((alternate) => {
    const href = isObject(alternate) ? textField(alternate, 'href') : undefined;
    if (href === undefined) return [];
    try {
      return [resolveHref(href, base, 'alternate')];
    } catch (error) {
      if (error instanceof ItemRefused) return [];
      throw error;
    }
  });
}

/** The last part of a URL's path, for comparison and for messages. */
export function fileNameOf(href: string): string {
  const name = pathOf(href).split('/').at(-1) ?? '';
  return name.replaceAll(/%[0-7][0-9a-f]/gi, (escape) => decodeURIComponent(escape));
}

/** The path of a URL. */
export function pathOf(href: string): string {
  return URL.parse(href)?.pathname ?? '';
}

/** An asset in a message: its key and the name of its file. */
export function describeAsset(key: string, href: string): string {
  return `${shown(key)} (${shown(fileNameOf(href))})`;
}
