/** Reading of a bucket of a real S3 server, also where something between damages what it sends. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { S3Bucket, type S3Object } from '../../../src/s3/bucket.ts';
import type { BucketAccess } from '../../../src/s3/buckets.ts';
import { withCountingProxy, type Passing, type Tamper } from '../../support/counting-proxy.ts';
import { withFolder } from '../../support/folder.ts';
import { s3Program, withS3Server, type S3Server } from '../../support/s3-server.ts';
import { until } from '../../support/server.ts';
import { noise } from '../../support/small-product.ts';

const key = 'scenes/band.jp2';
const size = 400_000;
const content = noise(size, 1);
const { signal } = new AbortController();

/** What the proxy sees of a request for bytes. */
interface Asked extends Passing {
  /** 1 for the first. */
  readonly count: number;
  /** How many bytes have reached the reader. */
  readonly came: () => number;
}

/** Sends something else than the answer of the server; returns whether it did. */
type Damage = (asked: Asked) => boolean;

interface Reading {
  readonly object: S3Object;
  /** What reading a part ends with: `same` bytes, or the error. */
  read(from?: number, to?: number, object?: S3Object): Promise<string>;
  /** Puts another object of the same size in its place. */
  change(): Promise<void>;
  /** `Range` of each request for bytes. */
  readonly ranges: readonly (string | undefined)[];
}

/** Runs `use` with an object of a bucket, behind what damages the bytes of its answers. */
function withObject(damage: Damage, use: (reading: Reading) => Promise<void>): Promise<void> {
  const ranges: (string | undefined)[] = [];
  const chunks: Uint8Array[] = [];
  const came = (): number => Buffer.concat(chunks).length;
  const tamper: Tamper = (passing) => {
    if (passing.request.method !== 'GET') return false;
    return damage({ ...passing, came, count: ranges.push(passing.request.headers.range) });
  };
  return withFolder((folder) =>
    withS3Server(folder, ['products'], (s3) =>
      withCountingProxy(
        s3.endpointUrl,
        async ({ url }) => {
          await putObject(s3, content);
          const bucket = new S3Bucket(accessTo(s3, url), { retryDelaysMs: [1, 1, 1] });
          try {
            const found = await bucket.find(key, signal);
            if (found === undefined) throw new Error('The object is not there.');
            await use({
              object: found,
              ranges,
              async read(from = 0, to = size, object = found) {
                chunks.length = 0;
                try {
                  for await (const chunk of bucket.bytes(object, { from, to }, signal))
                    chunks.push(chunk);
                  const wanted = content.subarray(from, to);
                  return Buffer.concat(chunks).equals(wanted) ? 'same' : 'OTHER BYTES';
                } catch (error) {
                  return String(error);
                }
              },
              change: () => putObject(s3, noise(size, 2)),
            });
          } finally {
            bucket.close();
          }
        },
        tamper,
      ),
    ),
  );
}

function accessTo(credentials: S3Server, endpointUrl: string): BucketAccess {
  const where = { bucket: 'products', endpointUrl, region: 'us-east-1' };
  return { ...where, credentials, pathStyle: true, requesterPays: false };
}

async function putObject(s3: S3Server, bytes: Buffer): Promise<void> {
  const where = { endpoint: s3.endpointUrl, region: 'us-east-1', forcePathStyle: true };
  const client = new S3Client({ ...where, credentials: s3 });
  await client.send(new PutObjectCommand({ Bucket: 'products', Key: key, Body: bytes }));
  client.destroy();
}

const asItIs: Damage = () => false;

/** Ends the connection when the reader has the first `bytes` of the object. */
function cutAt(bytes: number, { request, answer, response, came }: Asked): true {
  response.writeHead(answer.statusCode ?? 0, answer.headers).flushHeaders();
  let left = bytes - Number(/^bytes=(\d+)/.exec(request.headers.range ?? '')?.[1]);
  answer.on('data', (chunk: Buffer) => {
    if (left > 0) response.write(chunk.subarray(0, left));
    left -= chunk.length;
  });
  void until(() => came() >= bytes, 'the bytes have come').then(() => response.destroy());
  return true;
}

/** The whole object, as a server does that knows no ranges. */
function sendWhole({ answer, response }: Passing): true {
  answer.resume();
  response.writeHead(200, { ETag: answer.headers.etag, 'Content-Length': size }).end(content);
  return true;
}

/** Headers in the place of the server's own. */
const saying =
  (headers: Record<string, string>): Damage =>
  ({ answer }) => {
    Object.assign(answer.headers, headers);
    return false;
  };

const another = 'the storage sends another part than it was asked for';
const failure = (reason: string): string =>
  `TransferFailed: s3://products/${key} cannot be read: ${reason}.`;

describe.skipIf(s3Program() === undefined)('an object of a bucket', () => {
  it('is read whole, and in parts', async () => {
    await withObject(asItIs, async ({ read, object, ranges }) => {
      expect(object).toMatchObject({ bytes: size, etag: expect.stringMatching(/^".+"$/) });
      expect([await read(), await read(7, 1000), await read(size - 1, size)]).toEqual([
        'same',
        'same',
        'same',
      ]);
      expect(ranges).toEqual(['bytes=0-399999', 'bytes=7-999', 'bytes=399999-399999']);
    });
  });

  it('is gone on with where the connection is cut', async () => {
    const twice: Damage = (asked) => asked.count < 3 && cutAt(100_000 * asked.count, asked);
    await withObject(twice, async ({ read, ranges }) => {
      expect(await read()).toBe('same');
      expect(ranges).toEqual(['bytes=0-399999', 'bytes=100000-399999', 'bytes=200000-399999']);
    });
  });

  it('is not gone on with where the server names no version', async () => {
    const nameless: Damage = (asked) => {
      delete asked.answer.headers.etag;
      return cutAt(100_000, asked);
    };
    await withObject(nameless, async ({ object, read }) => {
      expect(await read(0, size, { ...object, etag: '' })).toBe(
        failure('it was cut, and cannot be gone on with'),
      );
    });
  });

  it('is given up when it is cut again and again', async () => {
    await withObject(
      (asked) => cutAt(10, asked),
      async ({ read, ranges }) => {
        expect(await read()).toBe(failure('the connection is cut again and again'));
        expect(ranges).toHaveLength(4);
      },
    );
  });

  it('is read from a server without ranges as a whole only', async () => {
    await withObject(sendWhole, async ({ read }) => {
      expect(await read()).toBe('same');
      expect(await read(0, 100)).toBe(failure(another));
      expect(await read(100, size)).toBe(failure(another));
    });
  });

  it('is not mixed up where the server forgets the range after a cut', async () => {
    const forgetting: Damage = (asked) =>
      asked.count === 1 ? cutAt(100_000, asked) : sendWhole(asked);
    await withObject(forgetting, async ({ read }) => {
      expect(await read()).toBe(failure(another));
    });
  });

  it.each([
    ['another part', saying({ 'content-range': `bytes 101-1000/${size}` }), another],
    ['no readable part', saying({ 'content-range': 'lines 1-2/3' }), another],
    [
      'a part of a larger object',
      saying({ 'content-range': `bytes 100-999/${size + 1}` }),
      'it changed while it was read',
    ],
    ['a part of another version', saying({ etag: '"another"' }), 'it changed while it was read'],
  ] as const)('is refused when the server sends %s', async (_what, damage, reason) => {
    await withObject(damage, async ({ read }) => {
      expect(await read(100, 1000)).toBe(failure(reason));
    });
  });

  it('is refused when its bytes have another checksum than the server says', async () => {
    await withObject(saying({ 'x-amz-checksum-crc32': 'AAAAAA==' }), async ({ read }) => {
      expect(await read()).toBe(failure('what came is damaged'));
      // Of a part it says the checksum of the whole.
      expect(await read(100, 1000)).toBe('same');
    });
  });

  it('is refused when more comes than was asked for', async () => {
    const more: Damage = ({ answer, response }) => {
      answer.resume();
      const headers = { ...answer.headers, 'content-length': '2000' };
      response.writeHead(206, headers).end(content.subarray(100, 2100));
      return true;
    };
    await withObject(more, async ({ read }) => {
      expect(await read(100, 1000)).toBe(failure(another));
    });
  });

  it('is refused when it has changed since it was found', async () => {
    await withObject(asItIs, async ({ read, change }) => {
      await change();
      expect(await read()).toBe(failure('it changed while it was read'));
    });
  });

  it('is refused when it changes while it comes', async () => {
    let change = async (): Promise<void> => undefined;
    // What comes first is of the old one, and is cut when there is the new one.
    const changing: Damage = (asked) => {
      if (asked.count > 1) return false;
      let isChanged = false;
      void change().then(() => (isChanged = true));
      return cutAt(100_000, { ...asked, came: () => (isChanged ? asked.came() : 0) });
    };
    await withObject(changing, async (reading) => {
      ({ change } = reading);
      expect(await reading.read()).toBe(failure('it changed while it was read'));
      expect(reading.ranges).toEqual(['bytes=0-399999', 'bytes=100000-399999']);
    });
  });
});
