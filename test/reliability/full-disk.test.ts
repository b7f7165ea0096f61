/** A really full disk under a running server. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEcho, startTestServer, until, untilStatus } from '../support/server.ts';
import { fill, smallDisk } from '../support/small-disk.ts';

const disk = await smallDisk();

describe.skipIf(disk === undefined)('a full disk', () => {
  const folder = disk?.folder ?? '';
  let server: Awaited<ReturnType<typeof startTestServer>>;
  beforeAll(async () => {
    server = await startTestServer({ dataDirectory: folder });
  });
  afterAll(async () => {
    await server.close();
    disk?.unmount();
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
    expect(refused.status).toBe(503);
    expect(refused.body.title).toBe('The server has no room');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await rm(filler);
    const status = await untilStatus(server, jobID, 'successful');
    expect(status.progress).toBe(100);
    const next = await startEcho(server, { inputs: { a: 'next' } });
    await untilStatus(server, next.jobID, 'successful');
  });
});
