import { expect, it } from 'vitest';
import { isLinkSignature, linkSignature } from '../../../src/storage/link-signature.ts';

it('a signature fits one job and one secret only', () => {
  const signature = linkSignature('secret', 'job');
  expect(signature).toMatch(/^[\w-]{43}$/);
  expect(isLinkSignature('secret', 'job', signature)).toBe(true);
  expect(isLinkSignature('secret', 'other', signature)).toBe(false);
  expect(isLinkSignature('other', 'job', signature)).toBe(false);
  expect(isLinkSignature('secret', 'job', '')).toBe(false);
  expect(isLinkSignature('secret', 'job', `${signature}=`)).toBe(false);
});
