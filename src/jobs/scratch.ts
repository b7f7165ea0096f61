/** The folder in which attempts work, and what an earlier server left in it. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Sets aside at once whatever lies there, so that it can be removed at leisure, and makes the folder anew. */
export async function freshScratch(directory: string): Promise<void> {
  await rename(directory, `${directory}-old-${randomUUID()}`).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  await mkdir(directory, { mode: 0o700 });
}

/** Removes what was set aside by this server and by earlier ones. */
export async function removeSetAside(directory: string): Promise<void> {
  const names = await readdir(dirname(directory));
  for (const name of names.filter((one) => one.startsWith(`${basename(directory)}-old-`)))
    await rm(join(dirname(directory), name), { recursive: true, force: true });
}
