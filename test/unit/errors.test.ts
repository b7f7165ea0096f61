import { expect, it } from 'vitest';
import { ProductRefused } from '../../src/errors.ts';

it('a refusal is one line of bounded length, whatever it quotes', () => {
  const { message } = new ProductRefused(`MTD.xml has "a\n\u0000\u202eb${'x'.repeat(1_000_000)}".`);
  expect(message).toMatch(/^MTD\.xml has "a\?\?\?bx+…$/);
  expect(message).toHaveLength(2001);
});
