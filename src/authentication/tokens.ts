/** Bearer tokens of an OpenID Connect issuer: signed by one of its keys, made for this server, and not expired. */
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { CredentialsRefused } from '../errors.ts';
import type { Grant } from './grant.ts';
import type { IssuerKeys } from './issuer-keys.ts';

export interface TokenSettings {
  /** As it stands in tokens. */
  readonly issuer: string;
  /** What tokens for this server have in `aud`. */
  readonly audience: string;
  /** The claim with the priority of the owner's jobs; absent: all are alike. */
  readonly priorityClaim?: string | undefined;
}

/** Signatures by a key pair only: with a shared secret, who can check a token could make one. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** RFC 9068 names access tokens; many issuers still say JWT, or nothing. Other types are no access tokens. */
const types = /^(?:application\/)?(?:at\+)?jwt$/i;

/** Clocks may differ by as much. */
const toleranceSeconds = 30;

/** Priorities beyond are cut off. */
const highestPriority = 100;

export class Tokens {
  readonly issuer: string;
  readonly #settings: TokenSettings;
  readonly #keys: Pick<IssuerKeys, 'find'>;
  readonly #now: () => Date;

  constructor(settings: TokenSettings, keys: Pick<IssuerKeys, 'find'>, now: () => Date) {
    this.issuer = settings.issuer;
    this.#settings = settings;
    this.#keys = keys;
    this.#now = now;
  }

  /** @throws CredentialsRefused, IssuerUnavailable */
  async grantOf(token: string): Promise<Grant> {
    const { issuer, priorityClaim } = this.#settings;
    const claims = await this.#verified(token);
    // A signed token may hold anything.
    const sub: unknown = claims.sub;
    // OpenID Connect Core 1.0, §2: at most 255 ASCII characters.
    if (typeof sub !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(sub))
      throw refused('its subject (sub) is no name of at most 255 ASCII characters');
    const priority = priorityClaim === undefined ? undefined : claims[priorityClaim];
    return {
      // The names of two issuers never meet, nor those of API keys: they have no colon.
      owner: `oidc:${issuer.replace(/^https?:\/\//, '')}#${sub}`,
      ...(Number.isInteger(priority) && { priority: withinBounds(Number(priority)) }),
    };
  }

  async #verified(token: string): Promise<JWTPayload> {
    const { issuer, audience } = this.#settings;
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        (header, input) => this.#keys.find(header, input),
        {
          algorithms,
          issuer,
          audience,
          requiredClaims: ['exp', 'sub'],
          clockTolerance: toleranceSeconds,
          currentDate: this.#now(),
        },
      );
      const { typ } = protectedHeader;
      if (typ !== undefined && !types.test(typ)) throw refused('it is no access token');
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refused(reasonOf(error), error);
      throw error;
    }
  }
}

function withinBounds(priority: number): number {
  return Math.max(-highestPriority, Math.min(highestPriority, priority));
}

/** No message of jose's: those could quote the token. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its claim "${error.claim}" is not the one that is accepted here`;
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'it is signed by an algorithm that is not accepted';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the issuer has no such key';
  return 'it is malformed, or its signature is not right';
}

function refused(reason: string, cause?: unknown): CredentialsRefused {
  return new CredentialsRefused(`The token is not accepted: ${reason}.`, { cause });
}
