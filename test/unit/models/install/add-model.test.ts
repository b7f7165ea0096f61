import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CheckpointRefused } from '../../../../src/errors.ts';
import { addModel, type AddRequest } from '../../../../src/models/install/add-model.ts';
import { installedIds } from '../../../../src/models/install/installed-models.ts';
import {
  officialConfiguration,
  type KnownModel,
} from '../../../../src/models/install/known-models.ts';
import { ModelPlace } from '../../../../src/models/install/model-place.ts';
import { modelFiles } from '../../../../src/models/model-files.ts';
import { openModelFolder } from '../../../../src/models/model-folder.ts';
import { withFolder } from '../../../support/folder.ts';
import { withFileServer, type FileServerOptions } from '../../../support/http-file-server.ts';
import { smallCheckpoint } from '../checkpoint/writer.ts';

const checkpoint = smallCheckpoint();
const sha256 = createHash('sha256').update(checkpoint).digest('hex');

const known: KnownModel = {
  id: 'known',
  title: 'A known model',
  url: 'http://127.0.0.1:9/weights.pt',
  bytes: checkpoint.length,
  sha256,
  licence: 'GPL-3.0',
  trainedOn: ['L1'],
  configuration: officialConfiguration,
};

const convert: AddRequest['convert'] = (tensors) => ({
  files: new Map(Object.values(modelFiles).map((name) => [name, Buffer.from(name)])),
  summary: {
    parameters: tensors.size,
    embeddingChannels: 32,
    architecture: { sensei: 'senseiv2-medium', segmenter: 'nvidia/mit-b2' },
  },
});

interface Bench {
  readonly folder: string;
  readonly models: string;
  readonly file: string;
  readonly add: (change?: Partial<AddRequest>) => ReturnType<typeof addModel>;
  /** Names below MODELS_DIR, hidden ones too. */
  readonly names: () => Promise<string[]>;
}

function withBench<T>(use: (bench: Bench) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const models = join(folder, 'models');
    const file = join(folder, 'weights.pt');
    await writeFile(file, checkpoint);
    const add: Bench['add'] = (change = {}) =>
      addModel({
        id: 'known',
        modelsDirectory: models,
        from: file,
        config: undefined,
        licence: undefined,
        trainedOn: undefined,
        isForced: false,
        createdBy: 'a test',
        convert,
        known: [known],
        signal: new AbortController().signal,
        progress: () => undefined,
        notice: () => undefined,
        retryDelaysMs: [],
        ...change,
      });
    return use({ folder, models, file, add, names: () => readdir(models) });
  });
}

/** A `config.yaml` and its SEnSeIv2 file. */
async function writeConfiguration(folder: string): Promise<void> {
  await writeFile(
    join(folder, 'config.yaml'),
    'NAME: mine\nPATCH_SIZE: 64\nSEnSeIv2: s.yaml\nMODEL_TYPE: Segformer\nSEGFORMER_CONFIG: nvidia/mit-b0\nCLASSES: 7\nMULTIMODAL: false\n',
  );
  await writeFile(
    join(folder, 's.yaml'),
    'descriptors: {style: SEnSeIv2, N_embeddings: 32, final_size: 74}\nblocks: [{type: GLOBAL_STATS, percentiles: [0.5]}, {type: FCL, layer_sizes: [8]}, {type: BAND_EMBEDDING, embedding_dims: 4, head_layer_sizes: [8], normalize: true}]\n',
  );
}

describe('addModel', () => {
  it('installs a known model from a file, with all that there is to say about it', () =>
    withBench(async ({ models, add, names }) => {
      const manifest = await add();
      expect(await names()).toEqual(['known']);
      expect(await readdir(join(models, 'known'))).toEqual(
        expect.arrayContaining(['card.md', 'model.json', ...Object.values(modelFiles)]),
      );
      expect(JSON.parse(await readFile(join(models, 'known/model.json'), 'utf8'))).toEqual(
        manifest,
      );
      expect(manifest).toMatchObject({
        id: 'known',
        title: 'A known model',
        classes: ['land', 'water', 'snow', 'thin', 'thick', 'shadow', 'no data'],
        percentiles: [0.01, 0.1, 0.5, 0.9, 0.99],
        embedding_channels: 32,
        trained_on: ['L1'],
        licence: 'GPL-3.0',
        source: 'http://127.0.0.1:9/weights.pt (from the file weights.pt, checked)',
        checkpoint: { bytes: checkpoint.length, sha256 },
        ignored_keys: ['recovery_module.c'],
      });
      expect(await readFile(join(models, 'known/card.md'), 'utf8')).toMatch(
        /GPL-3\.0[^]*\*\*Trained with\*\*: products of level L1\n/,
      );
      expect((await openModelFolder(models, 'known')).manifest.id).toBe('known');
    }));

  it('takes a folder, and notes the licence that is given', () =>
    withBench(async ({ folder, add }) => {
      await writeConfiguration(folder);
      const manifest = await add({ id: 'mine', from: folder, licence: 'MIT' });
      expect(manifest).toMatchObject({ title: 'mine', licence: 'MIT', patch: 64 });
      expect(manifest).not.toHaveProperty('trained_on');
    }));

  it('refuses an id that is taken, and replaces it when forced', () =>
    withBench(async ({ models, add, names }) => {
      await add();
      await expect(add()).rejects.toThrow(/already a model "known".*--force/);
      await writeFile(join(models, 'known/old'), '');
      await add({ isForced: true });
      expect(existsSync(join(models, 'known/old'))).toBe(false);
      expect(await names()).toEqual(['known']);
    }));

  it.each<[string, Partial<AddRequest>, RegExp]>([
    [
      'an unknown id without a source',
      { id: 'x', from: undefined },
      /not one of the models.*--from/,
    ],
    ['an unknown id without a configuration', { id: 'x' }, /needs its configuration.*--config/],
    [
      'a file that is not there',
      { from: '/no/such.pt' },
      /\/no\/such\.pt cannot be read \(ENOENT\)/,
    ],
    ['an address with a password', { from: 'http://a:b@c/' }, /user or a password/],
    ['an id that leaves the folder', { id: '../x' }, /cannot be the id/],
    ['an id with capitals', { id: 'X' }, /lower-case/],
    ['the id of the default file', { id: 'default' }, /cannot be the id/],
    ['another SHA-256', { known: [{ ...known, sha256: 'f'.repeat(64) }] }, /has the SHA-256/],
    ['another size', { known: [{ ...known, bytes: 1 }] }, /bytes; the checkpoint has 1\./],
    [
      'four classes',
      { known: [{ ...known, configuration: { ...officialConfiguration, classes: 4 } }] },
      /has 4 classes; supported/,
    ],
  ])('refuses %s and leaves nothing behind', (_name, change, expected) =>
    withBench(async ({ models, add }) => {
      await expect(add(change)).rejects.toThrow(expected);
      expect(existsSync(models) ? await readdir(models) : []).toEqual([]);
    }),
  );

  it('refuses a folder with no checkpoint, or with several', () =>
    withBench(async ({ folder, add }) => {
      await mkdir(join(folder, 'empty'));
      await expect(add({ from: join(folder, 'empty') })).rejects.toThrow(/has no file \*\.pt/);
      await writeFile(join(folder, 'empty/a.pt'), '');
      await writeFile(join(folder, 'empty/b.pt'), '');
      await expect(add({ from: join(folder, 'empty') })).rejects.toThrow(/several.*a\.pt, b\.pt/);
    }));

  it('leaves nothing behind when conversion fails, or when it is interrupted meanwhile', () =>
    withBench(async ({ add, names }) => {
      const refuse = (): never => {
        throw new CheckpointRefused('senseiv2.x is missing.');
      };
      await expect(add({ convert: refuse })).rejects.toThrow(/is missing/);
      const interrupt = new AbortController();
      const late: AddRequest['convert'] = (...both) => {
        interrupt.abort();
        return convert(...both);
      };
      await expect(add({ convert: late, signal: interrupt.signal })).rejects.toMatchObject({
        name: 'Cancelled',
      });
      expect(await names()).toEqual([]);
    }));

  it('keeps the old model when its replacement fails', () =>
    withBench(async ({ models, add, names }) => {
      await add();
      const broken: AddRequest['convert'] = (...both) => ({
        ...convert(...both),
        files: new Map(),
      });
      await expect(add({ isForced: true, convert: broken })).rejects.toThrow(
        /not a model description/,
      );
      expect(await names()).toEqual(['known']);
      await openModelFolder(models, 'known');
    }));

  it('leaves a folder alone that is no model, forced or not', () =>
    withBench(async ({ models, add }) => {
      await mkdir(join(models, 'known'), { recursive: true });
      await writeFile(join(models, 'known/README.md'), 'code');
      await expect(add()).rejects.toThrow(/known is there and is no model/);
      await expect(add({ isForced: true })).rejects.toThrow(/is no model/);
      expect(await readdir(join(models, 'known'))).toEqual(['README.md']);
      expect(await installedIds(models)).toEqual([]);
    }));

  it('clears what a killed command left, and refuses to work beside a running one', () =>
    withBench(async ({ models, add, names }) => {
      await mkdir(join(models, '.download'), { recursive: true });
      await mkdir(join(models, '.adding-known'));
      const lock = join(models, '.download/known.part.lock');
      await writeFile(lock, String(process.ppid));
      await expect(add()).rejects.toThrow(/Another command.*is working on the model "known"/);
      await writeFile(lock, '4194304');
      await add();
      expect(await names()).toEqual(['known']);
    }));

  it('brings the old model back when a replacement was killed between the two renames', () =>
    withBench(async ({ models }) => {
      await mkdir(join(models, '.replaced-known'), { recursive: true });
      await writeFile(join(models, '.replaced-known/model.json'), '{}');
      await new ModelPlace(models, 'known').locked(() => Promise.resolve());
      expect(await installedIds(models)).toEqual(['known']);
    }));

  it.skipIf(process.getuid?.() === 0)('says that a folder cannot be written', () =>
    withBench(async ({ models, add }) => {
      await mkdir(models);
      await chmod(models, 0o500);
      await expect(add()).rejects.toThrow(/cannot be written.*permission/);
    }),
  );

  it('says that MODELS_DIR is no folder', () =>
    withBench(async ({ file, add }) => {
      await expect(add({ modelsDirectory: join(file, 'models') })).rejects.toThrow(
        /cannot be written to MODELS_DIR.*no folder/,
      );
    }));
});

describe('addModel over HTTP', () => {
  const served = (
    content: Uint8Array,
    options: FileServerOptions,
    use: (bench: Bench & { readonly url: string }) => Promise<void>,
  ) => withBench((bench) => withFileServer(content, options, ({ url }) => use({ ...bench, url })));

  it('downloads, checks and installs, and keeps no part', () =>
    served(checkpoint, {}, async ({ url, add, names }) => {
      const manifest = await add({ from: undefined, known: [{ ...known, url }] });
      expect(manifest.source).toBe(url);
      expect(await names()).toEqual(['known']);
    }));

  it('records the checksum of a model that is not known, and not the query of its address', () =>
    served(checkpoint, {}, async ({ url, folder, add }) => {
      await writeConfiguration(folder);
      const config = join(folder, 'config.yaml');
      const manifest = await add({ id: 'mine', from: `${url}?token=secret`, config });
      expect(manifest.checkpoint.sha256).toBe(sha256);
      expect(JSON.stringify(manifest)).not.toContain('secret');
    }));

  it('removes a download with another checksum', () =>
    served(Buffer.alloc(checkpoint.length), {}, async ({ url, add, names }) => {
      await expect(add({ from: url })).rejects.toThrow(/has the SHA-256/);
      expect(await names()).toEqual([]);
    }));

  it('refuses another size before it downloads', () =>
    served(Buffer.alloc(7), {}, async ({ url, add, names }) => {
      await expect(add({ from: url })).rejects.toThrow(/has 7 bytes.*Nothing was downloaded/);
      expect(await names()).toEqual([]);
    }));

  it('keeps a part when the connection fails, and goes on from there', () =>
    served(
      checkpoint,
      { behaviours: [{ kind: 'cut', after: 500 }, { kind: 'send' }] },
      async ({ url, models, add, names }) => {
        await expect(add({ from: url })).rejects.toThrow(/the same command goes on/);
        expect(await readdir(join(models, '.download'))).toEqual(['known.part', 'known.part.json']);
        await add({ from: url });
        expect(await names()).toEqual(['known']);
      },
    ));
});
