import { describe, expect, it } from 'vitest';
import { shownUrl } from '../../../src/outbound/shown-url.ts';

describe('shownUrl', () => {
  it.each([
    ['https://a.example/x/y.zip', 'https://a.example/x/y.zip'],
    ['https://A.Example/x?X-Amz-Signature=secret#secret', 'https://A.Example/x'],
    ['https://a.example/x?sig=a?b#c', 'https://a.example/x'],
    ['https://me:secret@a.example/x?sig=secret', 'https://a.example/x'],
    ['https:me:secret@a.example/x', 'https://a.example/x'],
    ['https:\\\\me:secret@a.example\\x', 'https://a.example/x'],
    ['https://me%40home:sec@ret@a.example/x', 'https://a.example/x'],
    ['ht\ntps://me:sec\tret@a.example/x', 'https://a.example/x'],
    ['https://a.example/\u202ex', 'https://a.example/x'],
    ['https://me:pa?ss@a.example/x', 'the given text'],
    ['no address: secret', 'the given text'],
    ['', 'the given text'],
    [`https://a.example/${'x'.repeat(1000)}`, `https://a.example/${'x'.repeat(282)}…`],
  ])('shows %j as %j', (text, expected) => {
    expect(shownUrl(text)).toBe(expected);
  });
});
