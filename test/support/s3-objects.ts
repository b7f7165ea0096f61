/** What really lies in a bucket, asked of the server itself. */
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Server } from './s3-server.ts';

/** A client of the server's own user. */
export function ownClient(server: S3Server, region = 'us-east-1'): S3Client {
  const { endpointUrl: endpoint, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true });
}

export interface Content {
  /** Keys. */
  readonly objects: readonly string[];
  readonly unfinished: readonly string[];
}

export async function contentOf(client: S3Client, bucket: string, prefix = ''): Promise<Content> {
  const place = { Bucket: bucket, Prefix: prefix };
  const { Contents = [] } = await client.send(new ListObjectsV2Command(place));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(place));
  return {
    objects: Contents.map(({ Key = '' }) => Key),
    unfinished: Uploads.map(({ Key = '' }) => Key),
  };
}

/** Leaves an upload as a program does that is killed in the middle. */
export async function beginUpload(client: S3Client, bucket: string, key: string): Promise<void> {
  const place = { Bucket: bucket, Key: key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
  const part = { ...place, UploadId, PartNumber: 1, Body: Buffer.alloc(1000) };
  await client.send(new UploadPartCommand(part));
}
