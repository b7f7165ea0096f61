/** The body of an answer under limits: how slowly it may come, how much, and how it may be packed. */
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { PassingFault } from './fault.ts';

export interface Pace {
  /** How long nothing may come. */
  readonly idleMs: number;
  /** Less than this, on average over `idleMs`, counts as nothing: a body that drips would never end. */
  readonly slowestBytesPerSecond: number;
}

/**
 * The chunks of a body. Only the time spent waiting for the server counts, not that of a slow reader.
 * @throws PassingFault where it comes too slowly. Whoever stops early ends the connection.
 */
export async function* pacedChunks(body: Readable, pace: Pace): AsyncGenerator<Uint8Array> {
  const least = (pace.slowestBytesPerSecond * pace.idleMs) / 1000;
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let leftMs = pace.idleMs;
  let came = 0;
  try {
    for (;;) {
      const since = performance.now();
      const tooSlow = new PassingFault(`too little came for ${pace.idleMs / 1000} s`);
      const timer = setTimeout(() => body.destroy(tooSlow), leftMs);
      const step = await chunks.next().finally(() => clearTimeout(timer));
      if (step.done === true) return;
      leftMs -= performance.now() - since;
      came += step.value.length;
      if (came >= least) {
        leftMs = pace.idleMs;
        came = 0;
      }
      yield step.value;
    }
  } finally {
    discard(body);
  }
}

/** Ends a body and its connection. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}

const smallBytes = 16_384;

/** Ends a body that nobody reads; a small one is taken off the connection, which can be used again then. */
export function release(body: Dispatcher.ResponseData['body']): void {
  body.dump({ limit: smallBytes }).catch(() => undefined);
}

/** Passes the chunks on and tells of each how many bytes came so far. `count` throws where it is too much. */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    count(bytes);
    yield chunk;
  }
}

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What unpacks a body of this `Content-Encoding`; undefined where it is not known, or packed more than once. */
export function unpackerOf(encoding: string): (() => Transform) | undefined {
  const name = encoding.trim().toLowerCase();
  return Object.hasOwn(unpackers, name) ? unpackers[name] : undefined;
}

/** The unpacked bytes, as a stream: they are to be counted by whoever reads. */
export function unpacked(
  chunks: AsyncIterable<Uint8Array>,
  unpacker: Transform,
): AsyncIterable<Uint8Array> {
  // A fault of either end reaches the reader through the iteration.
  pipeline(chunks, unpacker, () => undefined);
  return unpacker;
}
