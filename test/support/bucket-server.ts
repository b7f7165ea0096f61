/** The real application with its results in a bucket of a real S3 server. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ResultBucket } from '../../src/s3/result-bucket.ts';
import { S3Storage } from '../../src/storage/s3-storage.ts';
import { temporaryDataFolder } from './finished-job.ts';
import { withS3Server, type S3Server } from './s3-server.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './server.ts';

export interface BucketWorld {
  readonly s3: S3Server;
  readonly storage: S3Storage;
  readonly dataDirectory: string;
  /** Starts the application on the data folder; whoever does it closes it. */
  start(options?: TestServerOptions): Promise<TestServer>;
}

/** Names of the bucket and of the folder in it. */
export const bucket = 'results';
export const prefix = 'masks';

/** The keys of the application are where operators put them: in its environment. */
export async function withBucketWorld<T>(
  use: (world: BucketWorld) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  const dataDirectory = await temporaryDataFolder();
  const before = { ...process.env };
  try {
    return await withS3Server(join(dataDirectory, 'buckets'), [bucket], async (s3) => {
      const { endpointUrl, accessKeyId, secretAccessKey } = s3;
      process.env['AWS_ACCESS_KEY_ID'] = accessKeyId;
      process.env['AWS_SECRET_ACCESS_KEY'] = secretAccessKey;
      const place = { endpointUrl, region: 'us-east-1', pathStyle: true };
      const storage = new S3Storage(new ResultBucket(bucket, place, {}), prefix);
      const store = {
        RESULT_STORE: `s3://${bucket}/${prefix}`,
        RESULT_S3_ENDPOINT_URL: endpointUrl,
      };
      return await use({
        s3,
        storage,
        dataDirectory,
        start: (options) =>
          startTestServer({
            dataDirectory,
            ...options,
            settings: { ...store, ...settings, ...options?.settings },
          }),
      });
    });
  } finally {
    process.env = before;
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
