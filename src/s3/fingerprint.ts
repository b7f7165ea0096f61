/** What a file must look like where it was uploaded. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';

export interface Fingerprint {
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** CRC-32 as S3 writes it (base64): of the whole, and of the checksums of the parts as a multipart upload has it. */
  readonly crc32: readonly string[];
}

/** Reads a file once. */
export async function fingerprint(path: string, partBytes: number): Promise<Fingerprint> {
  const hash = createHash('sha256');
  const parts = [0];
  let whole = 0;
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    whole = crc32(chunk, whole);
    for (let at = 0; at < chunk.length;) {
      // A part that is full is followed by another only where there is more.
      if (size > 0 && size % partBytes === 0) parts.push(0);
      const taken = chunk.subarray(at, at + partBytes - (size % partBytes));
      parts.push(crc32(taken, parts.pop()));
      at += taken.length;
      size += taken.length;
    }
  }
  const composite = crc32(Buffer.concat(parts.map(bigEndian)));
  return {
    size,
    sha256: hash.digest('hex'),
    crc32: [base64(whole), `${base64(composite)}-${parts.length}`],
  };
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function base64(value: number): string {
  return bigEndian(value).toString('base64');
}
