/** Real Items with fields changed by lot: each is read or refused, at once, and nothing of the program is touched. */
import { afterAll, expect, it } from 'vitest';
import { ProductRefused } from '../../../../src/errors.ts';
import { parseItem } from '../../../../src/sources/stac/parse-item.ts';
import { readItem } from '../../../../src/sources/stac/read-item.ts';
import { settleRadiometry } from '../../../../src/sources/stac/settle.ts';
import { random } from '../../../support/random.ts';
import { describeWithShared } from '../../../support/shared.ts';
import { expectedItems, itemBytes, itemUrl, metadataOf } from '../../../support/stac.ts';

const mutantsPerItem = 150;
/** Changes to bytes break the JSON most of the time: fewer are enough. */
const damagedPerItem = 30;

const strange: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  'B02',
  '\u0000\u202E',
  'x'.repeat(5000),
  '../'.repeat(1000),
  'https://[',
  'file:///etc/passwd',
  's3://',
  '%E0%A4%A',
  [],
  [[[]]],
  {},
  { href: 3 },
  { href: 'https://data.example/%E0%A4%A_B02.jp2' },
  [null, 0, { name: {} }],
  [{ scale: 'NaN', offset: [] }],
];

type Container = Record<string, unknown> | unknown[];

/** All objects and lists of a document, without recursion. */
function containersOf(document: unknown): Container[] {
  const found: Container[] = [];
  const waiting: unknown[] = [document];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    found.push(value as Container);
    waiting.push(...Object.values(value));
  }
  return found;
}

const extraKeys = [
  '__proto__',
  'constructor',
  'toString',
  'bands',
  'raster:bands',
  'proj:shape',
  'gsd',
];

/** Changes a few places of a document. */
function mutate(document: unknown, draw: () => number): void {
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(draw() * list.length)];
  for (let changes = 1 + Math.floor(draw() * 3); changes > 0; changes--) {
    const container = pick(containersOf(document)) as Record<string, unknown> | undefined;
    if (container === undefined) return;
    const key = pick(Object.keys(container));
    const value = structuredClone(pick(strange));
    const how = draw();
    if (key === undefined || how < 0.2) {
      const extra = pick(extraKeys) ?? 'extra';
      Object.defineProperty(container, extra, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    } else if (how < 0.5) delete container[key];
    else if (how < 0.7)
      container[key] = structuredClone(container[pick(Object.keys(container)) ?? key]);
    else container[key] = value;
  }
}

describeWithShared('products/stac/expected.json', 'STAC Items changed by lot', () => {
  const tally = { read: 0, refused: 0 };
  let slowestMs = 0;
  afterAll(() => {
    process.stdout.write(
      `\nmutants read ${tally.read}, refused ${tally.refused}, slowest ${slowestMs.toFixed(1)} ms\n`,
    );
  });

  const items = (['real', 'made'] as const).flatMap((list) => expectedItems(list));

  it.each(items.map((entry, index) => [entry.file, entry, index] as const))(
    'are read or refused: %s',
    (_file, entry, index) => {
      const draw = random(index + 1);
      const original = Buffer.from(itemBytes(entry));
      const attempt = (bytes: Uint8Array): void => {
        const start = performance.now();
        try {
          const plan = readItem(parseItem(bytes), draw() < 0.8 ? itemUrl(entry.file) : undefined);
          settleRadiometry(plan, metadataOf(plan, entry));
          tally.read++;
        } catch (error) {
          if (!(error instanceof ProductRefused)) throw error;
          if (error.message.length > 1000) {
            throw new Error('The message is too long.', { cause: error });
          }
          tally.refused++;
        }
        slowestMs = Math.max(slowestMs, performance.now() - start);
      };
      for (let count = 0; count < mutantsPerItem; count++) {
        const document: unknown = JSON.parse(original.toString('utf8'));
        mutate(document, draw);
        attempt(Buffer.from(JSON.stringify(document)));
      }
      for (let count = 0; count < damagedPerItem; count++) {
        const bytes = Buffer.from(original);
        for (let n = 0; n < 4; n++) {
          bytes[Math.floor(draw() * bytes.length)] = Math.floor(draw() * 256);
        }
        attempt(bytes);
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(Object.keys(Array.prototype)).toEqual([]);
    },
  );

  it('come out both ways', () => {
    expect(tally.read).toBeGreaterThan(500);
    expect(tally.refused).toBeGreaterThan(500);
  });
});
