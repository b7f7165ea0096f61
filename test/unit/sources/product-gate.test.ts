/** What is asked of a product before a job is accepted. */
import { describe, expect, it, vi } from 'vitest';
import type { InputFault } from '../../../src/errors.ts';
import { defaultPorts } from '../../../src/outbound/policy.ts';
import { readSubscriber } from '../../../src/processes/subscriber.ts';
import type { BucketAccess } from '../../../src/s3/buckets.ts';
import { checkProduct, planOf } from '../../../src/sources/product-gate.ts';
import { hrefsOf } from '../../../src/sources/stac/plan.ts';
import { describeWithShared } from '../../support/shared.ts';
import { expectedItems, itemBytes } from '../../support/stac.ts';
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

describeWithShared('products/stac', 'Items with two places of each file', () => {
  /** Schemes and hosts of all that is fetched. */
  const fetched = (start: string, ...names: readonly string[]): readonly string[] => {
    const entry = expectedItems('real').find(({ file }) => file?.startsWith(start));
    if (entry === undefined) throw new Error(`There is no Item ${start}…`);
    const access = { region: '', pathStyle: false, requesterPays: false };
    const buckets = names.map((bucket): BucketAccess => ({ ...access, bucket }));
    const item: unknown = JSON.parse(Buffer.from(itemBytes(entry)).toString());
    const hrefs = hrefsOf(planOf(item, undefined, { buckets }));
    return [...new Set(hrefs.map((href) => href.split('/', 3).join('/')))];
  };

  it.each([
    ['usgs-landsat-c2l1-LC08', 'usgs-landsat', 'https://landsatlook.usgs.gov'],
    ['cdse-sentinel-2-l2a-S2C', 'eodata', 's3://eodata'],
  ])(
    'are fetched from a configured bucket, else where they say first: %s',
    (start, bucket, first) => {
      expect(fetched(start)).toEqual([first]);
      expect(fetched(start, 'other')).toEqual([first]);
      expect(fetched(start, bucket)).toEqual([`s3://${bucket}`]);
      // No bucket whose name only begins so.
      expect(fetched(start, bucket.slice(0, -1))).toEqual([first]);
    },
  );
});
