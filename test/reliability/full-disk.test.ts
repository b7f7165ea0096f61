/** A really full disk under a running server. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import { withFolder } from '../support/folder.ts';
import {
  childOf,
  startEcho,
  startTestServer,
  until,
  untilStatus,
  type StatusInfo,
} from '../support/server.ts';
import { fill, smallDisk } from '../support/small-disk.ts';

const disk = await smallDisk();

const roomy = await smallDisk('64m');

describe.skipIf(roomy === undefined)('a disk that is full while a mask is made', () => {
  afterAll(() => roomy?.unmount());

  it('is why the attempt was lost; the job goes on when there is room, and its result is whole', () =>
    withFolder(async (products) => {
      const scene = await writeSyntheticScene(products, { size: { rows: 540, columns: 540 } });
      const folder = roomy?.folder ?? '';
      const server = await startTestServer({
        dataDirectory: folder,
        settings: { PRODUCT_ROOTS: products },
      });
      try {
        const answer = await server.request
          .post('/processes/senseiv2-cloudmask/execution')
          .send({ inputs: { product: scene.folder } })
          .expect(201);
        const { jobID } = answer.body as StatusInfo;
        await childOf(server, jobID);
        const filler = join(folder, 'filler');
        await fill(filler);
        await until(() => server.log().includes('Attempt:Failed'), 'the attempt has failed');
        await rm(filler);
        await untilStatus(server, jobID, 'successful');
        const { logs } = (await server.request.get(`/jobs/${jobID}/logs`)).body as {
          logs: { message: string }[];
        };
        expect(logs.map(({ message }) => message)).toContain(
          'The server had no room left while it computed. It is tried again.',
        );
        const { body } = await server.request.get(`/jobs/${jobID}/results/cloud_mask`).buffer();
        expect((body as Buffer).subarray(0, 2).toString()).toBe('II');
        expect(await readdir(join(folder, 'results', 'jobs', jobID))).toEqual(['2']);
        await until(
          async () => (await readdir(join(folder, 'scratch'))).length === 0,
          'no scratch',
        );
      } finally {
        await server.close();
      }
    }));
});

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
