/** The operator's file of buckets and keys. Kept apart from the environment: it holds secrets. */
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import type { BucketAccess } from '../s3/buckets.ts';
import { readJson } from './json-file.ts';
import { Fault } from './parse.ts';

const text = { type: 'string', minLength: 1 } as const;

/** `{"<bucket>": {…}}`. Names of the members are those of the SDK's own settings where it has them. */
const schema = {
  type: 'object',
  propertyNames: { pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$' },
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    properties: {
      endpoint_url: { ...text, pattern: '^https?://[^/?#@]+/?$' },
      region: text,
      access_key_id: text,
      secret_access_key: text,
      session_token: text,
      path_style: { type: 'boolean' },
      requester_pays: { type: 'boolean' },
      archive_prefix: { type: 'string' },
    },
    dependencies: {
      access_key_id: ['secret_access_key'],
      secret_access_key: ['access_key_id'],
      session_token: ['access_key_id'],
    },
  },
};

interface Entry {
  readonly endpoint_url?: string;
  readonly region?: string;
  readonly access_key_id?: string;
  readonly secret_access_key?: string;
  readonly session_token?: string;
  readonly path_style?: boolean;
  readonly requester_pays?: boolean;
  readonly archive_prefix?: string;
}

const fits = new Ajv({ allErrors: true, strict: false }).compile<Record<string, Entry>>(schema);

/** Reads the file that the setting names; no buckets when it names none. */
export const bucketsFile = (found: string, from: string): readonly BucketAccess[] => {
  if (found === '') return [];
  const document = readJson(resolve(from, found));
  if (!fits(document)) {
    const [fault] = fits.errors ?? [];
    throw new Fault(
      `a JSON file {"<bucket>": {"endpoint_url", "region", "access_key_id", "secret_access_key", "session_token", "path_style", "requester_pays", "archive_prefix"}} (${fault?.instancePath ?? ''} ${fault?.message ?? ''})`,
    );
  }
  return Object.entries(document).map(([bucket, entry]) => accessOf(bucket, entry));
};

function accessOf(bucket: string, entry: Entry): BucketAccess {
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } = entry;
  const isSigned = accessKeyId !== undefined && secretAccessKey !== undefined;
  const token = entry.session_token;
  return {
    bucket,
    region: entry.region ?? 'us-east-1',
    // A name with dots does not fit a certificate for *.host.
    pathStyle: entry.path_style ?? (entry.endpoint_url !== undefined || bucket.includes('.')),
    requesterPays: entry.requester_pays ?? false,
    ...(entry.endpoint_url === undefined ? {} : { endpointUrl: entry.endpoint_url }),
    ...(entry.archive_prefix === undefined ? {} : { archivePrefix: entry.archive_prefix }),
    ...(isSigned
      ? {
          credentials: {
            accessKeyId,
            secretAccessKey,
            ...(token === undefined ? {} : { sessionToken: token }),
          },
        }
      : {}),
  };
}
