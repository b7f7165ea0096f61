/** What a server may send instead of a product: too much, too slowly, something else, or each time another thing. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { it, expect } from 'vitest';
import { faultsOf, withHostileWorld, type HostileCase } from '../support/hostile-world.ts';
import { landsatFiles, noise } from '../support/small-product.ts';
import { tarMember, tarOf } from '../support/tar-writer.ts';
import { zipOf } from '../support/zip-writer.ts';

const MiB = 2 ** 20;
const zeros = Buffer.alloc(MiB);
const zip = zipOf(landsatFiles());
const tar = tarOf(landsatFiles());
const page = '<!DOCTYPE html><title>Sign in</title><form action="/login"></form>';

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Writes for ever, as fast as it is taken. */
function endless(response: ServerResponse, chunk: Buffer): void {
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', write);
  write();
}

/** Writes a byte now and then. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'), 300);
  response.on('close', () => clearInterval(timer));
}

/** Sends the asked part of a zip, and says of it what `headers` say. */
function part(headers: (from: number, to: number) => Record<string, string>): Answer {
  return (request, response) => {
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
    const end = to === '' ? zip.length : Math.min(zip.length, Number(to) + 1);
    const status = request.headers.range === undefined ? 200 : 206;
    response.writeHead(status, { ETag: '"1"', ...headers(Number(from), end) });
    response.end(zip.subarray(Number(from), end));
  };
}

const rangeOf = (from: number, to: number): Record<string, string> => ({
  'Content-Range': `bytes ${from}-${to - 1}/${zip.length}`,
});

/** Begins like an Item of JSON. */
const itemStart = Buffer.from('{"type":"Feature","padding":"'.padEnd(4096, 'x'));

/** What is tried, how the server answers, what the failure says; a kind where JOB_MINUTES ends it. */
type BodyAttack = readonly [attack: string, answer: Answer, ends: RegExp, kind?: string];

const attacks: readonly BodyAttack[] = [
  [
    'a page of a login',
    (_, r) => r.writeHead(200, { 'Content-Type': 'application/zip' }).end(page),
    /web page, perhaps a login/,
  ],
  ['nothing', (_, r) => r.end(), /neither a \.zip/],
  ['noise', (_, r) => r.end(noise(5000, 1)), /neither a \.zip/],
  ['no content (204)', (_, r) => r.writeHead(204).end(), /unexpected answer/],
  ['not modified (304)', (_, r) => r.writeHead(304).end(), /unexpected answer/],
  ['a redirect to nowhere', (_, r) => r.writeHead(302).end(), /unexpected answer/],
  [
    'access denied (403), with words',
    (_, r) => r.writeHead(403).end('SECRET CANARY'),
    /access denied/,
  ],
  ['gone (410)', (_, r) => r.writeHead(410).end('CANARY'), /not found/],
  [
    'ranges refused (416)',
    (_, r) => r.writeHead(416, { 'Content-Range': 'bytes */0' }).end(),
    /\w/,
  ],
  [
    'headers without end',
    (_, r) => r.socket?.write(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}`),
    /not a readable answer/,
  ],
  ['no HTTP', (_, r) => r.socket?.end('SSH-2.0-OpenSSH_9.9\r\n'), /not a readable answer/],
  [
    'an endless tar of zeros',
    (_, r) => endless(r.writeHead(200), Buffer.concat([tarMember({ name: 'a' }), zeros])),
    /\w/,
  ],
  [
    'an endless file in a tar',
    (_, r) => {
      r.write(tarMember({ name: 'a', size: 8 ** 11 - 1 }));
      endless(r, zeros);
    },
    /\w/,
  ],
  [
    'an endless tar.gz',
    (_, r) => {
      r.write(gzipSync(tarMember({ name: 'a' })));
      endless(r, gzipSync(zeros));
    },
    /\w/,
  ],
  [
    'an endless zip',
    (_, r) => {
      r.write(zip.subarray(0, 600));
      endless(r, zeros);
    },
    /larger than/,
  ],
  [
    'an endless Item',
    (_, r) => {
      r.write(itemStart);
      endless(r, Buffer.alloc(MiB, 'x'));
    },
    /larger than/,
  ],
  [
    'an Item as a gzip bomb',
    (_, r) =>
      r
        .writeHead(200, { 'Content-Encoding': 'gzip' })
        .end(gzipSync(Buffer.concat([itemStart, Buffer.alloc(64 * MiB, 'x')]))),
    /packs it for the transfer|larger than/,
  ],
  [
    'a zip that is packed again',
    (_, r) => r.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(zip)),
    /packs it for the transfer/,
  ],
  [
    'more than it promised',
    (_, r) => r.socket?.end(`HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n${'x'.repeat(6000)}`),
    /neither a \.zip|not a readable/,
  ],
  [
    'a size of 2⁶³',
    (_, r) => r.socket?.end(`HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nPK`),
    /\w/,
    'out-of-time',
  ],
  [
    'two sizes',
    (_, r) =>
      r.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'),
    /not a readable answer|connection cut/,
  ],
  ['another part than asked', part((from, to) => rangeOf(from + 1, to + 1)), /\w/],
  [
    'a part of a file of 2⁵³ bytes',
    part((from, to) => ({ 'Content-Range': `bytes ${from}-${to - 1}/9007199254740991` })),
    /\w/,
  ],
  [
    'a file that is another each time',
    (request, r, count) => {
      part((from, to) => ({ ...rangeOf(from, to), ETag: `"${count}"` }))(request, r, count);
    },
    /changed meanwhile|anew/,
  ],
  [
    'a zip with a directory that grows',
    (request, r, count) => {
      part((from, to) => ({ 'Content-Range': `bytes ${from}-${to - 1}/${zip.length + count}` }))(
        request,
        r,
        count,
      );
    },
    /\w/,
  ],
  [
    'a tar that stops in the middle',
    (_, r) => {
      r.writeHead(200, { 'Content-Length': tar.length });
      r.write(tar.subarray(0, 3000));
      setTimeout(() => r.destroy(), 50);
    },
    /cut|too early|anew/,
    'out-of-time',
  ],
  ['a tar that drips', (_, r) => drip(r), /cannot be gone on with/],
  [
    'an Item that drips',
    (_, r) => {
      r.write(itemStart);
      drip(r);
    },
    /had not come within the 1 minutes/,
    'out-of-time',
  ],
  [
    'a server that never answers',
    () => undefined,
    /had not come within the 1 minutes/,
    'out-of-time',
  ],
];

it('servers that send anything but a product end the job, and nothing else', async () => {
  const counts = new Map<string, number>();
  const answer = (request: IncomingMessage, response: ServerResponse): boolean => {
    const path = request.url ?? '';
    const attack = attacks[Number(/^\/attack\/(\d+)$/.exec(path)?.[1] ?? NaN)];
    if (attack === undefined) return false;
    counts.set(path, (counts.get(path) ?? 0) + 1);
    response.on('error', () => undefined);
    attack[1](request, response, counts.get(path) ?? 0);
    return true;
  };
  // Most of them wait for each other.
  const settings = { JOB_MINUTES: '1', MAX_RUNNING_JOBS: '6', PRODUCT_MB: '64' };
  await withHostileWorld({ web: answer, settings }, async (world) => {
    const cases = attacks.map(([attack, , ends, kind], index): HostileCase => {
      const product = `${world.web.origin}/attack/${index}`;
      return { attack, given: 'address', product, ends, ...(kind !== undefined && { kind }) };
    });
    expect(await faultsOf(world, cases)).toEqual([]);
  });
});

it('what is larger than PRODUCT_MB is not brought', async () => {
  const large = landsatFiles().map((file, index) =>
    index === 0 ? file : { ...file, data: Buffer.concat([file.data, noise(200_000, index)]) },
  );
  const forms: Readonly<Record<string, Buffer>> = {
    'large.zip': zipOf(large),
    'large.tar': tarOf(large),
    'large.tar.gz': gzipSync(tarOf(large)),
  };
  await withHostileWorld({ settings: { PRODUCT_MB: '1' } }, async (world) => {
    const cases: HostileCase[] = [];
    for (const [name, bytes] of Object.entries(forms)) {
      await writeFile(join(world.www, name), bytes);
      await writeFile(join(world.root, name), bytes);
      for (const product of [`${world.web.origin}/${name}`, name])
        cases.push({
          attack: 'more than PRODUCT_MB',
          given: name,
          product,
          ends: /PRODUCT_MB|larger than/,
        });
    }
    expect(await faultsOf(world, cases)).toEqual([]);
  });
});
