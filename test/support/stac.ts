/** The STAC Items of the reference data, and what a correct reader concludes of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AddressNotAllowed } from '../../src/errors.ts';
import { parseItem, maxInlineItemBytes } from '../../src/sources/stac/parse-item.ts';
import { hrefsOf, type ItemPlan, type SettledItem } from '../../src/sources/stac/plan.ts';
import { readItem } from '../../src/sources/stac/read-item.ts';
import { settleRadiometry } from '../../src/sources/stac/settle.ts';
import { sharedPath } from './shared.ts';

export interface ExpectedBand {
  readonly asset: string;
  readonly href: string;
  readonly resolution?: number;
  readonly scale: number;
  readonly offset: number;
  readonly nodata: number;
  readonly stated_offset?: number | null;
}

export interface ExpectedItem {
  readonly file: string | null;
  readonly expect: 'accept' | 'refuse' | 'policy';
  readonly kind?: string;
  readonly crs?: string;
  readonly class?: string | null;
  readonly also?: readonly string[];
  readonly doubtful?: string;
  readonly needs?: string;
  readonly mtl?: string;
  readonly baseline?: string;
  readonly sun_elevation?: number;
  readonly level?: string;
  readonly thermal?: Readonly<Record<string, { readonly K1: number; readonly K2: number }>>;
  readonly bands?: Readonly<Record<string, ExpectedBand>>;
}

export type ItemList = 'real' | 'made' | 'bad';

/** The entries of a list of `expected.json`. */
export function expectedItems(list: ItemList): readonly ExpectedItem[] {
  const text = readFileSync(sharedPath('products/stac/expected.json'), 'utf8');
  const all = JSON.parse(text) as Record<ItemList, readonly ExpectedItem[]>;
  return all[list];
}

/** The document of an entry. One is generated: 50 MB that are not in the reference data. */
export function itemBytes({ file }: ExpectedItem): Uint8Array {
  if (file !== null) return readFileSync(sharedPath('products/stac', file));
  const control = readFileSync(sharedPath('products/stac/bad/00-control.json'), 'utf8');
  const item = JSON.parse(control) as { properties: Record<string, string> };
  item.properties['padding'] = 'x'.repeat(50_000_000);
  return Buffer.from(JSON.stringify(item));
}

/** Where a test says that it fetched the Items; paths are those below `../shared`. */
export function itemUrl(file: string | null): URL {
  return new URL(`https://data.example/products/stac/${file ?? 'generated.json'}`);
}

const allowedHosts = new Set([
  'data.example',
  'sentinel-cogs.s3.us-west-2.amazonaws.com',
  'e84-earth-search-sentinel-data.s3.us-west-2.amazonaws.com',
  'sentinel2l2a01.blob.core.windows.net',
  'landsateuwest.blob.core.windows.net',
  'landsatlook.usgs.gov',
]);
const allowedBuckets = new Set(['sentinel-s2-l1c', 'sentinel-s2-l2a', 'usgs-landsat', 'eodata']);

/** Stands for the guard of addresses: every URL of a plan is on the operator's list. */
function requireAllowed(plan: ItemPlan): void {
  for (const href of hrefsOf(plan)) {
    const { protocol, host } = new URL(href);
    const isAllowed = protocol === 's3:' ? allowedBuckets.has(host) : allowedHosts.has(host);
    if (!isAllowed || protocol === 'http:') throw new AddressNotAllowed('Address not allowed.');
  }
}

/** Metadata of a product that lie in the reference data, for Items that point at a place outside of them. */
const elsewhere: Readonly<Record<string, string>> = {
  'stactools-sentinel2-S2A_T46RER_20210908T043714_L1C.json':
    'products/metadata-only/sentinel-2/S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE/MTD_MSIL1C.xml',
  'stactools-sentinel2-S2B_T33XWJ_20220413T150756_L2A.json':
    'products/metadata-only/sentinel-2/S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE/MTD_MSIL2A.xml',
};

/** The metadata document of a plan, where it is at hand: from the reference data, or made after the Item. */
export function metadataOf(
  plan: ItemPlan,
  { file, mtl }: Pick<ExpectedItem, 'file' | 'mtl'>,
): Uint8Array | undefined {
  if (plan.metadata === undefined) return undefined;
  const known = elsewhere[file ?? ''];
  if (known !== undefined) return readFileSync(sharedPath(known));
  if (mtl !== undefined) {
    const [path] = mtl.split(' ');
    return readFileSync(sharedPath('products/stac', path ?? ''));
  }
  const { host, pathname } = new URL(plan.metadata.href);
  const local = sharedPath(join('.', pathname));
  if (host === 'data.example' && existsSync(local)) return readFileSync(local);
  return plan.metadata.form === 'mtd' ? Buffer.from(userProduct(plan)) : undefined;
}

/** What a test changes in the metadata of a Sentinel-2 product. */
export interface UserProductValues {
  readonly uri: string;
  readonly baseline: string;
  readonly spacecraft: string;
  /** DN of every band; undefined before baseline 04.00. */
  readonly offset: number | undefined;
  readonly quantification: number;
}

/** Product metadata of Sentinel-2 as the agency writes them, for the product of a plan. */
export function userProduct(plan: ItemPlan, changes: Partial<UserProductValues> = {}): string {
  const baseline = changes.baseline ?? plan.baseline ?? '05.10';
  const values: UserProductValues = {
    uri: `${plan.id}.SAFE`,
    baseline,
    spacecraft: `Sentinel-2${plan.acquisition.platform.slice(-1).toUpperCase()}`,
    offset: Number(baseline) < 4 ? undefined : -1000,
    quantification: 10_000,
    ...changes,
  };
  const level = plan.kind === 's2-l1c' ? '1C' : '2A';
  return `<?xml version="1.0"?><n1:Level-${level}_User_Product xmlns:n1="x"><n1:General_Info>
<Product_Info><PRODUCT_URI>${values.uri}</PRODUCT_URI><PROCESSING_LEVEL>Level-${level}</PROCESSING_LEVEL>
<PROCESSING_BASELINE>${baseline}</PROCESSING_BASELINE><Datatake><SPACECRAFT_NAME>${values.spacecraft}</SPACECRAFT_NAME>
<DATATAKE_SENSING_START>${plan.acquisition.datetime}</DATATAKE_SENSING_START></Datatake></Product_Info>
<Product_Image_Characteristics>${characteristics(level, values)}</Product_Image_Characteristics>
</n1:General_Info></n1:Level-${level}_User_Product>`;
}

function characteristics(
  level: '1C' | '2A',
  { offset, quantification }: UserProductValues,
): string {
  const [list, name] =
    level === '1C'
      ? ['Radiometric_Offset_List', 'RADIO_ADD_OFFSET']
      : ['BOA_ADD_OFFSET_VALUES_LIST', 'BOA_ADD_OFFSET'];
  const offsets = Array.from(
    { length: offset === undefined ? 0 : 13 },
    (_, band) => `<${name} band_id="${band}">${offset}</${name}>`,
  );
  const scale =
    level === '1C'
      ? `<QUANTIFICATION_VALUE>${quantification}</QUANTIFICATION_VALUE>`
      : `<QUANTIFICATION_VALUES_LIST><BOA_QUANTIFICATION_VALUE>${quantification}</BOA_QUANTIFICATION_VALUE></QUANTIFICATION_VALUES_LIST>`;
  return `${scale}<${list}>${offsets.join('')}</${list}>`;
}

export interface ReadResult {
  readonly plan: ItemPlan;
  readonly settled: SettledItem;
}

/**
 * Reads an entry as the server would, fetched by URL or given as text, with its metadata where they are at hand.
 * @param edit changes the parsed document before it is read
 */
export function readEntry(
  entry: ExpectedItem,
  how: 'by URL' | 'inline',
  edit: (document: unknown) => void = () => undefined,
): ReadResult {
  const bytes = itemBytes(entry);
  const isInline = how === 'inline';
  const document = parseItem(bytes, isInline ? maxInlineItemBytes : undefined);
  edit(document);
  const plan = readItem(document, isInline ? undefined : itemUrl(entry.file));
  requireAllowed(plan);
  return { plan, settled: settleRadiometry(plan, metadataOf(plan, entry)) };
}
