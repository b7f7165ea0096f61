/**
 * The reference data that lie beside the repository (`../shared`). A user may not have them: tests that need
 * them are skipped and say so. In CI their absence is a failure.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../../shared');

/** Absolute path below `../shared`. */
export function sharedPath(...parts: string[]): string {
  return join(root, ...parts);
}

/** A suite that needs a path below `../shared`. */
export function describeWithShared(path: string, title: string, suite: () => void): void {
  if (existsSync(sharedPath(path))) {
    describe(title, suite);
    return;
  }
  describe(title, () => {
    if (process.env['CI'] === 'true') {
      it('has its reference data', () => {
        throw new Error(`../shared/${path} is missing: CI runs with the reference data beside it.`);
      });
    } else {
      it.skip(`needs ../shared/${path}, which is not here`, () => undefined);
    }
  });
}
