/** Brings one file from elsewhere: an archive of a product, or a STAC Item. Which of them it is, its first bytes say. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveKind } from '../archives/kind.ts';
import type { RandomAccess } from '../archives/random-access.ts';
import { unpackTar } from '../archives/tar.ts';
import { openZip } from '../archives/zip.ts';
import { ProductRefused } from '../errors.ts';
import { bringItem } from './bring-item.ts';
import type { Bringing } from './bringing.ts';
import { assertRoom } from './budget.ts';
import { FileRemote } from './file-remote.ts';
import { chooseMembers, MemberChoice } from './members.ts';
import { productLimits } from './product-limits.ts';
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
  const { directory, signal, meter } = bringing;
  const random = await remote.random(signal);
  if (random !== undefined) return unpackZip(random, remote.shown, bringing);
  const file = join(directory, '..', 'archive.zip');
  meter.begin(remote.shown, undefined);
  try {
    const onBytes = (count: number): void => meter.count(count);
    await remote.save({ file, maxBytes: bringing.budget.left, signal, onBytes });
    const saved = new FileRemote(file);
    try {
      return await unpackZip(await saved.random(), remote.shown, bringing);
    } finally {
      await saved.close();
    }
  } finally {
    await rm(file, { force: true });
  }
}

async function unpackZip(
  source: RandomAccess,
  name: string,
  { directory, budget, meter, signal }: Bringing,
): Promise<string> {
  const archive = await openZip(source, { name, limits: productLimits });
  const { members } = chooseMembers(
    archive.entries.map((entry) => entry.name),
    name,
  );
  const needed = new Set(members.map(({ path }) => path));
  const total = archive.entries.reduce(
    (sum, entry) => (needed.has(entry.name) ? sum + entry.size : sum),
    0,
  );
  budget.take(total);
  await assertRoom(directory, total);
  meter.begin(name, total);
  await archive.unpack(members, { directory, signal, onBytes: (count) => meter.count(count) });
  return directory;
}

/** A tar is unpacked as it comes: what is needed is only known when it is there. */
async function bringTar(remote: Remote, bringing: Bringing): Promise<string> {
  const { directory, budget, meter, signal } = bringing;
  const choice = new MemberChoice(remote.shown);
  await assertRoom(directory, 0);
  meter.begin(remote.shown, undefined);
  // Members that are skipped pass the network all the same.
  const most = 2 * budget.maxBytes;
  await unpackTar(remote.bytes(most, signal), {
    name: remote.shown,
    targetOf: (path) => choice.targetOf(path),
    finish: () => choice.finish(),
    directory,
    limits: productLimits,
    signal,
    onBytes: (count) => {
      budget.take(count);
      meter.count(count);
    },
  });
  return directory;
}
