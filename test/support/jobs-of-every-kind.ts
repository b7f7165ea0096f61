/** Jobs in states that a running server reaches only in days or by accident, put into a data folder before it starts. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { openDatabase } from '../../src/database/open.ts';
import { anonymous, type Results, type StoredOutput } from '../../src/jobs/job.ts';
import type { Outcome } from '../../src/jobs/job-store.ts';
import type { Inputs } from '../../src/processes/process.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { claimWith } from './claim.ts';
import { ordinary } from './ordinary-job.ts';
import { allByValue, temporaryDataFolder, tiffType } from './finished-job.ts';
import { startEcho, startTestServer, untilStatus, type TestServer } from './server.ts';

const product = 'S2A_MSIL1C_20170729T153601_N0205_R111_T19UDP_20170729T153557';

export interface OddJobs {
  readonly failed: string;
  readonly expired: string;
  readonly dismissed: string;
  readonly delivered: string;
}

/** Jobs in every state but the usual one, and a server that has them. */
export interface OddServer {
  readonly server: TestServer;
  readonly jobs: OddJobs & { readonly running: string; readonly waiting: string };
  close(): Promise<void>;
}

export async function startOddServer(): Promise<OddServer> {
  const dataDirectory = await temporaryDataFolder();
  const odd = await addOddJobs(dataDirectory);
  const server = await startTestServer({ dataDirectory });
  const running = await startEcho(server, { inputs: { a: 'x', pause: 60 } });
  await untilStatus(server, running.jobID, 'running');
  const waiting = await startEcho(server, { inputs: { a: 'x' } });
  return {
    server,
    jobs: { ...odd, running: running.jobID, waiting: waiting.jobID },
    async close() {
      await server.close();
      await rm(dataDirectory, { recursive: true });
    },
  };
}

/** Answers the ids of the jobs. */
export async function addOddJobs(dataDirectory: string): Promise<OddJobs> {
  const database = await openDatabase(join(dataDirectory, 'jobs.sqlite'));
  const long = new Date(Date.now() - 20 * 86_400_000);
  const [now, then] = [new Date(), long].map((date) => ({
    store: new KnexJobStore(database, () => date),
    leases: new KnexLeaseStore(database, () => date),
  }));
  if (now === undefined || then === undefined) throw new Error('There are two.');
  try {
    const failure = { kind: 'bad-input', message: 'Band 6 is missing from the product.' } as const;
    const results = async (id: string) => statistics(dataDirectory, id);
    const bucket = { output_storage: 'PRIVATE', s3_bucket: 'my-masks', s3_prefix: '2026/' };
    const done = async (id: string): Promise<Outcome> => {
      return { status: 'successful', results: await results(id) };
    };
    const dismissed = await add(now, {}, done);
    await now.store.dismiss(dismissed, anonymous);
    return {
      failed: await add(now, {}, async () => ({ status: 'failed', failure })),
      expired: await add(then, {}, done),
      dismissed,
      delivered: await add(now, { ...bucket, s3_secret_key: '***' }, async (id) => {
        return { status: 'successful', results: deliveredResults(id) };
      }),
    };
  } finally {
    await database.destroy();
  }
}

async function add(
  { store, leases }: { readonly store: KnexJobStore; readonly leases: KnexLeaseStore },
  inputs: Inputs,
  outcomeOf: (id: string) => Promise<Outcome>,
): Promise<string> {
  const id = randomUUID();
  const request = { inputs: { product, stride: 256, ...inputs }, outputs: allByValue };
  await store.add({ ...ordinary, id, processId: 'senseiv2-cloudmask', request });
  await leases.claim(claimWith('token'));
  await leases.finish({ jobId: id, attempt: 1, token: 'token' }, await outcomeOf(id));
  return id;
}

const figures = {
  classes: [
    { value: 0, name: 'clear sky', share: 0.7 },
    { value: 1, name: 'thick clouds', share: 0.3 },
  ],
  cloud_cover: 30,
  warnings: ['Look twice.'],
};

function deliveredResults(id: string): Results {
  const deliver = (fileName: string, mediaType: string, size: number) => ({
    kind: 'delivered' as const,
    href: `https://s3.example.org/my-masks/2026/${id}/${fileName}`,
    uri: `s3://my-masks/2026/${id}/${fileName}`,
    mediaType,
    size,
    sha256: 'ab'.repeat(32),
    fileName,
  });
  return {
    cloud_mask: deliver(`${product}_cloud_mask.tif`, tiffType, 1_340_000),
    statistics: { ...deliver('statistics.json', 'application/json', 900), value: figures },
    preview: deliver('preview.png', 'image/png', 587_000),
  };
}

async function statistics(dataDirectory: string, id: string): Promise<Results> {
  const made = join(dataDirectory, 'made');
  await mkdir(made, { recursive: true });
  const file = join(made, 'statistics.json');
  await writeFile(file, JSON.stringify(figures));
  const storage = new FileStorage(join(dataDirectory, 'results'));
  const stored = await storage.put(`jobs/${id}/1/statistics.json`, file, 'application/json');
  const output: StoredOutput = { kind: 'file', ...stored };
  return { statistics: output };
}
