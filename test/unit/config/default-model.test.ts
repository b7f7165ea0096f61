import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { writeDefaultModel } from '../../../src/config/default-model.ts';
import { withFolder } from '../../support/folder.ts';
import { starterId } from '../../support/starter-model.ts';

describe('the default model', () => {
  it('is the one that was chosen, unless MODEL names another', () =>
    withFolder(async (folder) => {
      expect(readConfig({ MODELS_DIR: folder }).modelId).toBe(starterId);
      await writeDefaultModel(folder, 'chosen');
      expect(readConfig({ MODELS_DIR: folder }).modelId).toBe('chosen');
      expect(readConfig({ MODELS_DIR: folder, MODEL: '' }).modelId).toBe('chosen');
      expect(readConfig({ MODELS_DIR: folder, MODEL: 'named' }).modelId).toBe('named');
    }));

  it('is checked like MODEL', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'default'), '../elsewhere\n');
      expect(() => readConfig({ MODELS_DIR: folder })).toThrow(/MODEL: found "\.\.\/elsewhere"/);
    }));
});
