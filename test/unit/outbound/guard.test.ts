import { describe, expect, it } from 'vitest';
import { AddressNotAllowed } from '../../../src/errors.ts';
import {
  checkAddress,
  checkUrl,
  resolveHost,
  type HostAddress,
} from '../../../src/outbound/guard.ts';
import { defaultPorts, type OutboundPolicy } from '../../../src/outbound/policy.ts';

const aPolicy = (change: Partial<OutboundPolicy> = {}): OutboundPolicy => ({
  allowedHosts: ['*'],
  deniedHosts: [],
  trustedOrigins: [],
  ports: defaultPorts,
  ...change,
});

const address = (text: string): HostAddress => ({
  address: text,
  family: text.includes(':') ? 6 : 4,
});

const outcome = (text: string, policy: OutboundPolicy): string => {
  try {
    return checkUrl(text, policy).href;
  } catch (error) {
    return (error as Error).name;
  }
};

describe('checkUrl', () => {
  it.each([
    ['https://a.example/x?y=1#z', 'https://a.example/x?y=1'],
    ['https://A.EXAMPLE/X', 'https://a.example/X'],
    ['https://a.example./x', 'https://a.example/x'],
    ['https://a.example:8443/x', 'https://a.example:8443/x'],
    ['https://8.8.8.8/x', 'https://8.8.8.8/x'],
    ['https://[2606:4700::1111]/x', 'https://[2606:4700::1111]/x'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ])('lets %s through as %s', (text, href) => {
    expect(checkUrl(text, aPolicy()).href).toBe(href);
  });

  it.each([
    'http://a.example/',
    'ftp://a.example/',
    'file:///etc/passwd',
    'gopher://a.example/',
    'data:text/plain,x',
    's3://bucket/key',
    '/etc/passwd',
    '//a.example/x',
    '',
    'https://',
    'https://a..example/',
    'https://a.example../',
    'https://./',
    `https://a.example/${'x'.repeat(9000)}`,
    'https://a.example:22/',
    'https://a.example:80/',
    'https://a.example:6379/',
    'https://user@a.example/',
    'https://user:password@a.example/',
    'https://a.example@127.0.0.1/',
    'https://a.example%2f@127.0.0.1/',
    'https://127.0.0.1\\@a.example/',
    'https://0/',
    'https://0.0.0.0/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://①②⑦.⓪.⓪.①/',
    'https://１２７。０。０。１/',
    'https://127%2e0%2e0%2e1/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:7f00:1::]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.0.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
  ])('refuses %j, whatever host is allowed', (text) => {
    expect(outcome(text, aPolicy())).toBe('AddressNotAllowed');
  });

  it.each([
    ['https://a.example/', ['a.example'], [], true],
    ['https://a.example/', ['A.Example.'], [], true],
    ['https://b.a.example/', ['a.example'], [], false],
    ['https://a.example/', ['*.a.example'], [], false],
    ['https://c.b.a.example/', ['*.a.example'], [], true],
    ['https://evila.example/', ['*.a.example'], [], false],
    ['https://a.example.evil.example/', ['a.example', '*.a.example'], [], false],
    ['https://a.example/', ['*'], ['a.example'], false],
    ['https://a.example./', ['*'], ['a.example'], false],
    ['https://b.a.example/', ['*'], ['*.a.example'], false],
    ['https://a.example/', ['a.example'], ['*'], false],
    ['https://a.example/', [], [], false],
    ['https://a.example/', ['', '*.', '.'], [], false],
    ['https://bücher.example/', ['bücher.example'], [], true],
    // A Cyrillic letter that looks like a Latin one.
    ['https://\u0430.example/', ['a.example'], [], false],
    ['https://ａ.example/', ['a.example'], [], true],
    ['https://[2606:4700::1111]/', ['[2606:4700::1111]'], [], true],
  ] as const)('%s with allowed %j and denied %j: %s', (text, allowedHosts, deniedHosts, passes) => {
    const found = outcome(text, aPolicy({ allowedHosts, deniedHosts }));
    expect(found !== 'AddressNotAllowed').toBe(passes);
  });

  it.each([
    ['http://archive.intra:8080/x', true],
    ['http://ARCHIVE.intra.:8080/x', true],
    ['http://10.0.0.7:9000/x', true],
    ['https://archive.intra:8080/x', false],
    ['http://archive.intra/x', false],
    ['http://archive.intra:8081/x', false],
    ['http://b.archive.intra:8080/x', false],
    ['http://user@archive.intra:8080/x', false],
    ['http://10.0.0.8:9000/x', false],
    ['http://denied.intra/x', false],
  ])('knows the origins that the operator vouches for: %s %s', (text, passes) => {
    const policy = aPolicy({
      allowedHosts: [],
      deniedHosts: ['denied.intra'],
      trustedOrigins: [
        'http://archive.intra:8080',
        'http://10.0.0.7:9000/',
        'http://denied.intra',
        'no origin',
      ],
    });
    expect(outcome(text, policy) !== 'AddressNotAllowed').toBe(passes);
  });

  it.each([
    [
      'https://me:secret@a.example/x?sig=secret',
      'https://a.example/x: address not allowed, it holds a user name or a password. ' +
        'Accepted: https addresses on port 443 or 8443 of a.example, *.b.example.',
    ],
    [
      'http://intern.example/x?sig=secret#secret',
      'http://intern.example/x: address not allowed, its host is not among the accepted ones. ' +
        'Accepted: https addresses on port 443 or 8443 of a.example, *.b.example.',
    ],
    [
      'https://a.example:22/x',
      'https://a.example:22/x: address not allowed, its port is 22. ' +
        'Accepted: https addresses on port 443 or 8443 of a.example, *.b.example.',
    ],
  ])('says of %s what is accepted, without secrets and trusted origins', (text, message) => {
    const policy = aPolicy({
      allowedHosts: ['a.example', '*.b.example'],
      trustedOrigins: ['http://archive.intra:8080'],
    });
    expect(() => checkUrl(text, policy)).toThrow(new AddressNotAllowed(message));
  });

  it('lists few of many hosts, and says where none or all are accepted', () => {
    const accepted = (allowedHosts: readonly string[]): string => {
      try {
        return checkUrl('ftp://x.example/', aPolicy({ allowedHosts })).href;
      } catch (error) {
        return (error as Error).message.split('Accepted: ')[1] ?? '';
      }
    };
    const many = Array.from({ length: 11 }, (_, at) => `h${at}`);
    expect([accepted([]), accepted(['*']), accepted(many)]).toEqual([
      'no addresses of other servers.',
      'https addresses on port 443 or 8443 of public hosts.',
      'https addresses on port 443 or 8443 of h0, h1, h2, h3, h4, h5, h6, h7 and 3 more.',
    ]);
  });
});

describe('resolveHost', () => {
  const resolve = (
    found: readonly string[] | Error,
    policy = aPolicy(),
    text = 'https://a.example/x',
  ): Promise<readonly HostAddress[]> =>
    resolveHost(checkUrl(text, policy), policy, () =>
      found instanceof Error ? Promise.reject(found) : Promise.resolve(found.map(address)),
    );

  it('gives all addresses of a host', async () => {
    expect(await resolve(['8.8.8.8', '2606:4700::1111'])).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
  });

  it.each([
    [['127.0.0.1']],
    [['8.8.8.8', '127.0.0.1']],
    [['8.8.8.8', '::1']],
    [['2606:4700::1111', '::ffff:10.0.0.1']],
    [['8.8.8.8', '169.254.169.254']],
    [['not an address']],
    [[]],
  ])('refuses a host at %j', async (found) => {
    await expect(resolve(found)).rejects.toThrow(AddressNotAllowed);
  });

  it('says the same of a host that does not exist and of one that is inside', async () => {
    const missing = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    const messages = await Promise.all(
      [missing, ['10.0.0.1']].map((found) => resolve(found).catch((error: Error) => error.message)),
    );
    const message =
      'https://a.example/x: address not allowed, its host is unknown or not at a public address. ' +
      'Accepted: https addresses on port 443 or 8443 of public hosts.';
    expect(messages).toEqual([message, message]);
  });

  it('hands on a fault of the resolver that may pass', async () => {
    const busy = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
    await expect(resolve(busy)).rejects.toBe(busy);
  });

  it('allows a private address where the operator vouches for the origin', async () => {
    const policy = aPolicy({ trustedOrigins: ['https://a.example'] });
    expect(await resolve(['10.0.0.1'], policy)).toEqual([{ address: '10.0.0.1', family: 4 }]);
  });

  it('asks nobody about a literal address', async () => {
    const policy = aPolicy();
    const never = (): Promise<never> => Promise.reject(new Error('asked'));
    expect([
      await resolveHost(checkUrl('https://8.8.8.8/', policy), policy, never),
      await resolveHost(checkUrl('https://[2606:4700::1111]/', policy), policy, never),
    ]).toEqual([[address('8.8.8.8')], [address('2606:4700::1111')]]);
    await expect(resolveHost(new URL('https://127.0.0.1/'), policy, never)).rejects.toThrow(
      AddressNotAllowed,
    );
  });
});

describe('checkAddress', () => {
  const check = async (found: readonly string[] | string, text = 'https://a.example/x') => {
    const lookup = async () => {
      if (typeof found === 'string') throw Object.assign(new Error(found), { code: found });
      return found.map(address);
    };
    return checkAddress(text, aPolicy(), { lookup }).then(
      () => 'may be called',
      (error: Error) => error.name,
    );
  };

  it('says what is known before a call', async () => {
    expect([
      await check(['8.8.8.8']),
      await check(['8.8.8.8', '10.0.0.1']),
      await check('ENOTFOUND'),
      await check(['8.8.8.8'], 'http://a.example/'),
    ]).toEqual(['may be called', 'AddressNotAllowed', 'AddressNotAllowed', 'AddressNotAllowed']);
  });

  it.each(['EAI_AGAIN', 'ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED'])(
    'leaves it to the call where the resolver is out of order: %s',
    async (code) => {
      expect(await check(code)).toBe('may be called');
    },
  );

  it('does not wait for a resolver that never answers', async () => {
    const lookup = () => new Promise<HostAddress[]>(() => undefined);
    const checked = checkAddress('https://a.example/', aPolicy(), { lookup, limitMs: 10 });
    await expect(checked).resolves.toBeUndefined();
  });
});
