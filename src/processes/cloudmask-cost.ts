/** What a cloud mask will cost, as far as that is known before its product is opened. */
import { countWindows } from '../cloudmask/windows/plan.ts';
import { productReference, type ProductReference } from '../sources/product-reference.ts';
import type { Inputs } from './process.ts';

/** Side of the windows of every known model (pixels). */
const patch = 512;

/** Width and height of whole products, on the grid of their masks (pixels). Those of Landsat vary by a few per cent. */
const sentinel2 = { width: 10_980, height: 10_980 };
const landsat = { width: 7800, height: 7900 };

/** Scene ids of Landsat 8 and 9. */
const landsatName = /^L[CO]0[89]_/i;

/**
 * Windows of a whole product at the stride of the inputs, which fit the schema. What cannot be told by its name counts as a
 * Sentinel-2 tile; windows without data, which are skipped in the end, are not known yet.
 */
export function cloudMaskCost(inputs: Inputs): number {
  const name = nameOf(productReference(inputs['product'])) ?? '';
  const { width, height } = landsatName.test(name) ? landsat : sentinel2;
  return countWindows({ width, height }, patch, Number(inputs['stride']));
}

function nameOf(reference: ProductReference): string | undefined {
  if (reference.kind === 'local') return lastPart(reference.path);
  if (reference.kind === 's3') return lastPart(reference.key);
  if (reference.kind === 'url') return lastPart(URL.parse(reference.url)?.pathname ?? '');
  const { id } = (reference.item ?? {}) as { readonly id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

function lastPart(path: string): string | undefined {
  return path.split('/').findLast((part) => part !== '');
}
