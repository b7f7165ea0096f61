import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder } from '../../../src/models/model-folder.ts';
import { loadOnnxModel } from '../../../src/models/onnx-model.ts';
import { withFolder } from '../../support/folder.ts';
import { modelsDirectory, starterId } from '../../support/starter-model.ts';

type Damage = (folder: string) => Promise<void>;

async function edit(
  folder: string,
  change: (manifest: Record<string, unknown>) => void,
): Promise<void> {
  const file = join(folder, 'model.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  change(manifest);
  await writeFile(file, JSON.stringify(manifest));
}

/** What is said of a copy of the starter model that was damaged. */
function complaint(damage: Damage): Promise<string> {
  return withFolder(async (models) => {
    const folder = join(models, starterId);
    await cp(join(modelsDirectory, starterId), folder, { recursive: true });
    await damage(folder);
    return openModelFolder(models, starterId).then(
      () => 'nothing',
      (error: Error) => `${error.name}: ${error.message.replaceAll(models, '…')}`,
    );
  });
}

describe('openModelFolder', () => {
  it('opens the model that ships with the repository', async () => {
    const { manifest } = await openModelFolder(modelsDirectory, starterId);
    expect(manifest.classes).toHaveLength(7);
  });

  it('names the models that there are when the wanted one is not', async () => {
    await expect(openModelFolder(modelsDirectory, 'no-such')).rejects.toThrow(
      new RegExp(`no model "no-such".*Models there: ${starterId}`),
    );
  });

  it('refuses a name that leaves the folder', async () => {
    await expect(openModelFolder(join(modelsDirectory, starterId), '..')).rejects.toThrow(
      /no model/,
    );
  });

  it.each<[string, Damage, RegExp]>([
    ['a missing network', (f) => rm(join(f, 'segmenter.onnx')), /segmenter\.onnx is missing/],
    [
      'a short network',
      (f) => writeFile(join(f, 'segmenter.onnx'), 'x'),
      /has 1 bytes, model\.json says 13924554/,
    ],
    [
      'a changed network',
      async (f) => {
        const file = join(f, 'segmenter.onnx');
        const bytes = await readFile(file);
        bytes[bytes.length >> 1]! ^= 1;
        await writeFile(file, bytes);
      },
      /another SHA-256/,
    ],
    ['a missing manifest', (f) => rm(join(f, 'model.json')), /model\.json cannot be read/],
    ['a manifest that is no JSON', (f) => writeFile(join(f, 'model.json'), '{'), /not valid JSON/],
    [
      'a manifest with faults',
      (f) =>
        edit(f, (manifest) => {
          manifest['patch'] = 'large';
          manifest['trained_on'] = ['everything'];
          delete manifest['classes'];
        }),
      /classes.*\/patch must be integer.*\/trained_on\/0 must match/,
    ],
    [
      'another id',
      (f) => edit(f, (m) => void (m['id'] = 'other')),
      new RegExp(`describes "other", not "${starterId}"`),
    ],
  ])('says what is wrong: %s', async (_name, damage, expected) => {
    const said = await complaint(damage);
    expect(said).toMatch(/^ModelUnusable: /);
    expect(said).toMatch(expected);
  });
});

describe('loadOnnxModel', () => {
  it('refuses a file that is no network, and leaves no thread behind', () =>
    withFolder(async (models) => {
      const folder = join(models, 'broken');
      await mkdir(folder);
      await cp(join(modelsDirectory, starterId, 'model.json'), join(folder, 'model.json'));
      const file = {
        bytes: 10,
        sha256: 'bd108b5c39016c09b9872915cc48ecdd12a48fed1658cbf299823f5591cbb93a',
      };
      for (const name of ['sensei.onnx', 'segmenter.onnx']) {
        await writeFile(join(folder, name), 'no network');
      }
      await edit(folder, (manifest) => {
        manifest['id'] = 'broken';
        manifest['files'] = { 'sensei.onnx': file, 'segmenter.onnx': file };
      });
      await expect(
        loadOnnxModel({ modelsDirectory: models, modelId: 'broken', threads: 1, device: 'cpu' }),
      ).rejects.toThrow(/sensei\.onnx cannot be loaded on cpu/);
    }));
});
