import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ResultBucket } from '../../src/s3/result-bucket.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { S3Storage } from '../../src/storage/s3-storage.ts';
import { allOf } from '../support/all-of.ts';
import { withFaultProxy, type Fault } from '../support/fault-proxy.ts';
import { stepOf } from '../support/fault-table.ts';
import { withFolder } from '../support/folder.ts';
import { collected } from '../support/outbound.ts';
import { beginUpload, contentOf, ownClient } from '../support/s3-objects.ts';
import { hasStrictS3, withS3Server, type S3Server } from '../support/s3-server.ts';
import { until } from '../support/server.ts';
import { storageContract, type WithStorage } from '../support/storage-contract.ts';

storageContract('files', (folder, use) => {
  const root = join(folder, 'results');
  return use({ storage: new FileStorage(root), fileOf: (key) => join(root, key) });
});

function bucketOf(server: S3Server, endpointUrl = server.endpointUrl): ResultBucket {
  const place = { endpointUrl, region: 'us-east-1', pathStyle: true };
  return new ResultBucket('results', place, { credentials: server });
}

const inBucket =
  (prefix: string): WithStorage =>
  (folder, use) =>
    withS3Server(join(folder, 'buckets'), ['results'], (server) =>
      use({
        storage: new S3Storage(bucketOf(server), prefix, [10]),
        fileOf: (key) => join(server.directory, 'results', prefix, key),
      }),
    );

describe.skipIf(!hasStrictS3())('S3', () => {
  storageContract('a bucket', inBucket(''));
  storageContract('a bucket below a prefix', inBucket('masks/of-all'));

  const withServer = (use: (server: S3Server, file: string) => Promise<void>): Promise<void> =>
    withFolder((folder) =>
      withS3Server(join(folder, 'buckets'), ['results'], async (server) => {
        const file = join(folder, 'a.json');
        await writeFile(file, '{"a":1}');
        await use(server, file);
      }),
    );

  it('gives addresses that show the file as it is called, by GET only and for one key', () =>
    withServer(async (server, file) => {
      const storage = new S3Storage(bucketOf(server), 'p');
      const stored = await storage.put('jobs/j/1/a.json', file, 'application/json');
      const access = await storage.access(stored);
      const url = access?.kind === 'link' ? access.url : '';
      expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('3600');
      const answer = await fetch(url, { headers: { Range: 'bytes=1-3' } });
      expect([answer.status, await answer.text()]).toEqual([206, '"a"']);
      expect(answer.headers.get('Content-Type')).toBe('application/json');
      expect(answer.headers.get('Content-Disposition')).toBe('inline; filename="a.json"');
      const others = [url.replace('a.json?', 'b.json?'), url.replace(/Signature=./, 'Signature=x')];
      for (const other of others) expect((await fetch(other)).status).toBe(403);
      expect((await fetch(url, { method: 'HEAD' })).status).toBe(403);
    }));

  it('gives addresses that end', () =>
    withServer(async (server, file) => {
      const bucket = bucketOf(server);
      const stored = await new S3Storage(bucket, '').put('jobs/j/1/a.json', file, 'text/plain');
      const url = await bucket.signedAddress(stored, 1);
      await until(async () => (await fetch(url)).status === 403, 'the address has ended');
      expect((await fetch(url)).status).toBe(403);
    }));

  it('finds and removes what was begun and not ended', () =>
    withServer(async (server) => {
      const client = ownClient(server);
      const storage = new S3Storage(bucketOf(server), 'p');
      await beginUpload(client, 'results', 'p/jobs/j/2/mask.tif');
      await beginUpload(client, 'results', 'q/jobs/j/2/mask.tif');
      expect(await allOf(storage.attempts())).toEqual([{ jobId: 'j', attempt: 2 }]);
      await storage.remove('jobs/j/2');
      expect(await contentOf(client, 'results')).toEqual({
        objects: [],
        unfinished: ['q/jobs/j/2/mask.tif'],
      });
    }));

  it('waits out what may pass; what fails leaves the file, and nothing in the bucket', () =>
    withServer(async (server, file) => {
      const busy: Fault = { kind: 'answer', status: 503, code: 'SlowDown' };
      const wrong: Fault = {
        kind: 'changed',
        headers: (headers) => ({ ...headers, 'x-amz-checksum-crc32': 'AAAAAA==' }),
      };
      let fault: ((step: string, before: number) => Fault | undefined) | undefined;
      await withFaultProxy(
        server.endpointUrl,
        (asked) => fault?.(stepOf(asked), asked.before),
        async ({ url }) => {
          const storage = new S3Storage(bucketOf(server, url), '', [10]);
          const put = () => storage.put('jobs/j/1/a.json', file, 'text/plain');
          const faults = [
            [(step: string) => (step === 'PUT' ? busy : undefined), /fails at s3:PutObject/],
            [(step: string) => (step === 'HEAD' ? wrong : undefined), /another checksum/],
          ] as const;
          for (const [next, says] of faults) {
            fault = next;
            await expect(put()).rejects.toMatchObject({
              name: 'StoreUnavailable',
              message: expect.stringMatching(says),
            });
            expect((await stat(file)).size).toBe(7);
            expect(await contentOf(ownClient(server), 'results')).toEqual({
              objects: [],
              unfinished: [],
            });
          }
          fault = (step, before) => (step === 'PUT' && before % 4 !== 3 ? busy : undefined);
          const stored = await put();
          fault = undefined;
          expect((await storage.read(stored)).toString()).toBe('{"a":1}');
        },
      );
      await rm(file, { force: true });
    }));

  it('goes on reading where a connection was cut', () =>
    withServer(async (server, file) => {
      await writeFile(file, Buffer.alloc(3_000_000, 'x'));
      const stored = await new S3Storage(bucketOf(server), '').put(
        'jobs/j/1/a',
        file,
        'text/plain',
      );
      const cuts: Fault = { kind: 'cut-answer', afterBytes: 700_000 };
      await withFaultProxy(
        server.endpointUrl,
        () => cuts,
        async ({ url, asked }) => {
          const read = await new S3Storage(bucketOf(server, url), '').read(stored);
          expect(read).toHaveLength(3_000_000);
          expect(asked.length).toBeGreaterThan(3);
        },
      );
    }));

  it('refuses another part of a file than it asked for', () =>
    withServer(async (server, file) => {
      await writeFile(file, '0123456789');
      const stored = await new S3Storage(bucketOf(server), '').put(
        'jobs/j/1/a',
        file,
        'text/plain',
      );
      const another: Fault = {
        kind: 'changed',
        headers: (own) => ({ ...own, 'content-range': 'bytes 3-6/10' }),
      };
      await withFaultProxy(
        server.endpointUrl,
        () => another,
        async ({ url }) => {
          const storage = new S3Storage(bucketOf(server, url), '');
          await expect(collected(storage.bytes(stored, { from: 2, to: 6 }))).rejects.toThrow(
            expect.objectContaining({
              name: 'Unusable',
              message: expect.stringContaining('another part than it was asked for'),
            }),
          );
        },
      );
    }));
});
