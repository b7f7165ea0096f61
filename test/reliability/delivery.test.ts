/** Delivery to a user's bucket on a real S3 server that checks signatures and checksums. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { HeadObjectCommand, PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import {
  checkDelivery,
  deliver,
  withdraw,
  type DeliveredFile,
  type Delivery,
  type DeliveryFile,
  type Destination,
} from '../../src/delivery/delivery.ts';
import { AddressNotAllowed, DeliveryRefused } from '../../src/errors.ts';
import { aCertificate } from '../support/certificate.ts';
import { filesFor } from '../support/fault-table.ts';
import { withFolder } from '../support/folder.ts';
import { trusting } from '../support/outbound.ts';
import { beginUpload, contentOf, ownClient } from '../support/s3-objects.ts';
import {
  hasStrictS3,
  withS3Server,
  type S3Server,
  type S3ServerOptions,
} from '../support/s3-server.ts';
import { withTrap } from '../support/trap.ts';

const signal = new AbortController().signal;
const jobId = 'e7a1f0c2-0000-4000-8000-000000000001';

interface World {
  readonly server: S3Server;
  readonly client: S3Client;
  readonly files: readonly DeliveryFile[];
  readonly delivery: (change?: Partial<Destination>, more?: Partial<Delivery>) => Delivery;
}

async function withWorld(use: (world: World) => Promise<void>, options: S3ServerOptions = {}) {
  await withFolder(async (folder) => {
    const files = await filesFor(folder);
    await withS3Server(
      join(folder, 'buckets'),
      ['masks'],
      async (server) => {
        const { endpointUrl, accessKeyId: accessKey, secretAccessKey: secretKey } = server;
        const whole = { endpointUrl, bucket: 'masks', prefix: '/2026//', accessKey, secretKey };
        await use({
          server,
          client: ownClient(server, options.region),
          files,
          delivery: (change, more) => ({
            destination: { ...whole, ...change },
            jobId,
            attempt: 1,
            policy: trusting(endpointUrl),
            retryDelaysMs: [10],
            ...more,
          }),
        });
      },
      options,
    );
  });
}

const give = (
  delivery: Delivery,
  files: readonly DeliveryFile[],
): Promise<readonly DeliveredFile[]> =>
  deliver(delivery, files, { signal, progress: () => undefined });
const withdrawAll = (delivery: Delivery): Promise<unknown> => withdraw(delivery, keys, signal);
const keys = [`2026/${jobId}/mask.tif`, `2026/${jobId}/statistics.json`];

/** Lets the other user do this below the prefix. */
function policyOf(actions: readonly string[]): string {
  const Principal = { AWS: ['writer'] };
  const Resource = ['arn:aws:s3:::masks/2026/*'];
  const Statement = [{ Effect: 'Allow', Principal, Action: actions, Resource }];
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

describe.skipIf(!hasStrictS3())('delivery to a bucket', () => {
  it('says of each file where it lies and what it is; the objects say it too', () =>
    withWorld(async ({ server, client, files, delivery }) => {
      const delivered = await give(delivery(), files);
      const [mask] = files as [DeliveryFile];
      const content = await readFile(mask.path);
      expect(delivered[0]).toEqual({
        key: keys[0],
        uri: `s3://masks/${keys[0]}`,
        href: `${server.endpointUrl}/masks/${keys[0]}`,
        mediaType: 'image/tiff',
        size: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
        fileName: 'mask.tif',
      });
      const head = await client.send(new HeadObjectCommand({ Bucket: 'masks', Key: keys[0] }));
      expect(head).toMatchObject({
        ContentLength: content.length,
        ContentType: 'image/tiff',
        ContentDisposition: 'inline; filename="mask.tif"',
        Metadata: { job: jobId, attempt: '1', sha256: delivered[0]?.sha256 },
      });
      const lying = await readFile(join(server.directory, 'masks', keys[0] ?? ''));
      expect(lying.equals(content)).toBe(true);
    }));

  it('is checked before, without leaving anything', () =>
    withWorld(
      async ({ client, files, delivery }) => {
        const user = { accessKey: 'writer', secretKey: 'writersecret' };
        const allow = (...actions: readonly string[]) =>
          client.send(new PutBucketPolicyCommand({ Bucket: 'masks', Policy: policyOf(actions) }));
        const nothing = { objects: [], unfinished: [] };
        await checkDelivery(delivery(), signal);
        expect(await contentOf(client, 'masks')).toEqual(nothing);
        await expect(checkDelivery(delivery(user), signal)).rejects.toThrow(
          /"masks" denies s3:PutObject/,
        );
        await allow('s3:PutObject', 's3:AbortMultipartUpload');
        await checkDelivery(delivery(user), signal);
        expect(await contentOf(client, 'masks')).toEqual(nothing);
        await expect(checkDelivery(delivery({ ...user, prefix: 'other' }), signal)).rejects.toThrow(
          DeliveryRefused,
        );
        await allow('s3:PutObject');
        await checkDelivery(delivery(user), signal);
        await give(delivery(user), files);
        expect((await contentOf(client, 'masks')).objects).toEqual(keys);
      },
      { user: { accessKeyId: 'writer', secretAccessKey: 'writersecret' } },
    ));

  it('finds out the region where the user gives none', () =>
    withWorld(
      async ({ client, files, delivery }) => {
        await checkDelivery(delivery(), signal);
        expect((await give(delivery(), files)).map(({ key }) => key)).toEqual(keys);
        expect(await contentOf(client, 'masks')).toEqual({ objects: keys, unfinished: [] });
        await expect(checkDelivery(delivery({ region: 'us-east-1' }), signal)).rejects.toThrow(
          'is in the region "eu-west-1", not "us-east-1". Give s3_region "eu-west-1".',
        );
      },
      { region: 'eu-west-1' },
    ));

  it('goes over TLS to a name, pinned to the address that was checked', async () => {
    const certificate = aCertificate(['s3.example', 'masks.s3.example']);
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, certificate.cert]);
    try {
      await withWorld(
        async ({ server, files, delivery }) => {
          const { port } = new URL(server.endpointUrl);
          const lookup = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
          const endpointUrl = `https://s3.example:${port}`;
          const policy = trusting(endpointUrl);
          const [mask] = await give(delivery({ endpointUrl }, { policy, lookup }), files);
          expect(mask?.href).toBe(`${endpointUrl}/masks/${keys[0]}`);
          const named = `https://masks.s3.example:${port}`;
          const byName = delivery({ endpointUrl: named }, { policy: trusting(named), lookup });
          expect((await give(byName, files))[0]?.href).toBe(`${named}/${keys[0]}`);
          const open = {
            allowedHosts: ['*'],
            deniedHosts: [],
            trustedOrigins: [],
            ports: [Number(port)],
          };
          await expect(
            give(delivery({ endpointUrl }, { policy: open, lookup }), files),
          ).rejects.toThrow(AddressNotAllowed);
        },
        { certificate, domain: 's3.example' },
      );
    } finally {
      setDefaultCACertificates(before);
    }
  });

  it('is withdrawn with what is half-done, but for what a later attempt has put there', () =>
    withWorld(async ({ client, files, delivery }) => {
      const [mask, statistics] = files as [DeliveryFile, DeliveryFile];
      await give(delivery({}, { attempt: 2 }), [mask]);
      await give(delivery({}, { attempt: 3 }), [statistics]);
      await beginUpload(client, 'masks', `2026/${jobId}/item.json`);
      await beginUpload(client, 'masks', '2026/another-job/item.json');
      expect(await withdraw(delivery({}, { attempt: 2 }), keys, signal)).toEqual([]);
      expect(await contentOf(client, 'masks')).toEqual({
        objects: [keys[1]],
        unfinished: ['2026/another-job/item.json'],
      });
      expect(await withdraw(delivery({}, { attempt: 3 }), keys, signal)).toEqual([]);
      expect((await contentOf(client, 'masks')).objects).toEqual([]);
    }));

  it('calls nobody inside, whatever the endpoint is called', () =>
    withWorld(({ files, delivery }) =>
      withTrap(async ({ port, hits }) => {
        const policy = {
          allowedHosts: ['*'],
          deniedHosts: [],
          trustedOrigins: [],
          ports: [port, 443],
        };
        const hosts = [
          '127.0.0.1',
          'localhost',
          '[::1]',
          '2130706433',
          '169.254.169.254',
          '10.0.0.1',
        ];
        const inside = [
          ...hosts.map((host) => `https://${host}:${port}`),
          `https://masks.localhost:${port}`,
          `http://127.0.0.1:${port}`,
        ];
        for (const endpointUrl of inside) {
          const to = delivery({ endpointUrl }, { policy });
          for (const call of [checkDelivery, withdrawAll, (one: Delivery) => give(one, files)])
            await expect(call(to, signal)).rejects.toThrow(/address not allowed/);
        }
        const rebinding = delivery({ endpointUrl: `https://s3.example:${port}` }, { policy });
        for (const address of ['127.0.0.1', '169.254.169.254']) {
          const lookup = () => Promise.resolve([{ address, family: 4 }]);
          await expect(give({ ...rebinding, lookup }, files)).rejects.toThrow(AddressNotAllowed);
        }
        expect(hits).toEqual([]);
      }),
    ));
});
