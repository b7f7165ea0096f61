/** One suite over all kinds of product; `test/support/product-contract/kinds.ts` is the table of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { brokenCases } from '../support/product-contract/broken.ts';
import { expectedDocuments } from '../support/product-contract/documents.ts';
import { goldenId } from '../support/product-contract/golden.ts';
import { kinds } from '../support/product-contract/kinds.ts';
import { Report } from '../support/product-contract/report.ts';
import { productContract } from '../support/product-contract/suite.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';

// Whole scenes at small strides.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const report = new Report();
afterAll(() => {
  process.stdout.write(report.text());
});

for (const kind of kinds) productContract(kind, report);

describeWithShared('products', 'the reference data are all asked for', () => {
  const others = ['broken', 'metadata-only', 'reference', 'stac'];

  it('folders', () => {
    const root = sharedPath('products');
    const groups = readdirSync(root, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && !others.includes(entry.name),
    );
    const found = groups.flatMap(({ name }) =>
      readdirSync(join(root, name)).map((folder) => `${name}/${folder}`),
    );
    const known = kinds.flatMap(({ folders }) => folders.map(({ path }) => path));
    expect(known.toSorted()).toEqual(found.toSorted());
  });

  it('golden masks', () => {
    const scenes = kinds.flatMap(({ folders }) => folders.flatMap(({ golden }) => golden ?? []));
    const known = scenes.flatMap(({ scene, strides }) => [
      `scene-${scene}.npz`,
      ...strides.map((stride) => `mask-${goldenId}-${scene}-stride${stride}.npz`),
    ]);
    const found = readdirSync(sharedPath('reference/golden')).filter(
      (name) => name.startsWith('scene-') || name.startsWith(`mask-${goldenId}-`),
    );
    expect(known.toSorted()).toEqual(found.toSorted());
  });

  it('broken products', () => {
    const known = kinds.flatMap(({ broken }) => Object.keys(broken));
    expect(known.toSorted()).toEqual(
      brokenCases()
        .map((entry) => entry.case)
        .toSorted(),
    );
  });

  it('metadata documents, each by one kind', () => {
    const counts = expectedDocuments().map(
      ([path, expected]) =>
        [
          path,
          kinds.filter(({ documents }) => documents?.includes(path, expected)).length,
        ] as const,
    );
    expect(counts.filter(([, count]) => count !== 1)).toEqual([]);
  });
});
