/** Public keys of an OpenID Connect issuer: found by its discovery document, kept for a while, renewed when it rotates them. */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JWSHeaderParameters,
  type RemoteJWKSet,
} from 'jose';
import { IssuerUnavailable } from '../errors.ts';
import type { Log } from '../log.ts';

export interface IssuerTools {
  /** Brings a small document. Rejects where that fails. */
  readonly fetch: (url: string, signal: AbortSignal) => Promise<Uint8Array>;
  readonly log: Log;
  /** After a failure the issuer has as long, in ms, before it is asked again. */
  readonly pauseMs?: number;
  /** After its keys were brought, an unknown one makes no call for as long, in ms. */
  readonly cooldownMs?: number;
}

const longestCallMs = 5000;

/** An issuer that failed just now is not asked with every request. */
class NotAskedAgain extends Error {}

export class IssuerKeys {
  readonly #issuer: string;
  readonly #tools: Required<IssuerTools>;
  #keys: Promise<RemoteJWKSet> | undefined;
  #quietUntilMs = 0;

  constructor(issuer: string, tools: IssuerTools) {
    this.#issuer = issuer;
    this.#tools = { pauseMs: 5000, cooldownMs: 30_000, ...tools };
  }

  /**
   * The key with which a token was signed, by its header.
   * @throws IssuerUnavailable; errors of jose where the token names no key of the issuer
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    let keys: RemoteJWKSet | undefined;
    try {
      keys = await (this.#keys ??= this.#discover());
      return await keys(header, token);
    } catch (error) {
      if (isAboutToken(error)) throw error;
      // Their address may have changed. Fresh ones stay: an unknown key alone would not end them.
      if (keys?.fresh !== true) this.#keys = undefined;
      this.#note(error);
      throw new IssuerUnavailable(this.#issuer, { cause: error });
    }
  }

  async #discover(): Promise<RemoteJWKSet> {
    const place = `${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const bytes = await this.#fetch(place, AbortSignal.timeout(longestCallMs));
    const document = JSON.parse(Buffer.from(bytes).toString('utf8')) as Readonly<
      Record<string, unknown>
    > | null;
    const address = document?.['jwks_uri'];
    // OpenID Connect Discovery 1.0, §4.3: the document has to be about this very issuer.
    if (document?.['issuer'] !== this.#issuer || typeof address !== 'string')
      throw new Error(`The document at ${place} is not that of OIDC_ISSUER.`);
    return createRemoteJWKSet(new URL(address), {
      cooldownDuration: this.#tools.cooldownMs,
      timeoutDuration: longestCallMs,
      [customFetch]: async (url, { signal }) =>
        new Response(Buffer.from(await this.#fetch(url, signal))),
    });
  }

  async #fetch(url: string, signal: AbortSignal): Promise<Uint8Array> {
    if (Date.now() < this.#quietUntilMs) throw new NotAskedAgain('It failed a moment ago.');
    return this.#tools.fetch(url, signal);
  }

  #note(error: unknown): void {
    if (error instanceof NotAskedAgain) return;
    this.#quietUntilMs = Date.now() + this.#tools.pauseMs;
    this.#tools.log.warn({ err: error, issuer: this.#issuer }, 'Issuer:NotReached');
  }
}

/** The issuer has answered, and the token does not fit. */
function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
