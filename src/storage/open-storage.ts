import { FileStorage } from './file-storage.ts';
import type { Storage } from './storage.ts';

export interface StorageOptions {
  readonly store:
    | { readonly kind: 'file' }
    | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };
  /** Folder of a store of files. */
  readonly directory: string;
  readonly endpointUrl?: string | undefined;
  readonly region?: string | undefined;
}

/** The store that the operator has chosen, found to be usable. The AWS SDK is loaded where it is needed only. @throws Misconfigured */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { store, endpointUrl } = options;
  if (store.kind === 'file') return new FileStorage(options.directory);
  // Most services that are not AWS know only this one; for AWS the SDK has settings.
  const region = options.region ?? (endpointUrl === undefined ? undefined : 'us-east-1');
  const place = {
    // A name with dots does not fit a certificate for *.host.
    pathStyle: endpointUrl !== undefined || store.bucket.includes('.'),
    ...(endpointUrl !== undefined && { endpointUrl }),
    ...(region !== undefined && { region }),
  };
  const { ResultBucket } = await import('../s3/result-bucket.ts');
  const { S3Storage } = await import('./s3-storage.ts');
  const storage = new S3Storage(new ResultBucket(store.bucket, place, {}), store.prefix);
  await storage.assertUsable();
  return storage;
}
