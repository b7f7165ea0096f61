/**
 * API keys: long random words, of which the operator's file has only digests. Nobody can guess one, so a plain SHA-256
 * is enough; the slow digests for passwords would only slow down every request.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import type { Log } from '../log.ts';
import type { Grant } from './grant.ts';

/** One key of the file. */
export interface ApiKey {
  /** Name of the key, by which the operator finds it again. */
  readonly id: string;
  /** SHA-256 of the key, in hexadecimal digits. */
  readonly sha256: string;
  readonly grant: Grant;
}

/** Where the keys come from. */
export interface KeyFile {
  readonly file: string;
  /** @throws Error that says what is wrong, and quotes nothing of the file */
  read(): readonly ApiKey[];
}

/** How often it is looked whether the file has changed. */
const defaultPollMs = 5000;

/** A new key: `cm_` and 256 random bits. Programs that look for leaked secrets know it by its beginning. */
export function newKey(): string {
  return `cm_${randomBytes(32).toString('base64url')}`;
}

export function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export class ApiKeys {
  readonly #source: KeyFile;
  readonly #log: Log;
  /**
   * Grants are found by a digest of the digest under a secret of this process: how long a search takes tells nothing of
   * what stands in the file.
   */
  readonly #blind = randomBytes(32);
  #grants: ReadonlyMap<string, Grant>;

  /** @throws what `read` throws */
  constructor(source: KeyFile, log: Log) {
    this.#source = source;
    this.#log = log;
    this.#grants = this.#read();
  }

  /** Reads the file again whenever it changes. A faulty one is logged, and the keys stay as they were. */
  watch(pollMs = defaultPollMs): void {
    // By its times, not by events: those do not tell of files that are replaced, or mounted into a container.
    watchFile(this.#source.file, { interval: pollMs, persistent: false }, this.#renew);
  }

  stop(): void {
    unwatchFile(this.#source.file, this.#renew);
  }

  /** What the owner of a key may do; undefined where nobody has it. */
  grantOf(key: string): Grant | undefined {
    return this.#grants.get(this.#blinded(digestOf(key)));
  }

  readonly #renew = (): void => {
    const { file } = this.#source;
    try {
      this.#grants = this.#read();
      this.#log.info({ file, keys: this.#grants.size }, 'Keys:Read');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error({ file, reason }, 'Keys:NotRead');
    }
  };

  #read(): ReadonlyMap<string, Grant> {
    const keys = this.#source.read();
    return new Map(keys.map(({ sha256, grant }) => [this.#blinded(sha256), grant]));
  }

  #blinded(sha256: string): string {
    return createHmac('sha256', this.#blind).update(sha256).digest('hex');
  }
}
