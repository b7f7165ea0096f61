/** `models …` as a user types it. */
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFileServer } from '../support/http-file-server.ts';
import { ownEnvironment } from '../support/own-environment.ts';
import { describeWithShared, sharedPath } from '../support/shared.ts';
import { modelsDirectory as shipped, starterId } from '../support/starter-model.ts';

const main = resolve(import.meta.dirname, '../../src/main.ts');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let modelsDirectory: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudmask-models-'));
  modelsDirectory = join(folder, 'models');
  await cp(join(shipped, starterId), join(modelsDirectory, starterId), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));

const environment = (settings: Record<string, string> = {}) => ({
  ...ownEnvironment(),
  INIT_CWD: folder,
  MODELS_DIR: modelsDirectory,
  ...settings,
});

function models(args: readonly string[], settings?: Record<string, string>): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [main, 'models', ...args],
      { cwd: tmpdir(), env: environment(settings) },
      (_error, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

describe('models', () => {
  it('answers --help', async () => {
    const ended = await models(['--help']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/Usage: npm run models/);
    expect(ended.stdout).toContain('senseiv2-segformerb2-alldata-ambiguous (GPL-3.0, 112 MB)');
    expect(await models(['add', '--help'])).toEqual(ended);
  });

  it.each<[string[], RegExp]>([
    [[], /models needs a command/],
    [['paint'], /no command "paint"/],
    [['add'], /add needs an id/],
    [['list', 'x'], /list takes no id/],
    [['list', '--force'], /list does not take --force/],
    [['remove', 'a', 'b'], /remove does not take b/],
    [['add', 'x', '--what'], /--what/],
    [['add', 'x'], /not one of the models.*--from/],
    [['remove', 'x'], new RegExp(`no model "x".*Models there: ${starterId}`)],
    [['add', 'x', '--trained-on', 'L1,1C'], /--trained-on has the level "1C"; accepted are levels/],
    [['remove', starterId], new RegExp(`"${starterId}" is in use`)],
    [['verify', 'x'], /no model "x"/],
    [['use', 'x'], /no model "x"/],
  ])('says what is wrong with %j, and ends with 1', async (args, expected) => {
    const ended = await models(args);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(expected);
    expect(ended.stderr).not.toContain('    at ');
  });

  it('lists, verifies and uses what there is', async () => {
    const listed = await models(['list']);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(listed.stdout).toMatch(new RegExp(`\\* ${starterId} +senseiv2-16 \\+ nvidia/mit-b0`));
    expect(JSON.parse((await models(['list', '--json'])).stdout)).toMatchObject({
      models: [{ id: starterId, is_in_use: true, licence: 'Apache-2.0' }],
    });
    expect(await models(['verify'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('models add, interrupted', () => {
  it('keeps the part, says so, and leaves no model', () =>
    withFileServer(
      Buffer.alloc(111_716_650),
      { behaviours: [{ kind: 'stall', after: 100_000 }] },
      async ({ url }) => {
        const id = 'senseiv2-segformerb2-alldata-ambiguous';
        const part = join(modelsDirectory, `.download/${id}.part`);
        const child = spawn(process.execPath, [main, 'models', 'add', id, '--from', url], {
          cwd: tmpdir(),
          env: environment(),
        });
        let stderr = '';
        child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
        const ended = new Promise<number | null>((done) => child.once('exit', done));
        await expect
          .poll(
            () =>
              stat(part).then(
                ({ size }) => size,
                () => 0,
              ),
            { timeout: 20_000 },
          )
          .toBe(100_000);
        child.kill('SIGTERM');
        expect(await ended).toBe(1);
        expect(stderr).toMatch(/interrupted; it can go on/);
        expect(await readdir(join(modelsDirectory, '.download'))).toEqual([
          `${id}.part`,
          `${id}.part.json`,
        ]);
        await rm(join(modelsDirectory, '.download'), { recursive: true });
        expect(await readdir(modelsDirectory)).toEqual([starterId]);
      },
    ));
});

describeWithShared('reference/golden/b2-random.pt', 'models add, with a real checkpoint', () => {
  it('adds, lists, verifies, uses and removes a model of the official architecture', async () => {
    const checkpoint = sharedPath('reference/golden/b2-random.pt');
    const config = sharedPath('reference/config.yaml');
    const added = await models([
      'add',
      'b2',
      '--from',
      checkpoint,
      '--config',
      config,
      '--trained-on',
      'L1C,L2A',
    ]);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toMatch(/senseiv2-medium \+ nvidia\/mit-b2\n +parameters +27,815,365\n/);
    expect((await models(['list'])).stdout).toMatch(/ {2}b2 .*27,815,365/);
    expect(await models(['verify', 'b2'])).toMatchObject({ code: 0, stderr: '' });
    expect((await models(['add', 'b2', '--from', checkpoint])).stderr).toMatch(/already a model/);

    expect(await models(['use', 'b2'])).toMatchObject({ code: 0, stderr: '' });
    expect((await models(['list'])).stdout).toMatch(/\* b2 /);
    expect((await models(['remove', 'b2'])).stderr).toMatch(/in use/);
    expect((await models(['use', starterId], { MODEL: 'b2' })).stderr).toMatch(/MODEL is b2/);

    const manifest = JSON.parse(await readFile(join(modelsDirectory, 'b2/model.json'), 'utf8')) as {
      files: Record<string, unknown>;
      trained_on: unknown;
    };
    expect(manifest.trained_on).toEqual(['L1C', 'L2A']);
    const file = join(modelsDirectory, 'b2', Object.keys(manifest.files).at(-1) ?? '');
    const bytes = await readFile(file);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(file, bytes);
    const tampered = await models(['verify']);
    expect(tampered).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`${starterId}: all`) as string,
    });
    expect(tampered.stderr).toMatch(/b2: .*another SHA-256/);

    expect(await models(['remove', 'b2'])).toMatchObject({ code: 0, stdout: 'b2 is removed.\n' });
    expect(await readdir(modelsDirectory)).toEqual(['default', starterId]);
  });

  it('refuses another checkpoint under the official name', async () => {
    const id = 'senseiv2-segformerb2-alldata-ambiguous';
    const ended = await models(['add', id, '--from', sharedPath('reference/golden/b2-random.pt')]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/has 111449931 bytes; the checkpoint has 111716650\./);
  });

  it('refuses a checkpoint that does not fit its configuration', async () => {
    const ended = await models([
      'add',
      'wrong',
      '--from',
      sharedPath('models/starter-v0/starter-v0.pt'),
      '--config',
      sharedPath('reference/config.yaml'),
    ]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/segmenter\./);
  });
});
