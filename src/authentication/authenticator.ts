/** Who asks? By what a request brings: an API key, a token of the issuer, or nothing. */
import { CredentialsMissing, CredentialsRefused } from '../errors.ts';
import { anonymousCaller } from '../jobs/caller.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Grant } from './grant.ts';
import type { Tokens } from './tokens.ts';

/** What a request brings. */
export type Credentials =
  | { readonly kind: 'key'; readonly key: string }
  /** `Authorization: Bearer`: a key or a token. */
  | { readonly kind: 'bearer'; readonly word: string }
  /** In a scheme that nobody knows, or malformed. */
  | { readonly kind: 'unknown' };

export interface AuthenticatorOptions {
  /** Absent: there are no API keys. */
  readonly keys?: ApiKeys | undefined;
  /** Absent: there is no issuer. */
  readonly tokens?: Tokens | undefined;
  /** Whether those who bring nothing are answered. */
  readonly allowsAnonymous: boolean;
}

/** What the API definition and refusals say of it. */
export interface Schemes {
  readonly hasKeys: boolean;
  /** The issuer of tokens; absent where there is none. */
  readonly issuer?: string;
  readonly allowsAnonymous: boolean;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly schemes: Schemes;

  constructor(options: AuthenticatorOptions) {
    const { keys, tokens, allowsAnonymous } = options;
    this.#options = options;
    this.schemes = {
      hasKeys: keys !== undefined,
      ...(tokens && { issuer: tokens.issuer }),
      allowsAnonymous,
    };
  }

  /** False where everybody is anonymous: then nothing that a request brings is looked at. */
  get isOn(): boolean {
    return this.schemes.hasKeys || this.schemes.issuer !== undefined;
  }

  /** @throws CredentialsMissing, CredentialsRefused, IssuerUnavailable */
  async grant(credentials: Credentials | undefined): Promise<Grant> {
    if (!this.isOn) return anonymousCaller;
    if (credentials !== undefined) return this.#known(credentials);
    if (this.#options.allowsAnonymous) return anonymousCaller;
    throw new CredentialsMissing(this.#accepted());
  }

  async #known(credentials: Credentials): Promise<Grant> {
    const { keys, tokens } = this.#options;
    if (credentials.kind === 'unknown')
      throw new CredentialsRefused(
        `The header Authorization is not understood. ${this.#accepted()}`,
      );
    const word = credentials.kind === 'key' ? credentials.key : credentials.word;
    // A key has no dots, a token has two.
    if (credentials.kind === 'bearer' && tokens !== undefined && word.split('.').length === 3)
      return tokens.grantOf(word);
    const grant = keys?.grantOf(word);
    if (grant === undefined)
      throw new CredentialsRefused(
        keys === undefined
          ? `Found no token of the issuer. ${this.#accepted()}`
          : 'The API key is not known: it is mistyped, was withdrawn, or is for another server.',
      );
    return grant;
  }

  #accepted(): string {
    const { hasKeys, issuer } = this.schemes;
    const ways = [
      ...(hasKeys
        ? ['an API key (X-API-Key, Authorization: Bearer, or as the password of Basic)']
        : []),
      ...(issuer === undefined ? [] : [`a token of ${issuer} (Authorization: Bearer)`]),
    ];
    return `Accepted: ${ways.join(', or ')}.`;
  }
}
