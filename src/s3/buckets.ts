/** The buckets that the operator vouches for: where they are and with which keys they are read. */
import type { S3Credentials } from './client.ts';

export interface BucketAccess {
  readonly bucket: string;
  /** Root of the S3 service; the region's own of AWS when absent. */
  readonly endpointUrl?: string;
  readonly region: string;
  /** Absent: requests are not signed (public buckets). */
  readonly credentials?: S3Credentials;
  /** Bucket in the path instead of the host name. */
  readonly pathStyle: boolean;
  /** The operator pays for requests to buckets of others. */
  readonly requesterPays: boolean;
  /** Prefix (may be empty) below which product names are looked up; absent: names are not looked up here. */
  readonly archivePrefix?: string;
}
