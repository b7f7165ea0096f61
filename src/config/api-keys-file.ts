/** The operator's file of API keys: digests, owners and limits. */
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import type { ApiKey, KeyFile } from '../authentication/api-keys.ts';
import { ownerPattern } from '../authentication/owner-name.ts';
import { readJson } from './json-file.ts';
import { Fault } from './parse.ts';

const count = { type: 'integer', minimum: 1, maximum: 1_000_000 } as const;

/** `{"<id of the key>": {…}}` */
const schema = {
  type: 'object',
  propertyNames: { pattern: '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$' },
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    required: ['owner', 'sha256'],
    properties: {
      owner: { type: 'string', pattern: ownerPattern.source },
      sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      priority: { type: 'integer', minimum: -100, maximum: 100 },
      max_queued: count,
      max_running: count,
      requests_per_minute: { ...count, minimum: 0 },
    },
  },
};

interface Entry {
  readonly owner: string;
  readonly sha256: string;
  readonly priority?: number;
  readonly max_queued?: number;
  readonly max_running?: number;
  readonly requests_per_minute?: number;
}

const fits = new Ajv({ allErrors: true, strict: false }).compile<Record<string, Entry>>(schema);

/** Where the keys that the setting names are read, after a first look at them; undefined when it names no file. */
export const apiKeysFile = (found: string, from: string): KeyFile | undefined => {
  if (found === '') return undefined;
  const file = resolve(from, found);
  readKeys(file);
  return { file, read: () => readKeys(file) };
};

/** @throws Fault */
function readKeys(file: string): readonly ApiKey[] {
  const document = readJson(file);
  if (!fits(document)) {
    const [fault] = fits.errors ?? [];
    throw new Fault(
      `a JSON file {"<id of the key>": {"owner", "sha256", "priority", "max_queued", "max_running", "requests_per_minute"}}, of which owner and sha256 are needed (${fault?.instancePath ?? ''} ${fault?.message ?? ''})`,
    );
  }
  const keys = Object.entries(document).map(([id, entry]) => keyOf(id, entry));
  const digests = keys.map(({ sha256 }) => sha256);
  const twice = keys.find(({ sha256 }, at) => digests.indexOf(sha256) !== at);
  if (twice !== undefined)
    throw new Fault(`a JSON file in which every key stands once ("${twice.id}" is there twice)`);
  return keys;
}

function keyOf(id: string, entry: Entry): ApiKey {
  const { owner, sha256, priority, max_queued, max_running, requests_per_minute } = entry;
  return {
    id,
    sha256,
    grant: {
      owner,
      ...(priority !== undefined && { priority }),
      ...(max_queued !== undefined && { maxQueued: max_queued }),
      ...(max_running !== undefined && { maxRunning: max_running }),
      ...(requests_per_minute !== undefined && { requestsPerMinute: requests_per_minute }),
    },
  };
}
