/** Original metadata documents: the values that a reader has to find, and what is said of a folder with one of them alone. */
import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProduct } from '../../../src/cloudmask/products/open-product.ts';
import { ProductRefused } from '../../../src/errors.ts';
import { withFolder } from '../folder.ts';
import { sharedPath } from '../shared.ts';
import type { ExpectedDocument } from './kind-under-test.ts';
import type { Context } from './suite.ts';

const root = 'products/metadata-only';

/** What is expected of each document, by its path. */
export function expectedDocuments(): readonly (readonly [string, ExpectedDocument])[] {
  const text = readFileSync(sharedPath(root, 'expected.json'), 'utf8');
  return Object.entries(JSON.parse(text) as Record<string, ExpectedDocument>);
}

/** All documents of a kind. */
export function documentSuite({ kind: { documents } }: Context): void {
  if (documents === undefined) return;
  const own = expectedDocuments().filter(([path, expected]) => documents.includes(path, expected));

  describe('original metadata', () => {
    it('are all there', () => {
      expect(own).toHaveLength(documents.count);
    });

    it.each(own)('give the expected values: %s', async (path, expected) => {
      const { found, wanted } = await documents.read(sharedPath(root, path), expected);
      expect(found).toEqual(wanted);
    });

    it.each(own)('are refused alone, saying what is missing: %s', async (path) => {
      const name = basename(path);
      await withFolder(async (folder) => {
        copyFileSync(sharedPath(root, path), join(folder, name));
        const refusal = await openProduct(folder).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(ProductRefused);
        const [, message] = documents.alone.find(([start]) => name.startsWith(start)) ?? [];
        expect((refusal as Error).message).toMatch(message ?? /^no expectation/);
      });
    });
  });
}
