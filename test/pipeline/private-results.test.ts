/** PRIVATE results, end to end: a product masked over HTTP, delivered to a bucket of the caller's on a real S3 server. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSyntheticScene, type SyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import { withFaultProxy, type Asked, type Fault } from '../support/fault-proxy.ts';
import { contentOf, ownClient } from '../support/s3-objects.ts';
import { hasStrictS3, withS3Server, type S3Server } from '../support/s3-server.ts';
import {
  isAlive,
  startTestServer,
  until,
  untilStatus,
  type TestServer,
} from '../support/server.ts';

interface Logs {
  readonly logs: readonly { readonly message: string }[];
}

const masks = 'senseiv2-cloudmask';
const outputIds = ['cloud_mask', 'statistics', 'preview', 'item', 'true_colour'];

describe.skipIf(!hasStrictS3())('PRIVATE results', () => {
  let folder: string;
  let scene: SyntheticScene;
  let s3: S3Server;
  let client: S3Client;
  let closeS3: () => void;
  let server: TestServer;
  const dataDirectory = () => join(folder, 'data');
  const start = (proxy = s3.endpointUrl) =>
    startTestServer({
      dataDirectory: dataDirectory(),
      settings: {
        PRODUCT_ROOTS: folder,
        OUTBOUND_TRUSTED_ORIGINS: `${s3.endpointUrl},${proxy}`,
      },
    });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloudmask-private-'));
    scene = await writeSyntheticScene(folder, { size: { rows: 540, columns: 540 } });
    s3 = await new Promise<S3Server>((ready) => {
      void withS3Server(join(folder, 'buckets'), ['masks'], (running) => {
        ready(running);
        return new Promise<void>((close) => (closeS3 = close));
      });
    });
    client = ownClient(s3);
    server = await start();
  });
  afterAll(async () => {
    await server.close();
    closeS3();
    client.destroy();
    await rm(folder, { recursive: true });
  });

  const keys = () => ({
    output_storage: 'PRIVATE',
    s3_endpoint_url: s3.endpointUrl,
    s3_bucket: 'masks',
    s3_access_key: s3.accessKeyId,
    s3_secret_key: s3.secretAccessKey,
  });
  const execute = async (inputs: object): Promise<string> => {
    const answer = await server.request
      .post(`/processes/${masks}/execution`)
      .send({ inputs: { product: scene.folder, ...inputs } });
    expect(answer.status).toBe(201);
    return (answer.body as { jobID: string }).jobID;
  };
  const results = async (id: string) =>
    (await server.request.get(`/jobs/${id}/results`).expect(200)).body as Record<
      string,
      { href?: string; type?: string; value?: object }
    >;
  const object = async (key: string): Promise<Buffer> => {
    const answer = await client.send(new GetObjectCommand({ Bucket: 'masks', Key: key }));
    return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  };
  /** Every byte that the server has written, its log among them. */
  const everything = async (): Promise<string> => {
    const names = await readdir(dataDirectory(), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && entry.name !== 'secret-key');
    const texts = files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'));
    return (await Promise.all(texts)).join('') + server.log();
  };
  const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

  it('lie in the bucket, equal to what a TEMPORARY job gives; nothing of them or of the keys stays here', async () => {
    const id = await execute({ ...keys(), s3_prefix: '/2026/spring/' });
    await untilStatus(server, id, 'successful');
    const place = `2026/spring/${id}`;
    const document = await results(id);
    expect(Object.keys(document)).toEqual(outputIds);
    expect(document['cloud_mask']?.href).toMatch(
      new RegExp(`^${s3.endpointUrl}/masks/${place}/[\\w.-]+\\.tif$`),
    );
    const { objects, unfinished } = await contentOf(client, 'masks', '');
    expect(objects).toHaveLength(outputIds.length);
    expect(objects.every((key) => key.startsWith(`${place}/`))).toBe(true);
    expect(unfinished).toEqual([]);

    const temporary = await execute({});
    await untilStatus(server, temporary, 'successful');
    const mask = await server.request.get(`/jobs/${temporary}/results/cloud_mask`).buffer();
    const keyOf = (output: string) =>
      new URL(document[output]?.href ?? '').pathname.replace('/masks/', '');
    expect(sha256(await object(keyOf('cloud_mask')))).toBe(sha256(mask.body as Buffer));

    const item = JSON.parse((await object(keyOf('item'))).toString()) as {
      assets: Record<string, { href: string }>;
    };
    const hrefs = Object.values(item.assets).map(({ href }) => href);
    expect(hrefs).toContain(document['cloud_mask']?.href);
    const stored = await readdir(join(dataDirectory(), 'results', 'jobs'));
    expect(stored).toEqual([temporary]);
    expect(await everything()).not.toContain(s3.secretAccessKey);
    expect(await everything()).not.toContain(s3.accessKeyId);
    for (const about of ['', '/inputs', '/definition', '/prov', '/logs', '/results'])
      expect((await server.request.get(`/jobs/${id}${about}`)).text).not.toMatch(
        new RegExp(`${s3.secretAccessKey}|${s3.accessKeyId}`),
      );
    const alone = await server.request.get(`/jobs/${id}/results/cloud_mask`).redirects(0);
    expect([alone.status, alone.headers['location']]).toEqual([307, document['cloud_mask']?.href]);
    const statistics = await server.request.get(`/jobs/${id}/results/statistics`).expect(200);
    expect(statistics.body).toHaveProperty('cloud_cover');

    await server.request.delete(`/jobs/${id}`).expect(200);
    expect((await contentOf(client, 'masks', place)).objects).toHaveLength(outputIds.length);
    for (const left of objects)
      await client.send(new DeleteObjectCommand({ Bucket: 'masks', Key: left }));
  });

  it.each([
    ['no such bucket', { s3_bucket: 'nobody-has-this' }, 'There is no bucket "nobody-has-this"'],
    ['another secret key', { s3_secret_key: 'MARKER-wrong' }, 's3_secret_key does not belong'],
    ['an unknown access key', { s3_access_key: 'MARKER-nobody' }, 'does not know s3_access_key'],
  ])('fail before anything is computed: %s', async (_what, wrong, message) => {
    const id = await execute({ ...keys(), ...wrong });
    const status = await untilStatus(server, id, 'failed');
    expect(status.message).toContain(message);
    const answer = await server.request.get(`/jobs/${id}/results`).expect(400);
    expect(answer.body.detail).toBe(status.message);
    const { logs } = (await server.request.get(`/jobs/${id}/logs`)).body as Logs;
    expect(logs.map((line) => line.message).filter((line) => line.includes('began'))).toEqual([
      'Attempt 1 began.',
    ]);
    const started = server
      .log()
      .split('\n')
      .filter((line) => line.includes(id));
    expect(started.some((line) => line.includes('"order":"run"'))).toBe(false);
    expect(server.log()).not.toContain('MARKER');
  });

  it('are delivered by another server than the one that took the request: the keys are sealed until the end', async () => {
    const id = await execute({ ...keys(), s3_prefix: 'restart' });
    await until(() => server.log().includes('"order":"run"'), 'it computes');
    expect(await everything()).not.toContain(s3.secretAccessKey);
    await server.close();
    server = await start();
    await untilStatus(server, id, 'successful');
    const { objects, unfinished } = await contentOf(client, 'masks', 'restart');
    expect(objects).toHaveLength(outputIds.length);
    expect(unfinished).toEqual([]);
    expect(await everything()).not.toContain(s3.secretAccessKey);
  });

  /** Executes with a proxy before the service: the first object that is put gets no answer. */
  const stuck = async (use: (id: string, pid: number) => Promise<void>): Promise<void> => {
    let isFirst = true;
    const decide = ({ method }: Asked): Fault | undefined => {
      if (method !== 'PUT' || !isFirst) return undefined;
      isFirst = false;
      return { kind: 'silence' };
    };
    await withFaultProxy(s3.endpointUrl, decide, async ({ url }) => {
      await server.close();
      server = await start(url);
      const id = await execute({ ...keys(), s3_endpoint_url: url, s3_prefix: 'stuck' });
      await until(() => !isFirst, 'the delivery is stuck');
      const [, pid] = /"pid":(\d+)[^\n]*"order":"deliver"/.exec(server.log()) ?? [];
      await use(id, Number(pid));
    });
  };

  it('are delivered by the next attempt when the child that delivers is killed: once, and nothing half-written', async () => {
    await stuck(async (id, pid) => {
      process.kill(pid, 'SIGKILL');
      await untilStatus(server, id, 'successful');
      const { objects, unfinished } = await contentOf(client, 'masks', 'stuck');
      expect(objects).toHaveLength(outputIds.length);
      expect(unfinished).toEqual([]);
      const { logs } = (await server.request.get(`/jobs/${id}/logs`)).body as Logs;
      expect(logs.map(({ message }) => message)).toContain('Attempt 2 began.');
      for (const left of objects)
        await client.send(new DeleteObjectCommand({ Bucket: 'masks', Key: left }));
    });
  });

  it('are not delivered when the job is dismissed while they are: the bucket is as it was', async () => {
    await stuck(async (id, pid) => {
      await server.request.delete(`/jobs/${id}`).expect(200);
      await until(() => !isAlive(pid), 'the child is gone');
      expect(await contentOf(client, 'masks', 'stuck')).toEqual({ objects: [], unfinished: [] });
      expect((await server.request.get(`/jobs/${id}`)).body.status).toBe('dismissed');
      expect(await everything()).not.toContain(s3.secretAccessKey);
    });
  });

  it.each(['169.254.169.254', '127.0.0.1:1', '10.0.0.1', '[::1]', 'localhost'])(
    'are refused at once for an endpoint inside (%s)',
    async (host) => {
      const answer = await server.request.post(`/processes/${masks}/execution`).send({
        inputs: { product: scene.folder, ...keys(), s3_endpoint_url: `https://${host}` },
      });
      expect(answer.status).toBe(400);
      expect(answer.body.detail).toContain('s3_endpoint_url');
    },
  );
});
