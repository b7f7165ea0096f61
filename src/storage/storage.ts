/** Where results live, and how they are handed out. */
import { createHash } from 'node:crypto';
import { Unusable } from '../errors.ts';

/** A result file in the store. */
export interface Stored {
  readonly key: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly fileName: string;
}

/** How a stored file is handed out. */
export type Access =
  /** Absolute path on this machine. */
  | { readonly kind: 'file'; readonly path: string }
  /** Address at which anybody may read it for a while; made anew for each access. */
  | { readonly kind: 'link'; readonly url: string };

/** In bytes. */
export interface ByteRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Where results live. Keys look like `jobs/<id>/<attempt>/<file name>`. */
export interface Storage {
  /** Takes a file over (it is gone from where it was). What resolves is durable. */
  put(key: string, file: string, mediaType: string): Promise<Stored>;
  /** Undefined when there is nothing under its key. */
  access(stored: Stored): Promise<Access | undefined>;
  /** A part of a file that is there. */
  bytes(stored: Stored, range: ByteRange): AsyncIterable<Uint8Array>;
  /** Whole content of a small file, checked against its checksum. */
  read(stored: Stored): Promise<Buffer>;
  /** Removes everything whose key begins with `prefix/`, and what was begun there and not ended. Nothing there is fine. */
  remove(prefix: string): Promise<void>;
  /** Whether it can be reached, as of a moment ago. */
  answers(): Promise<boolean>;
  /** All `jobs/<id>/<attempt>` that have something, be it only begun. */
  attempts(): AsyncIterable<{ readonly jobId: string; readonly attempt: number }>;
}

/** @throws Unusable where the content is not the one that was stored */
export function assertUndamaged(content: Uint8Array, { key, sha256 }: Stored): void {
  if (createHash('sha256').update(content).digest('hex') !== sha256)
    throw new Unusable(`The stored result ${key} is damaged: its checksum does not fit.`);
}
