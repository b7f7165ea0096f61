/** What the input `product` may be, and what is refused before a job is made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ settings: { PRODUCT_ROOTS: '/tmp' } });
});
afterAll(() => server.close());

interface Refusal {
  readonly faults: readonly { readonly input: string; readonly message: string }[];
}

describe('POST /processes/senseiv2-cloudmask/execution', () => {
  it.each<[product: unknown, message: RegExp]>([
    ['s3://eodata/x.SAFE', /no access to the bucket "eodata"; .* may read: none/],
    ['s3://eodata/../x', /without a valid bucket and key/],
    [
      'https://example.com/x.zip?sig=secret',
      /^https:\/\/example\.com\/x\.zip: address not allowed/,
    ],
    [{ href: 'https://example.com/x.zip' }, /address not allowed/],
    ['http://sentinel-cogs.s3.us-west-2.amazonaws.com/x', /address not allowed.*scheme is http/],
    ['https://127.0.0.1/x.zip', /address not allowed/],
    ['file:///etc/passwd', /an address with "file:"/],
    ['/vsicurl/https://example.com/x', /no such product below/],
    [{ type: 'Collection', stac_version: '1.0.0' }, /expected.*one STAC Item.*Collection/i],
    [{ type: 'Feature', stac_version: '1.0.0', id: 'x', properties: {}, assets: {} }, /Sentinel-2/],
  ])('refuses %j, saying why', async (address, message) => {
    const answer = await server.request
      .post('/processes/senseiv2-cloudmask/execution')
      .send({ inputs: { product: address } })
      .expect(400);
    const { faults } = answer.body as Refusal;
    expect(faults).toEqual([{ input: 'product', message: expect.stringMatching(message) }]);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});
