/** Something that lies elsewhere, as one stream of bytes: an http(s) address, an object of a bucket, or a file of this machine. */
import type { RandomAccess } from '../archives/random-access.ts';

export interface SaveRequest {
  /** Receives the bytes; must not exist yet. */
  readonly file: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Hears how many bytes came (since the last call). */
  readonly onBytes: (count: number) => void;
}

export interface Remote {
  /** For messages: without anything that grants access. */
  readonly shown: string;
  /** The first `kindBytes` bytes, or all where it is shorter. @throws TransferFailed, AddressNotAllowed */
  head(signal: AbortSignal): Promise<Uint8Array>;
  /** All bytes of a small document, and what relative addresses in it are relative to. */
  document(maxBytes: number, signal: AbortSignal): Promise<RemoteDocument>;
  /** All its bytes in order, continued after cuts. */
  bytes(maxBytes: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Reading at will, or undefined where only the whole can be had. */
  random(signal: AbortSignal): Promise<RandomAccess | undefined>;
  /** Writes all its bytes into a file, continued after cuts. */
  save(request: SaveRequest): Promise<void>;
}

export interface RemoteDocument {
  readonly bytes: Uint8Array;
  /** Undefined for a file of this machine: nothing in it may be relative. */
  readonly base: URL | undefined;
}

/** All bytes of a short stream. */
export async function collected(
  chunks: AsyncIterable<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(Buffer.concat(all));
}
