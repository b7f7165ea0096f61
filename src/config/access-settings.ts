/** Settings of who is answered, and how often. */
import { apiKeysFile } from './api-keys-file.ts';
import * as parse from './parse.ts';
import { setting } from './setting.ts';

export const accessSettings = {
  apiKeys: setting({
    name: 'API_KEYS_FILE',
    default: '',
    defaultShown: 'none',
    example: '/etc/cloudmask/keys.json',
    meaning:
      'JSON file with the API keys: whose they are, their digests and limits. `npm run keys -- new <owner>` makes an entry. A file that changes is read again within seconds.',
    parse: apiKeysFile,
  }),
  oidcIssuer: setting({
    name: 'OIDC_ISSUER',
    default: '',
    defaultShown: 'none',
    example: 'https://login.example.com/realms/eo',
    meaning:
      'OpenID Connect issuer whose bearer tokens are accepted, as it stands in `iss`. Its keys are found by `/.well-known/openid-configuration`. Needs `OIDC_AUDIENCE`; with http its origin has to be among `OUTBOUND_TRUSTED_ORIGINS`.',
    parse: parse.issuer,
  }),
  oidcAudience: setting({
    name: 'OIDC_AUDIENCE',
    default: '',
    defaultShown: 'none',
    example: 'https://example.com/masks',
    meaning: 'What tokens for this server have in `aud`.',
    parse: parse.optionalText,
  }),
  oidcPriorityClaim: setting({
    name: 'OIDC_PRIORITY_CLAIM',
    default: '',
    defaultShown: 'none',
    example: 'cloudmask_priority',
    meaning:
      "Claim of tokens with the priority of their owner's jobs, an integer from -100 to 100; without it 0.",
    parse: parse.optionalText,
  }),
  anonymous: setting({
    name: 'ANONYMOUS',
    default: '',
    defaultShown: '`denied` with `API_KEYS_FILE` or `OIDC_ISSUER`, else `allowed`',
    example: 'allowed',
    meaning:
      'Whether those who bring no credentials may run processes; all of them are one owner and see the same jobs: `allowed` or `denied`.',
    parse: parse.optionalWord(['allowed', 'denied'] as const),
  }),
  requestsPerMinute: setting({
    name: 'RATE_LIMIT',
    default: '',
    defaultShown: '`3000` requests, from other machines',
    example: '600',
    meaning:
      'Requests that one owner may make in a minute, and one address those that are anonymous; 0: as many as they like. Probes and result files do not count. Each server process counts for itself. Without this setting, programs on this machine are not counted.',
    parse: parse.optionalInteger(0, 1_000_000),
  }),
  executionsPerMinute: setting({
    name: 'EXECUTION_RATE_LIMIT',
    default: '',
    defaultShown: '`600` executions, from other machines',
    example: '60',
    meaning: 'Of these, executions of a process; 0: as many as they like.',
    parse: parse.optionalInteger(0, 1_000_000),
  }),
  trustedProxies: setting({
    name: 'TRUSTED_PROXIES',
    default: '',
    defaultShown: 'none',
    example: 'loopback,10.0.0.0/8',
    meaning:
      'Proxies in front of the server, separated by `,`, whose `X-Forwarded-For` is believed: addresses, networks (`10.0.0.0/8`), or `loopback`, `linklocal`, `uniquelocal`. Without them all clients behind a proxy have its address.',
    parse: parse.proxies,
  }),
};

/** What was read of these settings and of others that they depend on. A faulty one is undefined here. */
interface Found {
  readonly apiKeys?: unknown;
  readonly oidcIssuer?: string | undefined;
  readonly oidcAudience?: string | undefined;
  readonly anonymous?: string | undefined;
  readonly outboundTrustedOrigins?: readonly string[];
}

/** What is wrong with settings that are right by themselves. */
export function accessDisagreements(found: Found): readonly string[] {
  const { apiKeys, oidcIssuer, oidcAudience, anonymous, outboundTrustedOrigins = [] } = found;
  const { protocol, origin } = new URL(oidcIssuer ?? 'https://none');
  return [
    ...((oidcIssuer === undefined) === (oidcAudience === undefined)
      ? []
      : ['OIDC_ISSUER, OIDC_AUDIENCE: found only one of them; accepted: both or none']),
    ...(protocol === 'http:' && !outboundTrustedOrigins.includes(origin)
      ? [
          `OIDC_ISSUER: found "${oidcIssuer}"; accepted: https, or http at an origin of OUTBOUND_TRUSTED_ORIGINS. Over http anybody on the way can make tokens`,
        ]
      : []),
    ...(anonymous === 'denied' && apiKeys === undefined && oidcIssuer === undefined
      ? [
          'ANONYMOUS: found "denied"; accepted: with API_KEYS_FILE or OIDC_ISSUER, else nobody could come in',
        ]
      : []),
  ];
}
