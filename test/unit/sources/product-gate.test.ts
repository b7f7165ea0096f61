/** Requests that name addresses while the resolver of names is out of order. */
import { describe, expect, it, vi } from 'vitest';
import type { InputFault } from '../../../src/errors.ts';
import { defaultPorts } from '../../../src/outbound/policy.ts';
import { readSubscriber } from '../../../src/processes/subscriber.ts';
import { checkProduct } from '../../../src/sources/product-gate.ts';
import { sentinel2Item } from '../../support/stac-item.ts';

const asked: string[] = [];
vi.mock('node:dns/promises', () => ({
  async lookup(host: string) {
    asked.push(host);
    throw Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
  },
}));

const outbound = {
  allowedHosts: ['*'],
  deniedHosts: [],
  trustedOrigins: [],
  ports: defaultPorts,
};
const places = { roots: [], layouts: [], buckets: [], outbound };

describe('a resolver that is out of order', () => {
  it.each([
    ['an address', 'https://a.example/x.zip', 'a.example'],
    ['a link', { href: 'https://b.example/x.zip' }, 'b.example'],
    ['a STAC Item', sentinel2Item(), 'data.example'],
  ])('does not refuse %s as a product', async (_what, product, host) => {
    asked.length = 0;
    await expect(checkProduct(product, places)).resolves.toBeUndefined();
    expect(asked).toEqual([host]);
  });

  it('does not refuse the addresses of a subscriber', async () => {
    const faults: InputFault[] = [];
    const given = { successUri: 'https://a.example/done', failedUri: 'https://10.0.0.1/' };
    expect(await readSubscriber(given, outbound, faults)).toEqual({
      successUri: 'https://a.example/done',
    });
    expect(faults).toEqual([
      { input: 'subscriber/failedUri', message: expect.stringContaining('address not allowed') },
    ]);
  });
});
