/** The main job, end to end: a product masked by the server over HTTP, read back by GDAL from its link. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import gdal from 'gdal-async';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSyntheticScene, type SyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import {
  childOf,
  isAlive,
  startTestServer,
  until,
  untilStatus,
  type StatusInfo,
  type TestServer,
} from '../support/server.ts';

interface Reference {
  readonly href: string;
  readonly type: string;
}

describe('POST /processes/senseiv2-cloudmask/execution', () => {
  let folder: string;
  let scene: SyntheticScene;
  let server: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloudmask-http-'));
    scene = await writeSyntheticScene(folder, { size: { rows: 1098, columns: 1098 } });
    server = await startTestServer({ settings: { PRODUCT_ROOTS: folder } });
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function submit(inputs: object): Promise<StatusInfo> {
    const answer = await server.request
      .post('/processes/senseiv2-cloudmask/execution')
      .send({ inputs: { product: scene.folder, ...inputs } });
    expect(answer.status).toBe(201);
    return answer.body as StatusInfo;
  }

  async function ended(jobId: string): Promise<StatusInfo> {
    let status: StatusInfo | undefined;
    const seen = new Set<number>();
    const deadline = Date.now() + 120_000;
    for (;;) {
      status = (await server.request.get(`/jobs/${jobId}`)).body as StatusInfo;
      seen.add(status.progress);
      if (!['accepted', 'running'].includes(status.status)) break;
      if (Date.now() > deadline) throw new Error(`The job is still ${status.status}.`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const order = [...seen];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    return status;
  }

  const scratchOf = (jobId: string): string => join(server.dataDirectory, 'scratch', jobId);

  it('gives all five outputs, and GDAL reads the mask by its link', async () => {
    const job = await submit({ product: basename(scene.folder, '.SAFE'), stride: 512 });
    expect(await ended(job.jobID)).toMatchObject({ status: 'successful', progress: 100 });
    const results = await server.request.get(`/jobs/${job.jobID}/results`);
    expect(results.status).toBe(200);
    const document = results.body as Record<string, Reference & { value: Record<string, unknown> }>;
    expect(Object.keys(document).toSorted()).toEqual([
      'cloud_mask',
      'item',
      'preview',
      'statistics',
      'true_colour',
    ]);
    const { cloud_mask: mask, statistics, item } = document;
    expect(mask?.type).toBe('image/tiff; application=geotiff; profile=cloud-optimized');
    expect(new URL(mask!.href).pathname).toMatch(/\.tif$/);
    expect(statistics?.value).toMatchObject({ parameters: { stride: 512, categorise: true } });
    const stored = await fetch(item!.href);
    expect(stored.headers.get('content-type')).toBe('application/geo+json');
    const { assets } = (await stored.json()) as { assets: Record<string, Reference> };
    expect(assets['cloud_mask']?.href).toBe(mask!.href);

    const dataset = await gdal.openAsync(`/vsicurl/${mask!.href}`);
    expect(dataset.rasterSize).toEqual({ x: 1098, y: 1098 });
    const pixels = await dataset.bands.get(1).pixels.readAsync(500, 500, 64, 64);
    expect(pixels).toHaveLength(64 * 64);
    dataset.close();
    expect(existsSync(scratchOf(job.jobID))).toBe(false);
  });

  it('names in the Item only what is delivered', async () => {
    const answer = await server.request.post('/processes/senseiv2-cloudmask/execution').send({
      // Its metadata file stands for the folder, in the server and in the child.
      inputs: { product: join(scene.folder, 'MTD_MSIL1C.xml'), stride: 512 },
      outputs: { item: {}, preview: {} },
      response: 'document',
    });
    const { jobID } = answer.body as StatusInfo;
    await ended(jobID);
    const { body } = await server.request.get(`/jobs/${jobID}/results`);
    const { item } = body as Record<string, Reference>;
    const { assets } = (await (await fetch(item!.href)).json()) as {
      assets: Record<string, Reference>;
    };
    expect(Object.keys(assets)).toEqual(['preview']);
    expect((await fetch(assets['preview']!.href)).status).toBe(200);
  });

  it('streams the mask itself for response raw', async () => {
    const answer = await server.request.post('/processes/senseiv2-cloudmask/execution').send({
      inputs: { product: scene.folder, stride: 512 },
      outputs: { cloud_mask: { transmissionMode: 'value' } },
      response: 'raw',
    });
    const { jobID } = answer.body as StatusInfo;
    await ended(jobID);
    const results = await server.request.get(`/jobs/${jobID}/results`).buffer(true);
    expect(results.headers['content-type']).toBe(
      'image/tiff; application=geotiff; profile=cloud-optimized',
    );
    // A little-endian TIFF.
    expect((results.body as Buffer).subarray(0, 4).toString('latin1')).toBe('II*\0');
  });

  it('fails the job with the file that is wrong when the product is damaged', async () => {
    const damaged = await writeSyntheticScene(join(folder, 'damaged'), { size: 60 });
    const granules = join(damaged.folder, 'GRANULE');
    const images = join(granules, readdirSync(granules)[0] ?? '', 'IMG_DATA');
    const band = readdirSync(images).find((name) => name.endsWith('_B05.jp2'))!;
    await rm(join(images, band));
    const { jobID } = await submit({ product: damaged.folder });
    const status = await ended(jobID);
    expect(status.status).toBe('failed');
    expect(status.message).toContain(band);
    const results = await server.request.get(`/jobs/${jobID}/results`);
    expect(results.status).toBe(400);
    expect((results.body as { detail: string }).detail).toContain(band);
  });

  it('masks in another attempt when the process of the job is killed', async () => {
    const { jobID } = await submit({ stride: 384 });
    const pid = await childOf(server, jobID);
    await until(async () => {
      const { body } = await server.request.get(`/jobs/${jobID}`);
      return (body as StatusInfo).progress > 2;
    }, 'windows are being computed');
    process.kill(pid, 'SIGKILL');
    await untilStatus(server, jobID, 'successful');
    const { logs } = (await server.request.get(`/jobs/${jobID}/logs`)).body as {
      logs: { message: string }[];
    };
    expect(logs.map(({ message }) => message)).toContain('Attempt 2 began.');
    expect(existsSync(scratchOf(jobID))).toBe(false);
    const stored = join(server.dataDirectory, 'results', 'jobs', jobID);
    expect(readdirSync(stored)).toEqual(['2']);
  });

  it('stops computing when the job is dismissed', async () => {
    const { jobID } = await submit({ stride: 64 });
    const pid = await childOf(server, jobID);
    await until(async () => {
      const { body } = await server.request.get(`/jobs/${jobID}`);
      return (body as StatusInfo).progress > 2;
    }, 'windows are being computed');
    const answer = await server.request.delete(`/jobs/${jobID}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: 'dismissed' });
    await until(() => !isAlive(pid), 'the child is gone');
    await until(() => !existsSync(scratchOf(jobID)), 'the scratch folder is gone');
    expect((await server.request.get(`/jobs/${jobID}/results`)).status).toBe(410);
  });
});
