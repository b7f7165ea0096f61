/**
 * Sealing of what a job must not keep in clear: AES-256-GCM with the id of the job as associated data, so that a sealed
 * value opens for its own job only. One secret of the server, of which both keys are made (RFC 5869).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { SecretsLost } from '../errors.ts';

const cipher = 'aes-256-gcm';
const version = 'v1';

export class Sealer {
  readonly #key: Buffer;
  readonly #digestKey: Buffer;
  /** Tells one secret from another without telling about it. */
  readonly #keyId: string;

  constructor(secret: string) {
    const made = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
    this.#key = made('sealing of jobs');
    this.#digestKey = made('digests of requests');
    this.#keyId = createHash('sha256').update(made('name')).digest('hex').slice(0, 8);
  }

  /** A text that only `open` understands, and only for the same job. */
  seal(jobId: string, text: string): string {
    const nonce = randomBytes(12);
    const sealing = createCipheriv(cipher, this.#key, nonce).setAAD(Buffer.from(jobId));
    const sealed = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
    const parts = [nonce, sealing.getAuthTag(), sealed].map((part) => part.toString('base64url'));
    return [version, this.#keyId, ...parts].join('.');
  }

  /** @throws SecretsLost when it was sealed with another secret, or for another job, or was changed */
  open(jobId: string, sealed: string): string {
    const [found, keyId, ...parts] = sealed.split('.');
    if (found !== version || keyId !== this.#keyId)
      throw new SecretsLost('The secrets of the job were sealed with another SECRET_KEY.');
    const [nonce, tag, data] = parts.map((part) => Buffer.from(part, 'base64url'));
    if (nonce === undefined || tag?.byteLength !== 16 || data === undefined) throw damaged();
    try {
      const opening = createDecipheriv(cipher, this.#key, nonce, { authTagLength: 16 })
        .setAAD(Buffer.from(jobId))
        .setAuthTag(tag);
      return Buffer.concat([opening.update(data), opening.final()]).toString('utf8');
    } catch {
      throw damaged();
    }
  }

  /** The same text gives the same digest, which tells nothing about the text (HMAC-SHA-256, hex). */
  digest(text: string): string {
    return createHmac('sha256', this.#digestKey).update(text).digest('hex');
  }
}

function damaged(): SecretsLost {
  return new SecretsLost('The secrets of the job are damaged.');
}
