/**
 * A STAC Item as plain JSON, read field by field: what is not there is absent, what is of another type is as good as
 * absent unless it matters. Source: STAC Item specification 1.0 and 1.1; older ones differ in names only.
 */
import { ItemRefused, shown } from './item-refused.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Asset {
  readonly href: string;
  readonly fields: JsonObject;
}

export interface StacItem {
  readonly id: string;
  readonly properties: JsonObject;
  /** By key, in the order of the document. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Where the Item says that it lies itself. */
  readonly selfHref: string | undefined;
}

/** Real Items have up to 50. */
const maxAssets = 1000;

/**
 * The Item that a JSON document is.
 * @throws ItemRefused saying what it is instead
 */
export function itemOf(document: unknown): StacItem {
  if (!isObject(document)) return refuseAs('no JSON object');
  const type = textField(document, 'type');
  if (type !== 'Feature') refuseAs(type === undefined ? 'an object without type' : shown(type));
  const assets = field(document, 'assets');
  const properties = field(document, 'properties');
  const id = textField(document, 'id');
  const hasVersion = textField(document, 'stac_version') !== undefined;
  if (!hasVersion || !isObject(assets) || !isObject(properties) || id === undefined) {
    return refuseAs('a GeoJSON Feature without stac_version, id, properties or assets');
  }
  return { id, properties, assets: readAssets(assets), selfHref: selfLink(document) };
}

function refuseAs(what: string): never {
  throw new ItemRefused('not-an-item', `Expected is one STAC Item, found is ${what}.`);
}

function readAssets(assets: JsonObject): ReadonlyMap<string, Asset> {
  const entries = Object.entries(assets);
  if (entries.length > maxAssets) {
    throw new ItemRefused(
      'too-large',
      `The Item has ${entries.length} assets; at most ${maxAssets} are read.`,
    );
  }
  return new Map(
    entries.flatMap(([key, fields]) => {
      const href = isObject(fields) ? textField(fields, 'href') : undefined;
      return isObject(fields) && href !== undefined ? [[key, { href, fields }] as const] : [];
    }),
  );
}

function selfLink(document: JsonObject): string | undefined {
  const links = field(document, 'links');
  const found = Array.isArray(links) ? links.filter(isObject) : [];
  const self = found.find((link) => field(link, 'rel') === 'self');
  return self === undefined ? undefined : textField(self, 'href');
}

/** Whether a value is a JSON object, no list and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of the object's own, never one of its prototype. */
export function field(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The first of these fields that is a text and not empty. */
export function textField(object: JsonObject, ...keys: string[]): string | undefined {
  return keys
    .map((key) => field(object, key))
    .find((value): value is string => typeof value === 'string' && value !== '');
}

/** The first of these fields that is a finite number. */
export function numberField(object: JsonObject, ...keys: string[]): number | undefined {
  return keys
    .map((key) => field(object, key))
    .find((value): value is number => typeof value === 'number' && Number.isFinite(value));
}

/** The objects in a list, none where it is no list. */
export function objectsField(object: JsonObject, key: string): readonly JsonObject[] {
  const value = field(object, key);
  return Array.isArray(value) ? value.filter(isObject) : [];
}
