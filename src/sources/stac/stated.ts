/**
 * What an asset states of its values and size. Scale and offset have several homes (STAC raster extension 1 and 2); all
 * that exist have to agree, and a value that is no plausible number is refused rather than ignored.
 */
import { ItemRefused, shown } from './item-refused.ts';
import { field, isObject, objectsField, type Asset, type JsonObject } from './item.ts';
import type { StatedScale } from './plan.ts';

type Home = readonly [object: JsonObject, prefix: string];

/**
 * Scale and offset that an asset states for its band.
 * @throws ItemRefused when they contradict each other or are no plausible numbers
 */
export function statedScale(asset: Asset, band: string): StatedScale {
  const { fields } = asset;
  const [first] = objectsField(fields, 'bands');
  const [raster] = objectsField(fields, 'raster:bands');
  const homes: readonly Home[] = [
    [fields, 'raster:'],
    ...(first === undefined ? [] : [[first, 'raster:'] as const]),
    ...(raster === undefined ? [] : [[raster, ''] as const]),
  ];
  checkNoData([fields, first, raster], band);
  const scale = onlyValue(homes, 'scale', band);
  const offset = onlyValue(homes, 'offset', band);
  if (scale !== undefined && (scale < 1e-6 || scale > 1)) conflict(band, 'scale', scale);
  if (offset !== undefined && Math.abs(offset) > 1000) conflict(band, 'offset', offset);
  return {
    ...(scale === undefined ? {} : { scale }),
    ...(offset === undefined ? {} : { offset }),
  };
}

function onlyValue(homes: readonly Home[], name: string, band: string): number | undefined {
  const found = homes
    .map(([object, prefix]) => field(object, prefix + name))
    .filter((value) => value !== undefined && value !== null);
  const [first] = found;
  for (const value of found) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return conflict(band, name, value);
    if (typeof first === 'number' && value !== first) {
      throw new ItemRefused(
        'radiometry-conflict',
        `The Item states two values for the ${name} of ${band}: ${first} and ${value}.`,
      );
    }
  }
  return typeof first === 'number' ? first : undefined;
}

function conflict(band: string, name: string, value: unknown): never {
  throw new ItemRefused(
    'radiometry-conflict',
    `The Item states the ${name} ${describeValue(value)} for ${band}, which is not plausible.`,
  );
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return `"${shown(value)}"`;
  return typeof value === 'number' ? String(value) : `(a value of type ${typeof value})`;
}

/** The pipeline knows DN 0 as no data only, which every product has. */
function checkNoData(homes: readonly (JsonObject | undefined)[], band: string): void {
  for (const home of homes) {
    const value = home === undefined ? undefined : field(home, 'nodata');
    if (value === undefined || value === null || value === 0) continue;
    conflict(band, 'no data value', value);
  }
}

/**
 * Rows and columns that an asset states.
 * @throws ItemRefused when they are no size
 */
export function statedShape(asset: Asset, band: string): readonly [number, number] | undefined {
  const shape = field(asset.fields, 'proj:shape');
  if (shape === undefined || shape === null) return undefined;
  const [rows, columns, ...others]: readonly unknown[] = Array.isArray(shape) ? shape : [];
  if (isSize(rows) && isSize(columns) && others.length === 0) return [rows, columns];
  throw new ItemRefused(
    'size-mismatch',
    `The Item states a proj:shape for ${band} that is no number of rows and columns.`,
  );
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}

const otherFormats = /\.(vrt|xml|json|html?|zip|tar|gz|png|jpe?g|gif|webp|nc|h5|hdf|zarr)$/i;
const imageTypes = /jp2|jpx|j2k|jpeg2000|tiff?\b|octet-stream/i;

/**
 * Media type and ending are a hint only (the file's first bytes decide), but one that names something else is believed.
 * @throws ItemRefused naming the asset
 */
export function checkMediaType(asset: Asset, fileName: string, what: string): void {
  const type = field(asset.fields, 'type');
  const isOther = typeof type === 'string' && type !== '' && !imageTypes.test(type);
  if (!isOther && !otherFormats.test(fileName)) return;
  throw new ItemRefused('media-type', `${what} is neither JPEG 2000 nor GeoTIFF.`);
}

/** Names that an asset gives its only band; none where it has several. */
export function bandNames(asset: Asset): readonly string[] {
  return ['bands', 'eo:bands'].flatMap((key) => {
    const list = field(asset.fields, key);
    const [only, ...others]: readonly unknown[] = Array.isArray(list) ? list : [];
    const name = isObject(only) && others.length === 0 ? field(only, 'name') : undefined;
    return typeof name === 'string' ? [name] : [];
  });
}
