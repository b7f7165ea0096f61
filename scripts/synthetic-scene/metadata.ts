/** The text files of a synthetic product: elements and order as in real ones, values of this scene. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { geographic } from './jp2.ts';
import { writeManifest } from './manifest.ts';
import type { MetadataValues, SceneFacts } from './metadata-values.ts';
import { productMetadata } from './product-metadata.ts';
import { dataStripMetadata, tileMetadata } from './tile-metadata.ts';
import { truthClasses } from './truth.ts';

/** Writes all files of the product that are not images. The images must be there already. */
export async function writeMetadata(facts: SceneFacts): Promise<void> {
  const { folder, identity } = facts;
  const { land, water, snow, thin, thick, shadow } = truthClasses;
  const valid = countOf(facts.truth, [land, water, snow, thin, thick, shadow]);
  const percent = (classes: readonly number[]) =>
    (100 * countOf(facts.truth, classes)) / Math.max(1, valid);
  const values: MetadataValues = {
    ...facts,
    footprint: footprintOf(facts),
    cloudPercent: percent([thin, thick]),
    snowPercent: percent([snow]),
  };
  await mkdir(path.join(folder, identity.dataStripFolder), { recursive: true });
  await writeFile(path.join(folder, 'MTD_MSIL1C.xml'), productMetadata(values));
  await writeFile(path.join(folder, identity.granuleFolder, 'MTD_TL.xml'), tileMetadata(values));
  await writeFile(
    path.join(folder, identity.dataStripFolder, 'MTD_DS.xml'),
    dataStripMetadata(values),
  );
  await writeManifest(folder, identity);
}

function countOf(truth: Uint8Array, classes: readonly number[]): number {
  let count = 0;
  for (const value of truth) if (classes.includes(value)) count++;
  return count;
}

function footprintOf({ tile, grid }: SceneFacts): string {
  const right = tile.left + 10 * grid.columns;
  const bottom = tile.top - 10 * grid.rows;
  const corners = [
    [tile.left, tile.top],
    [right, tile.top],
    [right, bottom],
    [tile.left, bottom],
    [tile.left, tile.top],
  ] as const;
  return corners
    .map((corner) => geographic(tile.epsg, corner))
    .map(({ latitude, longitude }) => `${latitude.toFixed(12)} ${longitude.toFixed(12)}`)
    .join(' ');
}
