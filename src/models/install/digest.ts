import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CheckpointRefused } from '../../errors.ts';

export interface Digest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Size and SHA-256 of a file. */
export async function digestOf(file: string, signal: AbortSignal): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    createReadStream(file),
    async function* count(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        yield chunk;
      }
    },
    hash,
    { signal },
  );
  return { bytes, sha256: hash.digest('hex') };
}

/** @throws CheckpointRefused saying what the file has and what it should have. */
export function assertDigest(name: string, found: Digest, expected: Digest): void {
  const remedy = 'It is another file, damaged, or not complete.';
  if (found.bytes !== expected.bytes) {
    throw new CheckpointRefused(
      `${name} has ${found.bytes} bytes; the checkpoint has ${expected.bytes}. ${remedy}`,
    );
  }
  if (found.sha256 !== expected.sha256) {
    throw new CheckpointRefused(
      `${name} has the SHA-256 ${found.sha256}; the checkpoint has ${expected.sha256}. ${remedy}`,
    );
  }
}
