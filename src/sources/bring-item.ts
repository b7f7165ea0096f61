/** Brings the band files of a STAC Item, several at once, and writes beside them what the Item says of them. */
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  qualityBandId,
  writeBandFiles,
  type BandFile,
} from '../cloudmask/products/band-document.ts';
import { TransferFailed } from '../errors.ts';
import type { Bringing } from './bringing.ts';
import { assertRoom } from './budget.ts';
import { HttpRemote } from './http-remote.ts';
import { filesAtOnce, inParallel } from './parallel.ts';
import { checkHrefs, planOf } from './product-gate.ts';
import { productReference } from './product-reference.ts';
import type { Remote } from './remote.ts';
import { S3Remote } from './s3-remote.ts';
import { imageDriver, imageHeadBytes } from './stac/image-driver.ts';
import { hrefsOf, type ItemPlan } from './stac/plan.ts';
import { settleRadiometry } from './stac/settle.ts';

/** Largest metadata document, in bytes. */
const maxMetadataBytes = 50_000_000;
/** Largest band file: the panchromatic band of Landsat has 0.5 GB without compression. */
const maxBandBytes = 1_073_741_824;

/**
 * Brings the product of an Item into `bringing.directory`.
 * @param base where the Item was fetched from; undefined for an Item of the request
 * @returns the product's folder
 * @throws ProductRefused, AddressNotAllowed, TransferFailed
 */
export async function bringItem(
  item: unknown,
  base: URL | undefined,
  bringing: Bringing,
): Promise<string> {
  const { directory, meter } = bringing;
  const plan = planOf(item, base, bringing.places);
  // Every address is checked before the first request.
  await checkHrefs(hrefsOf(plan), bringing.places);
  meter.begin(plan.id, undefined);
  const settled = settleRadiometry(plan, await metadataOf(plan, bringing));
  await assertRoom(directory, 0);
  await writeBandFiles(directory, settled, await bringBands(plan, bringing));
  return directory;
}

/** The document that settles the radiometry; one that only confirms it may be missing. */
async function metadataOf(plan: ItemPlan, bringing: Bringing): Promise<Uint8Array | undefined> {
  const { metadata } = plan;
  if (metadata === undefined) return undefined;
  try {
    const remote = await remoteOf(metadata.href, bringing);
    return (await remote.document(maxMetadataBytes, bringing.signal)).bytes;
  } catch (error) {
    if (error instanceof TransferFailed && !metadata.isNeeded) return undefined;
    throw error;
  }
}

interface Wanted {
  readonly id: string;
  readonly href: string;
}

async function bringBands(
  plan: ItemPlan,
  bringing: Bringing,
): Promise<ReadonlyMap<string, BandFile>> {
  const { quality } = plan;
  const wanted: Wanted[] = [
    ...plan.bands,
    ...(quality === undefined ? [] : [{ id: qualityBandId, href: quality.href }]),
  ];
  const files = new Map<string, BandFile>();
  const { signal } = bringing;
  await inParallel(wanted, { atOnce: filesAtOnce, signal }, async (band, stop) => {
    files.set(band.id, await bringBand(band, { ...bringing, signal: stop }));
  });
  return files;
}

async function bringBand({ id, href }: Wanted, bringing: Bringing): Promise<BandFile> {
  const { budget, meter, signal, directory } = bringing;
  const part = join(directory, `${id}.part`);
  const remote = await remoteOf(href, bringing);
  await remote.save({
    file: part,
    maxBytes: Math.min(maxBandBytes, budget.left),
    signal,
    onBytes: (count) => {
      budget.take(count);
      meter.count(count);
    },
  });
  const driver = await driverOf(part, id);
  const file = `${id}${driver === 'GTiff' ? '.tif' : '.jp2'}`;
  await rename(part, join(directory, file));
  return { file, driver };
}

async function remoteOf(href: string, { client, buckets, signal }: Bringing): Promise<Remote> {
  const reference = productReference(href);
  if (reference.kind !== 's3') return new HttpRemote(client, href);
  const bucket = buckets.of(reference);
  const object = await bucket.find(reference.key, signal);
  if (object !== undefined) return new S3Remote(bucket, object);
  throw new TransferFailed(
    `${bucket.shown(reference.key)} cannot be read: there is no such object.`,
  );
}

async function driverOf(file: string, band: string): Promise<BandFile['driver']> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(imageHeadBytes);
    const { bytesRead } = await handle.read(head, 0, imageHeadBytes, 0);
    return imageDriver(head.subarray(0, bytesRead), band);
  } finally {
    await handle.close();
  }
}
