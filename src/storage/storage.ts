/** A result file in the store. */
export interface Stored {
  readonly key: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly fileName: string;
}

/** How a stored file is handed out. Another store may add `{kind: 'link'}`. */
export interface Access {
  readonly kind: 'file';
  /** Absolute path. */
  readonly path: string;
}

/** Where results live. Keys look like `jobs/<id>/<attempt>/<file name>`. */
export interface Storage {
  /** Takes a file over (it is gone from where it was). What resolves is durable. */
  put(key: string, file: string, mediaType: string): Promise<Stored>;
  /** Undefined when there is nothing under this key. */
  access(key: string): Promise<Access | undefined>;
  /** Whole content of a small file, checked against its checksum. */
  read(stored: Stored): Promise<Buffer>;
  /** Removes everything whose key begins with `prefix/`. Nothing there is fine. */
  remove(prefix: string): Promise<void>;
  /** All `jobs/<id>/<attempt>` that have something. */
  attempts(): AsyncIterable<{ readonly jobId: string; readonly attempt: number }>;
}
