/** What every kind of product keeps to. */
import { afterAll, beforeAll } from 'vitest';
import type { CloudModel } from '../../../src/models/model.ts';
import { describeWithShared, sharedPath } from '../shared.ts';
import { loadAdded } from '../added-model.ts';
import { brokenSuite } from './broken.ts';
import { damageSuite } from './damages.ts';
import { documentSuite } from './documents.ts';
import { folderSuite } from './folders.ts';
import { goldenId, goldenSuite } from './golden.ts';
import { habitSuite } from './habits.ts';
import type { KindUnderTest } from './kind-under-test.ts';
import type { Report } from './report.ts';

/** What the parts of the suite share. */
export interface Context {
  readonly kind: KindUnderTest;
  readonly report: Report;
  /** Loaded when the tests run. */
  model(): CloudModel;
}

/** All that is asked of a kind: masks and refusals, values, masks of the reference, damage, habits, documents. */
export function productContract(kind: KindUnderTest, report: Report): void {
  describeWithShared('products', kind.title, () => {
    let loaded: CloudModel | undefined;
    const model = (): CloudModel => {
      if (loaded === undefined) throw new Error('The model is not loaded yet.');
      return loaded;
    };
    // Remembers the windows of one kind: those of all would need too much memory.
    beforeAll(async () => {
      loaded = await loadAdded({
        modelId: goldenId,
        file: sharedPath('models/starter-v0/starter-v0.pt'),
        configuration: sharedPath('models/starter-v0/config.yaml'),
        trainedOn: 'L1',
      });
    });
    afterAll(() => loaded?.close());
    const context = { kind, report, model };
    folderSuite(context);
    goldenSuite(context);
    brokenSuite(context);
    damageSuite(context);
    habitSuite(context);
    documentSuite(context);
  });
}
