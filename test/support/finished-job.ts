/** A finished mask job with real files, put into a data folder before a server starts on it. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KnexJobStore } from '../../src/database/knex-job-store.ts';
import { KnexLeaseStore } from '../../src/database/knex-lease-store.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { Results } from '../../src/jobs/job.ts';
import type {
  ExecutionRequest,
  RequestedOutput,
  ResponseForm,
} from '../../src/processes/execution-request.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { claimWith } from './claim.ts';
import { ordinary } from './ordinary-job.ts';

export const tiffType = 'image/tiff; application=geotiff; profile=cloud-optimized';

/** Content of each output; the mask stands for a large file. */
export const files = {
  cloud_mask: ['mask.tif', tiffType, '0123456789abcdefghij'],
  statistics: ['statistics.json', 'application/json', '{"cloud_cover":12.5}'],
  preview: ['preview.png', 'image/png', 'png'],
  item: ['item.json', 'application/geo+json', '{"type":"Feature"}'],
  true_colour: ['true_colour.webp', 'image/webp', 'webp'],
} as const;

export const allByValue: ExecutionRequest['outputs'] = Object.fromEntries(
  Object.keys(files).map((id): [string, RequestedOutput] => [id, { transmissionMode: 'value' }]),
);

export interface FinishedJobOptions {
  readonly owner?: string;
  readonly outputs?: ExecutionRequest['outputs'];
  readonly response?: ResponseForm;
  readonly now?: () => Date;
  /** Instead of files in the data folder. */
  readonly storage?: Storage;
}

export function temporaryDataFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'cloudmask-data-'));
}

/** Answers the id of the job. */
export async function addFinishedJob(
  dataDirectory: string,
  options: FinishedJobOptions = {},
): Promise<string> {
  const database = await openDatabase(join(dataDirectory, 'jobs.sqlite'));
  try {
    const now = options.now ?? (() => new Date());
    const store = new KnexJobStore(database, now);
    const leases = new KnexLeaseStore(database, now);
    const outputs = options.outputs ?? allByValue;
    const request = {
      inputs: { product: 'x' },
      outputs,
      ...(options.response && { response: options.response }),
    };
    const id = randomUUID();
    const { owner = ordinary.owner } = options;
    await store.add({ ...ordinary, owner, id, processId: 'senseiv2-cloudmask', request });
    await leases.claim(claimWith('token'));
    const storage = options.storage ?? new FileStorage(join(dataDirectory, 'results'));
    const results = await putFiles(dataDirectory, storage, id, Object.keys(outputs));
    await leases.finish(
      { jobId: id, attempt: 1, token: 'token' },
      { status: 'successful', results },
    );
    return id;
  } finally {
    await database.destroy();
  }
}

async function putFiles(
  dataDirectory: string,
  storage: Storage,
  id: string,
  wanted: readonly string[],
): Promise<Results> {
  const made = join(dataDirectory, 'made');
  await mkdir(made, { recursive: true });
  const put = Object.entries(files)
    .filter(([outputId]) => wanted.includes(outputId))
    .map(async ([outputId, [name, type, content]]) => {
      const file = join(made, name);
      await writeFile(file, content);
      return [
        outputId,
        { kind: 'file' as const, ...(await storage.put(`jobs/${id}/1/${name}`, file, type)) },
      ];
    });
  return Object.fromEntries(await Promise.all(put)) as Results;
}
