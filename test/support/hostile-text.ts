/** Seeded mutations of metadata (XML, MTL): what an editor, a broken program or somebody malicious may make of them. */
import { random } from './random.ts';

/** Values that take readers of numbers, names and texts by surprise. */
const surprises = [
  '',
  '0',
  '-1',
  'NaN',
  'Infinity',
  '1e309',
  '-1e308',
  '9007199254740993',
  '4294967296',
  '0x10',
  '1,5',
  '../../../etc/passwd',
  '/etc/passwd',
  'file:///etc/passwd',
  '/vsicurl/http://127.0.0.1:1/x',
  '%s%n',
  '&a;',
  '&#0;',
  '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
  '<![CDATA[',
  '"',
  '\u0000',
  '\u202e',
  '__proto__',
  'constructor',
  'x'.repeat(100_000),
];

const parts = /[A-Za-z0-9_.+:/-]+/g;

/** One to three mutations of a text. */
export function mutatedText(text: string, seed: number): string {
  const draw = random(seed);
  let result = text;
  for (let count = 1 + Math.floor(draw() * 3); count > 0; count--) result = mutated(result, draw);
  return result;
}

function mutated(text: string, draw: () => number): string {
  const below = (limit: number): number => Math.floor(draw() * limit);
  const lines = text.split('\n');
  const line = below(lines.length);
  switch (below(7)) {
    case 0:
      return lines.toSpliced(line, 1 + below(5)).join('\n');
    case 1:
      return lines.toSpliced(line, 0, ...lines.slice(line, line + 1 + below(30))).join('\n');
    case 2:
      return lines.toSpliced(line, 1, lines[below(lines.length)] ?? '').join('\n');
    case 3:
      return text.slice(0, below(text.length));
    default: {
      const words = [...text.matchAll(parts)];
      const word = words[below(words.length)];
      if (word === undefined) return text;
      const surprise = surprises[below(surprises.length)] ?? '';
      return text.slice(0, word.index) + surprise + text.slice(word.index + word[0].length);
    }
  }
}
