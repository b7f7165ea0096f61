/** A really full disk under a running server. Mounts a small file system, which only root may. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDataFolder } from '../support/finished-job.ts';
import { startEcho, startTestServer, until, untilStatus } from '../support/server.ts';

const megabyte = 1024 * 1024;

/** A folder on a file system of 8 MB, or nothing where that may not be made. */
async function smallDisk(): Promise<string | undefined> {
  const folder = await temporaryDataFolder();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
  if (mounted.status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

/** Takes every byte that is left. */
async function fill(file: string): Promise<void> {
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

const disk = await smallDisk();
if (disk === undefined) console.warn('Skipped: only root can mount the small disk that is filled.');

describe.skipIf(disk === undefined)('a full disk', () => {
  const folder = disk ?? '';
  let server: Awaited<ReturnType<typeof startTestServer>>;
  beforeAll(async () => {
    server = await startTestServer({ dataDirectory: folder });
  });
  afterAll(async () => {
    await server.close();
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });

  it('stops no server and loses no job: its end is written when there is room again', async () => {
    const { jobID } = await startEcho(server, { inputs: { a: 'x', pause: 3 } });
    await untilStatus(server, jobID, 'running');
    const filler = join(folder, 'filler');
    await fill(filler);
    await until(() => server.log().includes('Progress:Unwritten'), 'progress cannot be written');
    await until(() => server.log().includes('Attempt:Unwritten'), 'the end cannot be written');
    await server.request.get('/healthz').expect(200);
    expect((await server.request.get(`/jobs/${jobID}`).expect(200)).body.status).toBe('running');
    const refused = await server.request
      .post('/processes/echo/execution')
      .set('Prefer', 'respond-async')
      .send({ inputs: { a: 'x' } });
    expect(refused.status).toBe(500);
    await rm(filler);
    const status = await untilStatus(server, jobID, 'successful');
    expect(status.progress).toBe(100);
    const next = await startEcho(server, { inputs: { a: 'next' } });
    await untilStatus(server, next.jobID, 'successful');
  });
});
