/**
 * Processes that share a data folder work in a folder of their own each. Beside it lies a file that its process keeps
 * locked: a lock that is free says for sure that the process is dead, whatever became of its number.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeaseWatchTools } from './lease-watch.ts';
import { loseAll } from './lease-watch.ts';
import { killLeftovers } from './leftover-children.ts';

/** Locks a file, which is made where it is missing; undefined when a process that lives holds it. */
export type LockFile = (file: string) => Promise<{ release(): Promise<void> } | undefined>;

export interface WorkerFolder {
  /** Who works in it (`worker-name.ts`). */
  readonly name: string;
  readonly directory: string;
  /** Removes it. */
  release(): Promise<void>;
}

/** Makes a folder of that name below `root`, and locks it before it can be seen. */
export async function takeWorkerFolder(
  root: string,
  name: string,
  lockFile: LockFile,
): Promise<WorkerFolder> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const lock = await lockFile(lockOf(root, name));
  if (lock === undefined) throw new Error('A new name is nobody else’s.');
  const directory = join(root, name);
  await mkdir(directory, { mode: 0o700 });
  return { name, directory, release: () => remove(root, name, lock) };
}

export interface ClearTools extends Pick<LeaseWatchTools, 'leases' | 'log' | 'observer'> {
  readonly lockFile: LockFile;
  /** What children of ours run. */
  readonly programFiles: readonly string[];
}

/** Ends what dead processes of this machine left: children, leases, files. Of other machines only files that no lease names. */
export async function clearDeadWorkers(
  root: string,
  own: WorkerFolder,
  tools: ClearTools,
): Promise<void> {
  // Who was killed while it removed a folder left the lock alone.
  const names = new Set((await readdir(root)).map((entry) => entry.replace(/\.lock$/, '')));
  names.delete(own.name);
  for (const name of names) {
    const lock = await tools.lockFile(lockOf(root, name));
    if (lock === undefined) continue;
    if (await isOver(root, name, own, tools)) await remove(root, name, lock);
    else await lock.release();
  }
}

/** Whether nobody works in the folder of a dead process any more. */
async function isOver(
  root: string,
  name: string,
  own: WorkerFolder,
  tools: ClearTools,
): Promise<boolean> {
  // A file system that is mounted without locks shows those of other machines as free.
  if (hostOf(name) !== hostOf(own.name))
    return (await tools.leases.held()).every(({ worker }) => worker !== name);
  for (const child of await killLeftovers(join(root, name), tools.programFiles))
    tools.log.warn(child, 'Child:Killed');
  await loseAll(tools, name);
  tools.log.warn({ holder: name }, 'Worker:Dead');
  return true;
}

function hostOf(name: string): string {
  return name.replace(/-\d+-[0-9a-f]+$/, '');
}

function lockOf(root: string, name: string): string {
  return join(root, `${name}.lock`);
}

async function remove(
  root: string,
  name: string,
  lock: { release(): Promise<void> },
): Promise<void> {
  await rm(join(root, name), { recursive: true, force: true });
  await rm(lockOf(root, name), { force: true });
  await lock.release();
}
