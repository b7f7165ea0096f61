import { describe, expect, it } from 'vitest';
import { maxFetchedItemBytes, parseItem } from '../../../../src/sources/stac/parse-item.ts';
import { refusal } from '../../../support/stac-item.ts';

describe('parseItem', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text);

  it('parses JSON with brackets in its texts', () => {
    const text = `{"a":"${'[{'.repeat(100)}\\"","b":[[1]]}`;
    expect(parseItem(bytes(text))).toEqual({ a: `${'[{'.repeat(100)}"`, b: [[1]] });
  });

  it.each([
    ['not-json', ''],
    ['not-json', '{"a":'],
    ['not-json', '<html>'],
    ['too-deep', '['.repeat(65)],
    ['too-deep', '{"a":'.repeat(100_000)],
    ['too-large', `"${'x'.repeat(maxFetchedItemBytes)}"`],
  ])('refuses (%s)', (reason, text) => {
    expect(refusal(() => parseItem(bytes(text)))[0]).toBe(reason);
  });

  it('refuses bytes that are no text', () => {
    expect(refusal(() => parseItem(Uint8Array.of(0x22, 0xff, 0x22)))[0]).toBe('not-json');
  });
});
