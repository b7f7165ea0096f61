/** A product that comes as an archive: only what is needed of it is unpacked, into a fresh folder that is then the product's. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { archiveKind, kindBytes } from '../archives/kind.ts';
import { fileAccess, type RandomAccess } from '../archives/random-access.ts';
import { unpackTar } from '../archives/tar.ts';
import type { UnpackOptions } from '../archives/unpacking.ts';
import { openZip } from '../archives/zip.ts';
import { ProductRefused } from '../errors.ts';
import { chooseMembers, MemberChoice } from './members.ts';
import { productLimits } from './product-limits.ts';
import type { FolderKind } from './product-parts.ts';

export interface ArchiveTask extends UnpackOptions {
  /** As the user knows the archive, for messages. */
  readonly name: string;
  /** A fresh folder; when unpacking fails it is left as it was. */
  readonly directory: string;
  /** Told before the first byte how many there will be, where the archive says so (a zip does); may refuse. */
  readonly onTotal?: (bytes: number) => void | Promise<void>;
}

/**
 * Unpacks a zip of which parts can be read: its directory and the needed files are all that is read.
 * @throws ProductRefused when the archive is faulty or holds no product
 * @throws Cancelled when the signal says so
 */
export async function unpackProductZip(
  source: RandomAccess,
  { name, onTotal, ...options }: ArchiveTask,
): Promise<FolderKind> {
  const zip = await openZip(source, { name, limits: productLimits });
  const { kind, members } = chooseMembers(
    zip.entries.map((entry) => entry.name),
    name,
  );
  const needed = new Set(members.map(({ path }) => path));
  const sizes = zip.entries.filter((entry) => needed.has(entry.name)).map(({ size }) => size);
  await onTotal?.(sizes.reduce((sum, size) => sum + size, 0));
  await zip.unpack(members, options);
  return kind;
}

/**
 * Unpacks a `.tar` or `.tar.gz` while it comes.
 * @throws ProductRefused when the archive is faulty or holds no product
 * @throws Cancelled when the signal says so
 */
export async function unpackProductTar(
  bytes: AsyncIterable<Uint8Array>,
  task: ArchiveTask,
): Promise<FolderKind> {
  const choice = new MemberChoice(task.name);
  return unpackTar(bytes, {
    ...task,
    limits: productLimits,
    targetOf: (path) => choice.targetOf(path),
    finish: () => choice.finish().kind,
  });
}

/**
 * Unpacks a local file, whatever its kind.
 * @throws ProductRefused when it is no archive, is faulty or holds no product
 * @throws Cancelled when the signal says so
 */
export async function unpackProductFile(file: string, task: ArchiveTask): Promise<FolderKind> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const source = await fileAccess(handle);
    const kind = archiveKind(await source.read(0, Math.min(kindBytes, source.size)));
    if (kind === undefined) {
      throw new ProductRefused(`${task.name} is no archive; accepted: .zip, .tar, .tar.gz.`);
    }
    if (kind === 'zip') return await unpackProductZip(source, task);
    return await unpackProductTar(source.stream(0, source.size), task);
  } finally {
    await handle.close();
  }
}
