/** A really small disk: a file system in memory, which only root may mount. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { temporaryDataFolder } from './finished-job.ts';

const megabyte = 1024 * 1024;

/** Programs of the system. */
const programs = { mount: 'mount', unmount: 'umount' };

export interface SmallDisk {
  readonly folder: string;
  /** With other options, such as `ro`. */
  remount(options: string): void;
  unmount(): void;
}

/** Of a size such as `8m`, or nothing where that may not be made: tests that need it skip, and say so. */
export async function smallDisk(size = '8m'): Promise<SmallDisk | undefined> {
  const folder = await temporaryDataFolder();
  const mounted = spawnSync(programs.mount, ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  if (mounted.status !== 0) {
    rmSync(folder, { recursive: true });
    console.warn('Skipped: only root can mount a small disk.');
    return undefined;
  }
  return {
    folder,
    remount: (options) => void execFileSync(programs.mount, ['-o', `remount,${options}`, folder]),
    unmount() {
      execFileSync(programs.unmount, [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Takes every byte that is left on a disk. */
export async function fill(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (const size of [megabyte, 4096, 1]) {
      const isWritten = () =>
        handle.write(Buffer.alloc(size, 1)).then(
          ({ bytesWritten }) => bytesWritten === size,
          () => false,
        );
      while (await isWritten());
    }
  } finally {
    await handle.close();
  }
}
