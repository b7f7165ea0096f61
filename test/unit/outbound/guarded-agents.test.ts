import { request as plainRequest, type RequestListener } from 'node:http';
import { request as secureRequest } from 'node:https';
import { describe, expect, it } from 'vitest';
import type { HostAddress, Lookup } from '../../../src/outbound/guard.ts';
import { guardedAgents } from '../../../src/outbound/guarded-agents.ts';
import type { OutboundPolicy } from '../../../src/outbound/policy.ts';
import { withServer } from '../../support/hostile-server.ts';
import { timeouts, trusting } from '../../support/outbound.ts';
import { withTrap } from '../../support/trap.ts';

const hello: RequestListener = (_request, response) => response.end('hello');
const { connectMs } = timeouts;

/** Status of the answer, or the error's name. */
async function outcome(url: string, policy: OutboundPolicy, lookup?: Lookup): Promise<string> {
  const agents = guardedAgents(policy, { lookup, connectMs });
  const isSecure = url.startsWith('https:');
  const ask = isSecure ? secureRequest : plainRequest;
  try {
    return await new Promise<string>((resolve, reject) => {
      const agent = isSecure ? agents.httpsAgent : agents.httpAgent;
      const asked = ask(url, { agent }, (answer) => {
        answer.resume().once('end', () => resolve(String(answer.statusCode)));
      });
      asked.once('error', reject).end();
    });
  } catch (error) {
    return (error as Error).name;
  } finally {
    agents.httpAgent.destroy();
    agents.httpsAgent.destroy();
  }
}

const everywhere = (...ports: number[]): OutboundPolicy => ({
  allowedHosts: ['*'],
  deniedHosts: [],
  trustedOrigins: [],
  ports,
});

describe('guardedAgents', () => {
  it('connect where the operator vouches for the origin', () =>
    withServer(hello, async ({ origin }) => {
      expect(await outcome(origin, trusting(origin))).toBe('200');
    }));

  it.each([
    ['a name that leads inside', 'https://bucket.example:PORT/', ['127.0.0.1']],
    ['one good and one bad address', 'https://bucket.example:PORT/', ['8.8.8.8', '127.0.0.1']],
    ['the metadata service', 'https://bucket.example:PORT/', ['169.254.169.254']],
    ['a literal address', 'https://127.0.0.1:PORT/', []],
    ['a literal address of IPv6', 'https://[::1]:PORT/', []],
    ['a mapped address', 'https://[::ffff:127.0.0.1]:PORT/', []],
    ['this machine by name', 'https://localhost:PORT/', ['127.0.0.1']],
    ['another port', 'https://8.8.8.8:1/', []],
    ['http', 'http://127.0.0.1:PORT/', []],
  ])('refuse %s', (_what, url, found) =>
    withTrap(async ({ port, hits }) => {
      const addresses = found.map((address): HostAddress => ({ address, family: 4 }));
      const lookup = (): Promise<HostAddress[]> => Promise.resolve(addresses);
      const asked = url.replace('PORT', String(port));
      expect(await outcome(asked, everywhere(port, 443), lookup)).toBe('AddressNotAllowed');
      expect(hits).toEqual([]);
    }),
  );

  it('ask for a name once for each connection, and connect to what was checked', () =>
    withTrap(async ({ port, hits }) => {
      let asked = 0;
      const rebinding: Lookup = () => {
        asked += 1;
        // Nobody answers at an address of the documentation.
        return Promise.resolve([{ address: asked === 1 ? '9.255.255.1' : '127.0.0.1', family: 4 }]);
      };
      const url = `https://bucket.example:${port}/`;
      expect(await outcome(url, everywhere(port), rebinding)).not.toBe('200');
      expect(asked).toBe(1);
      expect(hits).toEqual([]);
    }));
});
