/** A real OpenID Connect provider on this machine, and tokens that it would never make, signed with its keys. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { Provider } from 'oidc-provider';

const audience = 'https://masks.example';
const secret = 'the secret of a client, for tests';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

export async function signingKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, publicKey, jwk };
}

export class Issuer {
  readonly audience = audience;
  readonly #server: Server;
  #answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  #keys: readonly SigningKey[] = [];
  /** Paths that were asked for. */
  readonly asked: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      this.#answer(request, response);
    });
  }

  static async start(...keys: readonly SigningKey[]): Promise<Issuer> {
    const issuer = new Issuer();
    await new Promise<void>((listening) =>
      issuer.#server.listen(0, '127.0.0.1', () => listening()),
    );
    issuer.use(...keys);
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Settings of a server that accepts its tokens. */
  get settings(): Readonly<Record<string, string>> {
    return {
      OIDC_ISSUER: this.url,
      OIDC_AUDIENCE: audience,
      OUTBOUND_TRUSTED_ORIGINS: this.url,
    };
  }

  /** From now on it has these keys, and signs with the first. */
  use(...keys: readonly SigningKey[]): void {
    this.#keys = keys;
    const provider = new Provider(this.url, configuration(keys));
    this.#answer = provider.callback();
  }

  /** From now on it answers with this. */
  fail(answer: RequestListener): void {
    this.#answer = answer;
  }

  /** A token as the provider itself makes it. */
  async token(client: string): Promise<string> {
    const answer = await fetch(`${this.url}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${client}:${encodeURIComponent(secret)}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: token } = (await answer.json()) as { access_token?: string };
    if (token === undefined) throw new Error(`The issuer answered ${answer.status}.`);
    return token;
  }

  /** A token that is right in everything but what is given. `undefined` leaves a claim out. */
  async forged(
    claims: Readonly<Record<string, unknown>>,
    header: Readonly<Record<string, unknown>> = {},
    key = this.#keys[0],
  ): Promise<string> {
    if (key === undefined) throw new Error('The issuer has no key.');
    const nowSeconds = Math.floor(Date.now() / 1000);
    const usual = {
      iss: this.url,
      aud: audience,
      sub: 'alice',
      iat: nowSeconds,
      exp: nowSeconds + 600,
    };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
      .sign(key.privateKey, { crit: { x: true } });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}

/** Tokens of clients are whole in themselves: the provider need not find them again. */
class NothingKept {
  async upsert(): Promise<void> {}
  async find(): Promise<undefined> {}
  async destroy(): Promise<void> {}
}

function configuration(keys: readonly SigningKey[]): object {
  const client = (id: string) => ({
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  });
  const alg = keys[0]?.alg;
  return {
    adapter: NothingKept,
    ttl: { ClientCredentials: 600 },
    clients: ['alice', 'bob'].map(client),
    jwks: { keys: keys.map(({ jwk }) => jwk) },
    extraTokenClaims: () => ({ cloudmask_priority: 7 }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg } },
        }),
      },
    },
  };
}
