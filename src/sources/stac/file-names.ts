/** What the files' names and places say of product and band: it has to fit the Item, and each other. */
import { fileNameOf, describeAsset, pathOf } from './hrefs.ts';
import { ItemRefused, shown } from './item-refused.ts';
import type { ItemKind, PlannedBand } from './plan.ts';

const msiFile = /(?:^|_)(B(?:0[1-9]|8A|1[0-2]))(?:_(10|20|60)m)?(?:\.\w{1,5})?$/i;
const landsatFile = /(?:^|_)((?:S[RT]_)?B(?:1[01]|[1-9]))(?:\.\w{1,5})?$/i;

/** Names that a path may hold, by what they name. Bands of one product agree in each. */
const marks: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['tile', /(?:^|\/)T?(\d{2}[C-X][A-Z]{2})_\d{8}T\d{6}_[^/]*$/],
  ['time', /(?:^|\/)T?\d{2}[C-X][A-Z]{2}_(\d{8}T\d{6})_[^/]*$/],
  ['tile', /\/(\d{1,2}\/[C-X]\/[A-Z]{2})\/\d{4}\/\d{1,2}\//],
  ['date', /\/\d{1,2}\/[C-X]\/[A-Z]{2}\/(\d{4}\/\d{1,2}(?:\/\d{1,2})?)\//],
  ['product', /\/(S2[A-D]_[^/]{1,100})\//],
  ['product', /(?:^|\/)(L[A-Z]\d{2}_L\d[A-Z]{2}_\d{6}_\d{8}_\d{8}_\d{2}_[A-Z0-9]{2})_[^/]*$/],
];

/**
 * Compares the band in a file's name, where there is one, with the band that it is taken for.
 * @throws ItemRefused naming asset and file
 */
export function checkBandName(kind: ItemKind, band: PlannedBand): void {
  const name = fileNameOf(band.href);
  const [, id, metres] = (kind.startsWith('s2') ? msiFile : landsatFile).exec(name) ?? [];
  if (id !== undefined && id.toUpperCase() !== band.id) {
    throw new ItemRefused(
      'ambiguous-band',
      `The asset ${describeAsset(band.asset, band.href)} is band ${band.id} by its key, but band ${id} by its file's name.`,
    );
  }
  if (metres !== undefined && Number(metres) !== band.resolution) {
    throw new ItemRefused(
      'size-mismatch',
      `The asset ${describeAsset(band.asset, band.href)} is of ${metres} m; expected for ${band.id} is ${band.resolution} m.`,
    );
  }
}

/** What the path of a file says of its product: values by what they name. */
export function marksOf(href: string): ReadonlyMap<string, string> {
  const path = pathOf(href);
  return new Map(
    marks.flatMap(([what, pattern]) => {
      const found = pattern.exec(path)?.[1];
      return found === undefined ? [] : [[what, plain(what, found)] as const];
    }),
  );
}

/** `5/N/MM` and `05NMM` are one tile. */
function plain(what: string, found: string): string {
  return what === 'tile' ? found.replaceAll('/', '').padStart(5, '0') : found;
}

/**
 * All files are of one product, of the Item's level.
 * @throws ItemRefused naming the asset that is of another
 */
export function checkOneProduct(
  kind: ItemKind,
  files: readonly Pick<PlannedBand, 'asset' | 'href'>[],
): void {
  const seen = new Map<string, { readonly value: string; readonly asset: string }>();
  for (const { asset, href } of files) {
    for (const [what, value] of marksOf(href)) {
      const earlier = seen.get(what);
      if (earlier === undefined) seen.set(what, { value, asset });
      else if (earlier.value !== value) {
        throw new ItemRefused(
          'mixed-products',
          `The assets belong to different products: ${describeAsset(asset, href)} has the ${what} ${shown(value)}, ` +
            `${shown(earlier.asset)} has ${shown(earlier.value)}.`,
        );
      }
    }
  }
  const product = seen.get('product');
  if (product !== undefined) checkLevel(kind, product.value);
}

const levels: Readonly<Record<ItemKind, RegExp>> = {
  's2-l1c': /L1C/,
  's2-l2a': /L2A/,
  'landsat-l1': /_L1(TP|GT|GS)_/,
  'landsat-l2': /_L2SP_/,
};

function checkLevel(kind: ItemKind, product: string): void {
  const statesLevel = /(?:MSI|_)L\d[A-Z]{1,2}(?:_|$|\.)/.test(product);
  if (!statesLevel || levels[kind].test(product)) return;
  throw new ItemRefused(
    'mixed-products',
    `The files belong to the product ${shown(product)}, which is of another level than the Item says.`,
  );
}
