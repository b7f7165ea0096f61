/** Composition of the server, the part that says who is answered, and how often. */
import { ApiKeys } from './authentication/api-keys.ts';
import { Authenticator } from './authentication/authenticator.ts';
import { IssuerKeys } from './authentication/issuer-keys.ts';
import { Tokens } from './authentication/tokens.ts';
import { productPlaces } from './child-program.ts';
import type { Config } from './config/config.ts';
import type { Access } from './http/access.ts';
import { Refusals } from './http/limits/refusals.ts';
import type { Log } from './log.ts';
import { OutboundClient } from './outbound/client.ts';
import { fetchDocument } from './outbound/document.ts';
import type { OutboundPolicy } from './outbound/policy.ts';

const MiB = 1024 * 1024;

export interface AccessParts {
  readonly access: Access;
  /** Begins to look whether the file of keys changes. */
  start(): void;
  stop(): Promise<void>;
}

export function createAccess(config: Config, log: Log, now: () => Date): AccessParts {
  const keys = config.apiKeys && new ApiKeys(config.apiKeys, log);
  const client = new OutboundClient(issuerPolicy(config));
  const tokens = createTokens(config, { client, log, now });
  const isOn = keys !== undefined || tokens !== undefined;
  const allowsAnonymous = (config.anonymous ?? (isOn ? 'denied' : 'allowed')) === 'allowed';
  return {
    access: {
      authenticator: new Authenticator({ keys, tokens, allowsAnonymous }),
      refusals: new Refusals(),
      trustedProxies: config.trustedProxies,
      requestsPerMinute: config.requestsPerMinute,
      executionsPerMinute: config.executionsPerMinute,
    },
    start: () => keys?.watch(),
    async stop() {
      keys?.stop();
      await client.close();
    },
  };
}

function createTokens(
  { oidcIssuer: issuer, oidcAudience: audience, oidcPriorityClaim: priorityClaim }: Config,
  { client, log, now }: { client: OutboundClient; log: Log; now: () => Date },
): Tokens | undefined {
  if (issuer === undefined || audience === undefined) return undefined;
  const fetch = async (url: string, signal: AbortSignal): Promise<Uint8Array> => {
    const request = { url, signal, maxBytes: MiB, retryDelaysMs: [] };
    return (await fetchDocument(client, request)).bytes;
  };
  const keys = new IssuerKeys(issuer, { fetch, log });
  return new Tokens({ issuer, audience, priorityClaim }, keys, now);
}

/** The operator vouches for the issuer, wherever it is; it may have its keys at another public host. */
function issuerPolicy(config: Config): OutboundPolicy {
  const { outbound } = productPlaces(config);
  const { oidcIssuer } = config;
  const own = oidcIssuer === undefined ? [] : [new URL(oidcIssuer).origin];
  return { ...outbound, allowedHosts: ['*'], trustedOrigins: [...outbound.trustedOrigins, ...own] };
}
