/** `mask <product> <out.tif>` as a user types it. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSyntheticScene, type SyntheticScene } from '../../scripts/synthetic-scene/scene.ts';
import { ownEnvironment } from '../support/own-environment.ts';
import { readBytes } from '../support/raster.ts';
import { modelsDirectory, starterId } from '../support/starter-model.ts';

const main = resolve(import.meta.dirname, '../../src/main.ts');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function mask(folder: string, ...args: string[]): Promise<Ended> {
  return maskWith({}, folder, ...args);
}

function maskWith(
  settings: Readonly<Record<string, string>>,
  folder: string,
  ...args: string[]
): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [main, 'mask', ...args],
      { cwd: tmpdir(), env: { ...ownEnvironment(), INIT_CWD: folder, ...settings } },
      (_error, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe('mask', () => {
  let folder: string;
  let scene: SyntheticScene;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloudmask-command-'));
    scene = await writeSyntheticScene(folder, { size: 120 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('writes the mask where it is told, relative to the folder of the user', async () => {
    const ended = await mask(folder, basename(scene.folder), 'deep/mask.tif');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('clear sky');
    expect(readBytes(join(folder, 'deep/mask.tif')).width).toBe(120);
    expect(await readdir(join(folder, 'deep'))).toEqual(['mask.tif']);
  });

  it('prints the statistics as JSON and nothing else with --json', async () => {
    const ended = await mask(
      folder,
      scene.folder,
      'json.tif',
      '--json',
      '--stride=512',
      '--output-style=cloud-noncloud',
      '--categorise=false',
    );
    expect(JSON.parse(ended.stdout)).toMatchObject({
      parameters: { output_style: 'cloud-noncloud', stride: 512, categorise: false },
      model: { id: starterId },
      pixels: { total: 120 * 120 },
    });
    expect(readBytes(join(folder, 'json.tif')).bands).toHaveLength(2);
  });

  it('notes what is outside the training of the model', async () => {
    const models = join(folder, 'models');
    const manifest = join(models, starterId, 'model.json');
    await cp(modelsDirectory, models, { recursive: true });
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('"trained_on": ["L1"]', '"trained_on": ["L2A"]'));
    const ended = await maskWith({ MODELS_DIR: models }, folder, scene.folder, 'outside.tif');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain(
      `\n  Note: The product is of level L1C, but the model ${starterId} was trained with products of level L2A only`,
    );
  });

  it('says that a product is not there', async () => {
    const ended = await mask(folder, 'nowhere', 'x.tif');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('nowhere is not there, neither with nor without ".SAFE".');
  });

  it('answers --help', async () => {
    expect(await mask(folder, '--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: npm run mask') as string,
    });
  });

  it.each([
    [['--stride', '100'], /--stride is "100"; accepted: 64, 128, 256, 384, 512/],
    [['--output-style', 'nice'], /accepted: 4-class, cloud-noncloud, valid-invalid/],
    [['--categorise', 'yes'], /accepted: true, false/],
    [['--model', 'none'], new RegExp(`no model "none".*${starterId}`)],
    [['--device', 'tpu'], /--device is "tpu"/],
    [['--what'], /what/],
  ])('says what is accepted for %j, and leaves nothing behind', async (options, expected) => {
    const ended = await mask(folder, scene.folder, 'refused/mask.tif', ...options);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(expected);
    expect(ended.stderr).not.toContain('    at ');
    const left = await readdir(join(folder, 'refused')).catch(() => []);
    expect(left).toEqual([]);
  });

  it('says what is wrong with a folder that is no product', async () => {
    const ended = await mask(folder, '.', 'x.tif');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/is not a product that can be masked.*Sentinel-2 L1C/);
  });

  it('takes a product without its ending, and its metadata file', async () => {
    const named = scene.folder.replace(/\.SAFE$/, '');
    expect(await mask(folder, named, 'named.tif')).toMatchObject({ code: 0 });
    const metadata = join(scene.folder, 'MTD_MSIL1C.xml');
    expect(await mask(folder, metadata, 'metadata.tif')).toMatchObject({ code: 0 });
  });

  it('says so before it computes when the result is a folder', async () => {
    await mkdir(join(folder, 'folder.tif'));
    const ended = await mask(folder, scene.folder, 'folder.tif');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/folder\.tif is a folder/);
  });

  it('says how it is used when the result has another ending', async () => {
    const ended = await mask(folder, scene.folder, 'mask.png');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/has to end in \.tif/);
  });
});
