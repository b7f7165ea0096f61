import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockFile } from '../../../src/database/file-lock.ts';
import type { HeldLease, LeaseStore } from '../../../src/jobs/lease-store.ts';
import { clearDeadWorkers, takeWorkerFolder } from '../../../src/jobs/worker-folders.ts';
import { createLog } from '../../../src/log.ts';
import { withFolder } from '../../support/folder.ts';

/** Leases of these workers, and which of them were lost. */
function leasesOf(workers: readonly string[]) {
  const lost: string[] = [];
  const held = workers.map((worker): HeldLease => {
    const lease = { jobId: worker, attempt: 1, token: 't' };
    return { lease, worker, untilMs: 1, lostAttempts: 0 };
  });
  const leases = {
    held: async () => held,
    lose: async ({ jobId }: { jobId: string }) => {
      lost.push(jobId);
      return true;
    },
  } as Partial<LeaseStore> as LeaseStore;
  return { leases, lost };
}

const folders = async (root: string) =>
  (await readdir(root, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

it('removes the lock of a folder that is gone: who removed it was killed then', () =>
  withFolder(async (root) => {
    const own = await takeWorkerFolder(root, `${hostname()}-2-00000000`, lockFile);
    await writeFile(join(root, `${hostname()}-1-00000000.lock`), '');
    const tools = { lockFile, ...leasesOf([]), log: createLog('silent'), programFiles: [] };
    await clearDeadWorkers(root, own, tools);
    expect(await readdir(root)).toEqual([own.name, `${own.name}.lock`]);
    await own.release();
  }));

it('removes what dead processes left and ends their leases; not those of the living, nor of other machines at work', () =>
  withFolder(async (root) => {
    const own = await takeWorkerFolder(root, `${hostname()}-2-00000000`, lockFile);
    const other = await takeWorkerFolder(root, `${hostname()}-3-00000000`, lockFile);
    const dead = `${hostname()}-1-00000000`;
    const [working, idle] = ['elsewhere-1-00000000', 'elsewhere-2-00000000'];
    for (const name of [dead, working, idle]) {
      await mkdir(join(root, name, 'job', '1'), { recursive: true });
      await writeFile(join(root, name, 'job', '1', 'file'), '');
    }
    const { leases, lost } = leasesOf([own.name, other.name, dead, working]);
    const tools = { lockFile, leases, log: createLog('silent'), programFiles: [] };
    await clearDeadWorkers(root, own, tools);
    expect(lost).toEqual([dead]);
    expect(new Set(await folders(root))).toEqual(new Set([own.name, other.name, working]));
    await own.release();
    await other.release();
    expect(await readdir(root)).toEqual([working, `${working}.lock`]);
  }));
