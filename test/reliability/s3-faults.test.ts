/** Delivery to a real S3 server with faults in between: it is whole, or there is nothing of it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../support/fault-proxy.ts';
import {
  filesFor,
  printed,
  rowOf,
  secretOfUser,
  stepOf,
  type FaultCase,
  type Row,
} from '../support/fault-table.ts';
import { aCertificate } from '../support/certificate.ts';
import { withFolder } from '../support/folder.ts';
import { withServer } from '../support/hostile-server.ts';
import { hasStrictS3, withS3Server } from '../support/s3-server.ts';
import { withTrap } from '../support/trap.ts';

const serverError: Fault = { kind: 'answer', status: 500, code: 'InternalError' };
const slowDown: Fault = { kind: 'answer', status: 503, code: 'SlowDown' };
const tooMany: Fault = { kind: 'answer', status: 429 };
const denied: Fault = { kind: 'answer', status: 403, code: 'AccessDenied' };
const page: Fault = {
  kind: 'answer',
  status: 200,
  headers: { 'Content-Type': 'text/html' },
  body: '<html><body>CANARY<br>Sign in</body></html>',
};
const lost: Fault = { kind: 'lost-answer' };
const flipped: Fault = { kind: 'flipped-bit' };
const silence: Fault = { kind: 'silence' };
const cut: Fault = { kind: 'cut', afterBytes: 100_000 };

/** The fault happens to a step, at first so many times. */
const at =
  (fault: Fault, steps: readonly string[], times = Infinity): NonNullable<FaultCase['decide']> =>
  (asked, nth) =>
    steps.includes(stepOf(asked)) && nth < times ? fault : undefined;

const headTelling = (headers: Record<string, string | undefined>): Fault => ({
  kind: 'changed',
  headers: (own) => ({ ...own, ...headers }),
});
const writing = ['create', 'part', 'complete', 'PUT'];

/** Steps of a delivery, in order, with the number of the request. */
const stages = [
  ['list-uploads', 1],
  ['create', 2],
  ['part', 3],
  ['complete', 6],
  ['HEAD', 7],
  ['PUT', 8],
] as const;

const cases: readonly FaultCase[] = [
  { fault: 'none', ends: 'delivered' },
  {
    fault: 'errors of the server, a burst',
    decide: at(serverError, ['create', 'PUT'], 4),
    ends: 'delivered',
  },
  {
    fault: 'errors of the server, for ever',
    decide: at(serverError, ['part']),
    ends: ['DeliveryFailed', /had an error of its own/],
  },
  { fault: 'SlowDown, a burst', decide: at(slowDown, ['part', 'PUT'], 2), ends: 'delivered' },
  { fault: 'status 429, a burst', decide: at(tooMany, ['part', 'PUT'], 2), ends: 'delivered' },
  {
    fault: 'SlowDown, for ever',
    decide: at(slowDown, ['PUT']),
    ends: ['DeliveryFailed', /asks to send less/],
  },
  { fault: 'cut in the middle of a part', decide: at(cut, ['part'], 2), ends: 'delivered' },
  { fault: 'cut in the middle of a small file', decide: at(cut, ['PUT'], 2), ends: 'delivered' },
  {
    fault: 'cut again and again',
    decide: at(cut, ['part']),
    ends: ['DeliveryFailed', /connection to .* was cut/],
  },
  { fault: 'lost answer to the beginning', decide: at(lost, ['create'], 1), ends: 'delivered' },
  { fault: 'lost answer to a part', decide: at(lost, ['part'], 1), ends: 'delivered' },
  { fault: 'lost answer to the end', decide: at(lost, ['complete'], 1), ends: 'delivered' },
  { fault: 'lost answer to a small file', decide: at(lost, ['PUT'], 1), ends: 'delivered' },
  {
    fault: 'lost answers to the end, for ever',
    decide: at(lost, ['complete']),
    ends: ['DeliveryFailed', /error of its own|was cut/],
  },
  { fault: 'a flipped bit on the way', decide: at(flipped, ['part', 'PUT'], 1), ends: 'delivered' },
  {
    fault: 'flipped bits, for ever',
    decide: at(flipped, ['part']),
    ends: ['DeliveryFailed', /not what was sent/],
  },
  {
    fault: 'another checksum than the file',
    decide: at(headTelling({ 'x-amz-checksum-crc32': 'AAAAAA==' }), ['HEAD']),
    ends: ['DeliveryFailed', /not what was sent/],
  },
  {
    fault: 'another size than the file',
    decide: at(headTelling({ 'content-length': '7' }), ['HEAD']),
    ends: ['DeliveryFailed', /not what was sent/],
  },
  {
    fault: 'a server that tells no checksum',
    decide: at(
      headTelling({ 'x-amz-checksum-crc32': undefined, 'x-amz-checksum-type': undefined }),
      ['HEAD'],
    ),
    ends: 'delivered',
  },
  {
    fault: 'keys that may not read',
    decide: at(denied, ['HEAD', 'list-uploads']),
    ends: 'delivered',
  },
  {
    fault: 'keys that may not write',
    decide: at(denied, ['create', 'PUT']),
    ends: ['DeliveryRefused', /denies s3:PutObject/],
  },
  {
    fault: 'no bucket',
    destination: { bucket: 'no-such-bucket' },
    ends: ['DeliveryRefused', /no bucket "no-such-bucket"/],
  },
  {
    fault: 'wrong secret key',
    destination: { secretKey: secretOfUser },
    ends: ['DeliveryRefused', /s3_secret_key does not belong/],
  },
  {
    fault: 'unknown access key',
    destination: { accessKey: 'MARKER-unknown', secretKey: secretOfUser },
    ends: ['DeliveryRefused', /does not know s3_access_key/],
  },
  {
    fault: 'a token that is none',
    destination: { sessionToken: 'MARKER-token' },
    ends: ['DeliveryRefused', /have expired/],
  },
  {
    fault: 'wrong region',
    destination: { region: 'eu-west-1' },
    ends: ['DeliveryRefused', /in the region "us-east-1", not "eu-west-1"/],
  },
  {
    fault: 'another time',
    decide: at({ kind: 'answer', status: 403, code: 'RequestTimeTooSkewed' }, writing),
    ends: ['DeliveryFailed', /another time/],
  },
  {
    fault: 'a full bucket',
    decide: at({ kind: 'answer', status: 403, code: 'QuotaExceeded' }, writing),
    ends: ['DeliveryRefused', /quota/],
  },
  {
    fault: 'a web page instead of S3',
    decide: () => page,
    ends: ['DeliveryRefused', /not answer as an S3 service/],
  },
  { fault: 'slow answers', decide: () => ({ kind: 'slow', ms: 200 }), ends: 'delivered' },
  {
    fault: 'no answer to a part',
    decide: at(silence, ['part'], 1),
    idleMs: 1000,
    ends: 'delivered',
  },
  {
    fault: 'no answer to parts, for ever',
    decide: at(silence, ['part']),
    idleMs: 300,
    ends: ['DeliveryFailed', /connection to .* was cut/],
  },
  // Stopped at the request of this number, which is not answered.
  ...stages.map(([step, stopAt]): FaultCase => ({
    fault: `stopped at ${step}`,
    decide: at(silence, [step], step === 'part' ? Infinity : 1),
    stopAt,
    ends: ['Cancelled', /stopped/],
  })),
  { fault: 'after a killed attempt', isAfterKill: true, ends: 'delivered' },
  {
    fault: 'nobody there',
    destination: { endpointUrl: 'http://127.0.0.1:9' },
    trusted: 'http://127.0.0.1:9',
    ends: ['DeliveryFailed', /cannot be reached/],
  },
];

describe.skipIf(!hasStrictS3())('delivery with faults in between', () => {
  it('is whole, or leaves nothing', { timeout: 120_000 }, () =>
    withFolder(async (folder) => {
      await withS3Server(join(folder, 'buckets'), ['results'], async (server) => {
        const files = await filesFor(folder);
        const rows: Row[] = [];
        for (const one of cases) rows.push(await rowOf(server, 'results', files, one));
        process.stdout.write(printed(rows));
        expect(rows.filter(({ wrong }) => wrong !== '')).toEqual([]);
      });
    }),
  );

  it('follows no redirect, and takes no certificate that it does not trust', () =>
    withFolder(async (folder) => {
      await withS3Server(join(folder, 'buckets'), ['results'], async (server) => {
        const files = await filesFor(folder);
        await withTrap(async (trap) => {
          const away = {
            Location: `http://127.0.0.1:${trap.port}/`,
            'x-amz-bucket-region': 'xx-1',
          };
          const redirects = [301, 302, 307, 308].map((status): FaultCase => ({
            fault: `redirect ${status}`,
            decide: () => ({ kind: 'answer', status, code: 'PermanentRedirect', headers: away }),
            ends: ['DeliveryRefused', /in the region "xx-1"|not answer as an S3 service/],
          }));
          const rows: Row[] = [];
          for (const one of redirects) rows.push(await rowOf(server, 'results', files, one));
          const own = aCertificate(['127.0.0.1']);
          await withServer(
            (_request, response) => response.end(),
            async ({ origin }) => {
              const untrusted: FaultCase = {
                fault: 'a certificate of its own',
                destination: { endpointUrl: origin },
                trusted: origin,
                ends: ['DeliveryRefused', /no encrypted connection that can be trusted/],
              };
              rows.push(await rowOf(server, 'results', files, untrusted));
            },
            own,
          );
          process.stdout.write(printed(rows));
          expect(rows.filter(({ wrong }) => wrong !== '')).toEqual([]);
          expect(trap.hits).toEqual([]);
        });
      });
    }));
});
