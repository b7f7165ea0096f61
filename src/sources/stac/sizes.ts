/** Sizes that an Item states: refused early where they cannot be those of the bands. The files are checked again. */
import { fullTile, groupFactor, type Group } from '../../cloudmask/products/sentinel2-bands.ts';
import { maxPanchromatic, maxSize } from '../../cloudmask/products/landsat-metadata.ts';
import { ItemRefused } from './item-refused.ts';
import { numberField, type Asset } from './item.ts';
import type { ItemKind, PlannedBand } from './plan.ts';

/**
 * The pixel size that an asset of Sentinel-2 states is the native one of its band. For Landsat it is not looked at:
 * thermal bands say 100 m and are delivered at 30 m.
 * @throws ItemRefused naming the band
 */
export function checkPixelSize(kind: ItemKind, asset: Asset, id: string, resolution: number): void {
  const stated = numberField(asset.fields, 'gsd');
  if (!kind.startsWith('s2') || stated === undefined || stated === resolution) return;
  throw new ItemRefused(
    'size-mismatch',
    `The Item states pixels of ${stated} m for ${id}; expected are ${resolution} m.`,
  );
}

/**
 * Stated rows and columns fit each other and are not larger than those of any product.
 * @throws ItemRefused naming the band
 */
export function checkShapes(kind: ItemKind, bands: readonly PlannedBand[]): void {
  if (kind.startsWith('s2')) checkTile(bands);
  else checkScene(bands);
}

function checkTile(bands: readonly PlannedBand[]): void {
  let tile: readonly number[] | undefined;
  for (const { id, resolution, shape } of bands) {
    if (shape === undefined) continue;
    const factor = groupFactor[String(resolution) as Group];
    const limit = fullTile / factor;
    const fine = shape.map((size) => size * factor);
    tile ??= fine;
    if (Math.max(...shape) > limit) refuse(id, shape, `at most ${limit} × ${limit}`);
    if (fine.some((size, axis) => size !== tile?.[axis])) {
      refuse(id, shape, `${tile.map((size) => size / factor).join(' × ')} beside the other bands`);
    }
  }
}

function checkScene(bands: readonly PlannedBand[]): void {
  for (const { id, resolution, shape } of bands) {
    const limit = resolution === 15 ? maxPanchromatic : maxSize;
    if (shape !== undefined && Math.max(...shape) > limit) {
      refuse(id, shape, `at most ${limit} × ${limit}`);
    }
  }
}

function refuse(id: string, shape: readonly number[], expected: string): never {
  throw new ItemRefused(
    'size-mismatch',
    `The Item states ${shape.join(' × ')} rows × columns for ${id}; expected are ${expected}.`,
  );
}
