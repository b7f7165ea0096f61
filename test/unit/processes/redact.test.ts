import { describe, expect, it } from 'vitest';
import { shownInputs } from '../../../src/processes/redact.ts';

describe('shownInputs', () => {
  it('cuts off what grants access, however deep it lies', () => {
    const product = { assets: [{ href: 'https://a:b@example.com/x.tif?X-Amz-Signature=abc' }] };
    expect(shownInputs({ product, note: 'a?b', stride: 64 })).toEqual({
      product: { assets: [{ href: 'https://example.com/x.tif?***' }] },
      note: 'a?b',
      stride: 64,
    });
  });
});
