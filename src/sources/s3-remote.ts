/** One object of a configured bucket as a `Remote`. */
import { open } from 'node:fs/promises';
import { kindBytes } from '../archives/kind.ts';
import type { RandomAccess } from '../archives/random-access.ts';
import { ProductRefused } from '../errors.ts';
import type { S3Bucket, S3Object } from '../s3/bucket.ts';
import { collected, type Remote, type RemoteDocument, type SaveRequest } from './remote.ts';

export class S3Remote implements Remote {
  readonly shown: string;
  readonly #bucket: S3Bucket;
  readonly #object: S3Object;

  constructor(bucket: S3Bucket, object: S3Object) {
    this.#bucket = bucket;
    this.#object = object;
    this.shown = bucket.shown(object.key);
  }

  head(signal: AbortSignal): Promise<Uint8Array> {
    return collected(this.#part(0, Math.min(kindBytes, this.#object.bytes), signal));
  }

  async document(maxBytes: number, signal: AbortSignal): Promise<RemoteDocument> {
    const path = this.#object.key.split('/').map(encodeURIComponent).join('/');
    const base = new URL(this.#bucket.shown(path));
    return { bytes: await collected(this.bytes(maxBytes, signal)), base };
  }

  bytes(maxBytes: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const { bytes } = this.#object;
    if (bytes > maxBytes) {
      throw new ProductRefused(
        `${this.shown} has ${bytes} bytes; accepted are at most ${maxBytes}.`,
      );
    }
    return this.#part(0, bytes, signal);
  }

  async random(signal: AbortSignal): Promise<RandomAccess> {
    return {
      size: this.#object.bytes,
      stream: (from, to) => this.#part(from, to, signal),
      read: (from, length) => collected(this.#part(from, from + length, signal)),
    };
  }

  async save({ file, maxBytes, signal, onBytes }: SaveRequest): Promise<void> {
    const chunks = this.bytes(maxBytes, signal);
    const target = await open(file, 'wx', 0o600);
    try {
      for await (const chunk of chunks) {
        await target.writeFile(chunk);
        onBytes(chunk.byteLength);
      }
    } finally {
      await target.close();
    }
  }

  #part(from: number, to: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#bucket.bytes(this.#object, { from, to }, signal);
  }
}
