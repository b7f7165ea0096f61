/** A mask that lies in a bucket: programs follow the redirect, the map reads it through the server. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import gdal from 'gdal-async';
import { expect, it } from 'vitest';
import { writeSyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import { describeWithBrowser, startBrowser, visit } from '../support/browser.ts';
import { bucket, prefix, withBucketWorld, type BucketWorld } from '../support/bucket-server.ts';
import { contentOf, ownClient } from '../support/s3-objects.ts';
import { s3Program } from '../support/s3-server.ts';
import type { StatusInfo, TestServer } from '../support/server.ts';

interface Reference {
  readonly href: string;
}

/** Runs a job to its end; answers its id. */
async function masked(server: TestServer, product: string): Promise<string> {
  const answer = await server.request
    .post('/processes/senseiv2-cloudmask/execution')
    .send({ inputs: { product, stride: 512 } })
    .expect(201);
  const { jobID } = answer.body as StatusInfo;
  for (;;) {
    const { body } = await server.request.get(`/jobs/${jobID}`);
    const { status, message } = body as StatusInfo;
    if (status === 'successful') return jobID;
    if (status === 'failed') throw new Error(message);
    await sleep(200);
  }
}

const withMask = (use: (world: BucketWorld, server: TestServer, id: string) => Promise<void>) =>
  withBucketWorld(async (world) => {
    const products = join(world.dataDirectory, 'products');
    const scene = await writeSyntheticScene(products, { size: { rows: 1098, columns: 1098 } });
    const server = await world.start({ settings: { PRODUCT_ROOTS: products } });
    try {
      await use(world, server, await masked(server, scene.folder));
    } finally {
      await server.close();
    }
  });

describeWithBrowser('a mask in a bucket', () => {
  it.skipIf(s3Program() === undefined)('is read by GDAL from its link, and by the map', () =>
    withMask(async ({ s3 }, server, id) => {
      const { objects, unfinished } = await contentOf(ownClient(s3), bucket);
      expect(objects.map((key) => key.startsWith(`${prefix}/jobs/${id}/1/`))).toEqual(
        Array.from({ length: 5 }, () => true),
      );
      expect(unfinished).toEqual([]);
      const { body } = await server.request.get(`/jobs/${id}/results`);
      const { href } = (body as { cloud_mask: Reference }).cloud_mask;
      const dataset = await gdal.openAsync(`/vsicurl/${href}`);
      expect(dataset.rasterSize).toEqual({ x: 1098, y: 1098 });
      expect(await dataset.bands.get(1).pixels.readAsync(400, 400, 64, 64)).toHaveLength(64 * 64);
      dataset.close();
      const redirects = server
        .log()
        .split('\n')
        .filter((line) => line.includes('"status":307'));
      expect(redirects.length).toBeGreaterThan(0);

      const browser = await startBrowser();
      try {
        const { page, messages } = await visit(browser, `${server.root}/jobs/${id}/results`);
        await page.waitForSelector('[data-ready=yes]');
        expect(messages).toEqual([]);
      } finally {
        await browser.close();
      }
    }),
  );
});
