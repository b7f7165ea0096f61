/** Brings one file from elsewhere: an archive of a product, or a STAC Item. Which of them it is, its first bytes say. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveKind } from '../archives/kind.ts';
import { ProductRefused } from '../errors.ts';
import { bringItem } from './bring-item.ts';
import type { Bringing } from './bringing.ts';
import { assertRoom } from './budget.ts';
import {
  unpackProductFile,
  unpackProductTar,
  unpackProductZip,
  type ArchiveTask,
} from './product-archive.ts';
import type { Remote } from './remote.ts';
import { maxFetchedItemBytes, parseItem } from './stac/parse-item.ts';

/**
 * Brings the product that `remote` is into `bringing.directory`.
 * @returns the product's folder
 * @throws ProductRefused, TransferFailed, AddressNotAllowed
 */
export async function bringRemote(remote: Remote, bringing: Bringing): Promise<string> {
  const head = await remote.head(bringing.signal);
  const kind = archiveKind(head);
  if (kind === 'zip') return bringZip(remote, bringing);
  if (kind !== undefined) return bringTar(remote, bringing);
  const { bytes, base } = await itemOf(remote, head, bringing.signal);
  return bringItem(parseItem(bytes), base, bringing);
}

/** Anything else can only be an Item; what begins like no JSON object is not fetched any further. */
async function itemOf(
  remote: Remote,
  head: Uint8Array,
  signal: AbortSignal,
): ReturnType<Remote['document']> {
  const start = Buffer.from(head).toString('latin1').replace(/^ï»¿/, '').trimStart();
  if (start.startsWith('{')) return remote.document(maxFetchedItemBytes, signal);
  const what = start.startsWith('<') ? ' (it looks like a web page, perhaps a login)' : '';
  throw new ProductRefused(
    `${remote.shown} is neither a .zip, .tar or .tar.gz archive nor a STAC Item${what}.`,
  );
}

/** Only the directory and the needed members are read where the source can be read at will. */
async function bringZip(remote: Remote, bringing: Bringing): Promise<string> {
  const { directory, signal, meter, budget } = bringing;
  const random = await remote.random(signal);
  if (random !== undefined) {
    await unpackProductZip(random, taskOf(remote.shown, bringing));
    return directory;
  }
  const file = join(directory, '..', 'archive.zip');
  meter.begin(remote.shown, undefined);
  try {
    const onBytes = (count: number): void => meter.count(count);
    await remote.save({ file, maxBytes: budget.maxBytes, signal, onBytes });
    return await bringArchiveFile(file, remote.shown, bringing);
  } finally {
    await rm(file, { force: true });
  }
}

/** A tar is unpacked as it comes: what is needed is only known when it is there. */
async function bringTar(remote: Remote, bringing: Bringing): Promise<string> {
  const { directory, budget, meter, signal } = bringing;
  await assertRoom(directory, 0);
  meter.begin(remote.shown, undefined);
  // Members that are skipped pass the network all the same.
  const bytes = remote.bytes(2 * budget.maxBytes, signal);
  await unpackProductTar(bytes, taskOf(remote.shown, bringing));
  return directory;
}

/** Unpacks an archive that is a file of this machine. @returns the product's folder */
export async function bringArchiveFile(
  file: string,
  name: string,
  bringing: Bringing,
): Promise<string> {
  bringing.meter.begin(name, undefined);
  await unpackProductFile(file, taskOf(name, bringing));
  return bringing.directory;
}

/** What a tar will hold is not known before it is unpacked: its bytes are taken from the budget as they come. */
function taskOf(name: string, { directory, budget, meter, signal }: Bringing): ArchiveTask {
  let isTaken = false;
  return {
    name,
    directory,
    signal,
    onTotal: async (total) => {
      isTaken = true;
      budget.take(total);
      await assertRoom(directory, total);
      meter.begin(name, total);
    },
    onBytes: (count) => {
      if (!isTaken) budget.take(count);
      meter.count(count);
    },
  };
}
